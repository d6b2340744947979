package dev.laconic.model;

import dev.laconic.core.error.UsageException;
import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.model.block.Linear;
import dev.laconic.model.block.Norm;
import dev.laconic.model.load.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Turns texts into vectors: one for each token, or one for the whole text. Several texts go through the model in one
 * step, and each gets the vector it would have got alone. Belongs to one thread at a time.
 */
public final class Embedder {
    /** How the vectors of a text's tokens become one. */
    public enum Pooling {
        /** Their mean. */
        MEAN,
        /** The first token's. */
        CLS,
        /** The last token's. */
        LAST,
        /** What the model's classification head says of the text: scores, one for each class. */
        RANK
    }

    /** Order of GGUF's {@code pooling_type} from 1 on; 0 stands for none. */
    private static final Pooling[] CODES = Pooling.values();

    private static final int ROWS_PER_STEP = 2048;

    private final Model model;
    private final Pooling pooling;
    private final boolean normalised;
    private final Optional<Head> head;
    private final State state;

    private Embedder(Model model, Pooling pooling, boolean normalised) {
        this.model = model;
        this.pooling = pooling;
        this.normalised = normalised;
        this.head = pooling == Pooling.RANK ? Optional.of(Head.of(model)) : Optional.empty();
        this.state = new State(model.kernels());
    }

    /**
     * Pools as the model's {@code pooling_type} says; where it says nothing, the mean of an encoder's vectors or the last
     * of a decoder's. Vectors are left as long as they come. Of an encoder-decoder model the encoder is asked.
     */
    public static Embedder of(Model whole) {
        Model model = whole.encoder().orElse(whole);
        Pooling usual = causal(model) ? Pooling.LAST : Pooling.MEAN;
        int code = model.parameters().integer("pooling_type", 0, CODES.length).orElse(0);
        return new Embedder(model, code == 0 ? usual : CODES[code - 1], false);
    }

    /** @throws UsageException for {@link Pooling#RANK} if the model has no classification head */
    public Embedder withPooling(Pooling newPooling) {
        return new Embedder(model, newPooling, normalised);
    }

    /** Scales pooled vectors to Euclidean length 1; scores of {@link Pooling#RANK} stay as they are. */
    public Embedder normalised() {
        return new Embedder(model, pooling, true);
    }

    public Pooling pooling() {
        return pooling;
    }

    /** Elements of a pooled vector. */
    public int dimension() {
        return head.map(Head::outputs).orElse(model.architecture().width());
    }

    /** The vector of a text of at least one token. */
    public float[] embed(int[] ids) {
        return embed(List.of(ids)).getFirst();
    }

    /**
     * The vector of a pair of texts, for encoders that tell the first from the second.
     *
     * @param segments 0 for each token of the first text, 1 for each of the second
     */
    public float[] embed(int[] ids, int[] segments) {
        if (ids.length != segments.length)
            throw new UsageException(ids.length + " tokens have " + segments.length + " segments");
        return pool(run(List.of(ids), List.of(segments)), 0, ids.length);
    }

    /** The vectors of several texts, each of at least one token. */
    public List<float[]> embed(List<int[]> texts) {
        List<float[]> vectors = new ArrayList<>(texts.size());
        int from = 0;
        while (from < texts.size()) {
            int to = from;
            int rows = 0;
            while (to < texts.size() && (to == from || rows + texts.get(to).length <= ROWS_PER_STEP))
                rows += texts.get(to++).length;
            float[] hidden = run(texts.subList(from, to), List.of());
            int row = 0;
            for (int[] ids : texts.subList(from, to)) {
                vectors.add(pool(hidden, row, ids.length));
                row += ids.length;
            }
            from = to;
        }
        return vectors;
    }

    /** The vector of each token of a text of at least one token, after the model's final norm. */
    public List<float[]> embedTokens(int[] ids) {
        int width = model.architecture().width();
        float[] hidden = run(List.of(ids), List.of());
        List<float[]> vectors = new ArrayList<>(ids.length);
        for (int row = 0; row < ids.length; row++)
            vectors.add(Arrays.copyOfRange(hidden, row * width, (row + 1) * width));
        return vectors;
    }

    /** @param segments of the texts; none where all tokens are of the first */
    private float[] run(List<int[]> texts, List<int[]> segments) {
        List<Sequence> sequences = new ArrayList<>(texts.size());
        try {
            Rows rows = new Rows();
            for (int[] ids : texts) {
                if (ids.length == 0) throw new UsageException("a text without tokens has no embedding");
                Sequence sequence = model.newSequence(KvType.F32, KvType.F32);
                sequences.add(sequence);
                rows.span(sequence, model.architecture().mask());
                for (int i = 0; i < ids.length; i++) {
                    rows.token(ids[i], i, false);
                    if (!segments.isEmpty()) rows.inSegment(segments.get(sequences.size() - 1)[i]);
                }
            }
            model.embed(rows, state);
            model.advance(state);
            return model.normalise(state);
        } finally {
            sequences.forEach(Sequence::close);
        }
    }

    private float[] pool(float[] hidden, int row, int count) {
        int width = model.architecture().width();
        Kernels kernels = model.kernels();
        float[] vector =
                switch (pooling) {
                    case MEAN -> {
                        float[] mean = new float[width];
                        for (int i = row; i < row + count; i++)
                            kernels.addScaled(1f / count, hidden, i * width, mean, 0, width);
                        yield mean;
                    }
                    case CLS -> Arrays.copyOfRange(hidden, row * width, (row + 1) * width);
                    case LAST -> Arrays.copyOfRange(hidden, (row + count - 1) * width, (row + count) * width);
                    case RANK -> {
                        int read = causal(model) ? row + count - 1 : row;
                        yield head.orElseThrow().apply(state, Arrays.copyOfRange(hidden, read * width, (read + 1) * width));
                    }
                };
        if (normalised && pooling != Pooling.RANK) {
            float length = (float) Math.sqrt(kernels.dot(vector, 0, vector, 0, width));
            if (length > 0) kernels.scale(1 / length, vector, 0, width);
        }
        return vector;
    }

    private static boolean causal(Model model) {
        return model.architecture().mask() == Mask.CAUSAL;
    }

    /**
     * The classification head: {@code output(norm(activation(dense x)))}, of which all parts but one may be missing; a
     * decoder's scores are probabilities.
     */
    private record Head(
            Optional<Linear> dense, Activation activation, Optional<Norm> norm, Optional<Linear> output, boolean softmax) {

        static Head of(Model model) {
            Weights weights = new Weights(model.file(), model.kernels(), Optional.empty());
            int width = model.architecture().width();
            Optional<Linear> dense = weights.optionalLinear("cls", width, width);
            Optional<Norm> norm =
                    weights.has("cls.norm.weight") ? Optional.of(weights.layerNorm("cls.norm", width)) : Optional.empty();
            Optional<Linear> output = weights.has("cls.output.weight")
                    ? Optional.of(weights.linear(
                            "cls.output", weights.embedding("cls.output.weight", width).rows(), width))
                    : Optional.empty();
            if (dense.isEmpty() && output.isEmpty())
                throw new UsageException(weights.source() + ": has no classification head to rank texts with");
            boolean modern = weights.parameters().architecture().equals("modern-bert");
            return new Head(dense, modern ? Activation.GELU : Activation.TANH, norm, output, causal(model));
        }

        int outputs() {
            return output.or(() -> dense).orElseThrow().outputs();
        }

        float[] apply(State state, float[] vector) {
            float[] x = vector;
            if (dense.isPresent()) {
                x = apply(state, dense.get(), x);
                state.kernels().activate(activation, x, 0, x, 0, x.length);
            }
            if (norm.isPresent()) norm.get().apply(state, x);
            if (output.isPresent()) x = apply(state, output.get(), x);
            if (softmax) state.kernels().softmax(x, 0, x.length);
            return x;
        }

        private static float[] apply(State state, Linear linear, float[] x) {
            float[] y = new float[linear.outputs()];
            linear.apply(state, x, 0, x.length, 1, y, 0, y.length);
            return y;
        }
    }
}
