package dev.laconic.model;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UsageException;
import dev.laconic.format.ModelFile;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.Rope;
import dev.laconic.model.State.Buffer;
import dev.laconic.model.arch.Architecture;
import dev.laconic.model.arch.Architectures;
import dev.laconic.model.block.Attention;
import dev.laconic.model.kv.KvCache;
import dev.laconic.model.kv.KvFormat;
import dev.laconic.model.kv.PagePool;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Weights;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A language model ready to run. Three verbs carry rows through it:
 *
 * <pre>{@code
 * Rows rows = new Rows().append(sequence, ids, 0, ids.length, false);
 * State state = model.embed(rows);
 * model.advance(state, 0, model.layers());
 * Logits logits = model.project(state);
 * }</pre>
 *
 * <p>The model itself is immutable and may be used by several threads, each with states and sequences of its own.
 */
public final class Model implements AutoCloseable {
    private final ModelFile file;
    private final Kernels kernels;
    private final HyperParameters parameters;
    private final Architecture architecture;
    private final PagePool pool = new PagePool();
    private final Optional<Model> encoder;

    private Model(
            ModelFile file, Kernels kernels, HyperParameters parameters, Architecture architecture) {
        this.file = file;
        this.kernels = kernels;
        this.parameters = parameters;
        this.architecture = architecture;
        this.encoder = architecture.encoder().map(each -> new Model(file, kernels, parameters, each));
    }

    /**
     * Builds the network that an open file describes; the model closes the file when it is closed itself.
     *
     * @param context positions to run at, for models with different rotary factors for short and long contexts
     */
    public static Model of(ModelFile file, Kernels kernels, Optional<Integer> context) {
        try {
            Architectures.require(file.metadata());
            Weights weights = new Weights(file, kernels, context);
            Architecture architecture = Architectures.build(weights);
            return new Model(file, kernels, weights.parameters(), architecture);
        } catch (Throwable failure) {
            file.close();
            throw failure;
        }
    }

    public ModelFile file() {
        return file;
    }

    public HyperParameters parameters() {
        return parameters;
    }

    public Architecture architecture() {
        return architecture;
    }

    public Kernels kernels() {
        return kernels;
    }

    public int layers() {
        return architecture.layers();
    }

    public int vocabulary() {
        return architecture.vocabulary();
    }

    /** The encoder of an encoder-decoder model, which this model closes. */
    public Optional<Model> encoder() {
        return encoder;
    }

    /** The token that the decoder of an encoder-decoder model begins with. */
    public Optional<Integer> decoderStart() {
        return parameters.integer("decoder_start_token_id", 0, vocabulary() - 1);
    }

    /** The pages of all sequences of this model. */
    public PagePool pool() {
        return pool;
    }

    /** An empty sequence whose keys and values are kept in f16. */
    public Sequence newSequence() {
        return newSequence(KvType.F16, KvType.F16);
    }

    /** An empty sequence that stores its keys and values in these types. */
    public Sequence newSequence(KvType keys, KvType values) {
        List<Attention.Spec> crosses = architecture.crossAttentions();
        Optional<KvCache> cross =
                crosses.isEmpty() ? Optional.empty() : Optional.of(newCache(crosses, keys, values));
        return new Sequence(newCache(architecture.attentions(), keys, values), cross, SequenceHooks.NONE);
    }

    private KvCache newCache(List<Attention.Spec> specs, KvType keys, KvType values) {
        KvFormat[][] formats = new KvFormat[layers()][0];
        for (Attention.Spec spec : specs) {
            formats[spec.layer()] = new KvFormat[spec.kvHeads()];
            for (int head = 0; head < spec.kvHeads(); head++)
                formats[spec.layer()][head] = new KvFormat(keys, values, spec.keyDimension(), spec.valueDimension(),
                        KvFormat.DEFAULT_ENTRIES_PER_PAGE);
        }
        return new KvCache(pool, kernels, formats);
    }

    /**
     * Runs the encoder over a text of at least one token and leaves its keys and values in the sequence's cross cache, in
     * place of what was there; the three verbs then run the decoder.
     *
     * @throws UsageException if the model has no encoder
     */
    public void encode(Sequence sequence, int[] ids) {
        Model of = encoder.orElseThrow(() -> new UsageException(parameters.architecture() + " has no encoder"));
        if (ids.length == 0) throw new UsageException("a text without tokens cannot be encoded");
        KvCache cross = sequence.crossCache().orElseThrow();
        try (Sequence text = of.newSequence(KvType.F32, KvType.F32)) {
            State state = of.embed(new Rows().append(text, of.architecture.mask(), ids, 0, ids.length, false));
            of.advance(state);
            of.normalise(state);
            cross.truncate(0);
            for (Attention.Spec spec : architecture.crossAttentions()) {
                architecture.encode(state, Buffer.NORMED, spec.layer());
                for (int head = 0; head < spec.kvHeads(); head++)
                    cross.head(spec.layer(), head).append(
                            state.values(Buffer.KEY), head * spec.keyDimension(), state.width(Buffer.KEY),
                            state.values(Buffer.VALUE), head * spec.valueDimension(), state.width(Buffer.VALUE),
                            state.rows().positions(), 0, ids.length);
            }
        }
    }

    /** Moves everything a sequence has cached by {@code delta} positions. */
    public void rotate(Sequence sequence, int delta) {
        int length = Math.addExact(sequence.length(), delta);
        if (length < 0) throw new IllegalArgumentException("cannot move " + sequence.length() + " positions by " + delta);
        for (Attention.Spec spec : architecture.attentions()) {
            Rope rope = architecture.rope(spec.layer()).orElseThrow(() ->
                    new UsageException(parameters.architecture() + " ties cached keys to their positions: they cannot be moved"));
            sequence.cache().rotate(spec.layer(), delta, rope);
        }
        sequence.length(length);
    }

    /** An empty state for this model's rows. */
    public State newState() {
        return new State(kernels);
    }

    /** Rows to hidden rows, in a state of their own. */
    public State embed(Rows rows) {
        return embed(rows, newState());
    }

    /** Rows to hidden rows, in a state that is used again; its former contents are gone. */
    public State embed(Rows rows, State state) {
        check(rows);
        state.begin(rows, layers());
        int width = architecture.width();
        float[] hidden = state.reserve(Buffer.HIDDEN, width);
        for (int row = 0; row < rows.size(); row++)
            if (!rows.hasToken(row)) System.arraycopy(rows.embedding(row), 0, hidden, row * width, width);
        architecture.embed(state);
        return state;
    }

    /**
     * Rows that passed the layers before {@code layer} in steps of their own, in a state that is used again.
     *
     * @param hidden what came out of those layers; row r begins at {@code offset + r * width}
     */
    public State resume(Rows rows, int layer, float[] hidden, int offset, State state) {
        Objects.checkIndex(layer, layers());
        check(rows);
        state.begin(rows, layers());
        int width = architecture.width();
        System.arraycopy(hidden, offset, state.reserve(Buffer.HIDDEN, width), 0, rows.size() * width);
        state.layer(layer);
        return state;
    }

    /** The rotated keys and the values of the layer that the rows come to next, into KEY and VALUE; nothing is cached. */
    public void keysAndValues(State state) {
        architecture.keysAndValues(state, state.layer());
    }

    private void check(Rows rows) {
        for (int span = 0; span < rows.spans(); span++)
            if (rows.sequence(span).crossCache().filter(cross -> cross.entries() == 0).isPresent())
                throw new UsageException("a text must be encoded before the decoder can run");
        for (int row = 0; row < rows.size(); row++) {
            if (rows.hasToken(row) && (rows.token(row) < 0 || rows.token(row) >= vocabulary()))
                throw new UsageException(
                        "token id " + rows.token(row) + " is not one of the model's " + vocabulary() + " tokens");
            if (!rows.hasToken(row) && rows.embedding(row).length != architecture.width())
                throw new UsageException("an embedding of " + rows.embedding(row).length + " elements was given to a model"
                        + " of width " + architecture.width());
            if (rows.position(row) >= architecture.positions())
                throw new UsageException("the model knows " + architecture.positions() + " positions; the text has a token at "
                        + rows.position(row));
            if (rows.segment(row) >= architecture.segments())
                throw new UsageException("the model tells " + architecture.segments() + " segments apart; the text has segment "
                        + rows.segment(row));
        }
    }

    /** Runs layers {@code from} to {@code to}, not including {@code to}, which must follow on where the state stands. */
    public void advance(State state, int from, int to) {
        if (from != state.layer() || to < from || to > layers())
            throw new IllegalArgumentException("cannot run layers " + from + " to " + to + ": the rows stand before layer "
                    + state.layer() + " of " + layers());
        for (int layer = from; layer < to; layer++) {
            lookAhead(state, layer + 1);
            architecture.layer(state, layer);
            state.layer(layer + 1);
        }
        if (to == layers()) finish(state);
    }

    private void lookAhead(State state, int layer) {
        Rows rows = state.rows();
        boolean wanted = false;
        for (int span = 0; span < rows.spans() && layer < layers(); span++)
            wanted |= rows.sequence(span).hooks().wantsQueriesAhead(layer);
        if (!wanted) return;
        architecture.queries(state, layer);
        int width = state.width(Buffer.QUERY);
        for (int span = 0; span < rows.spans(); span++) {
            Sequence sequence = rows.sequence(span);
            int start = rows.start(span);
            if (sequence.hooks().wantsQueriesAhead(layer))
                sequence.hooks().queriesAhead(
                        layer, sequence, rows.end(span) - start, state.values(Buffer.QUERY), start * width, width);
        }
    }

    private static void finish(State state) {
        for (int span = 0; span < state.rows().spans(); span++) {
            Sequence sequence = state.rows().sequence(span);
            sequence.hooks().afterStep(sequence, state.firstPosition(span), state.computed(span));
        }
    }

    /** Runs all layers. */
    public void advance(State state) {
        advance(state, 0, layers());
    }

    /**
     * Final norm and head, for the rows that asked for logits; valid until the state's next projection.
     *
     * @throws MalformedInputException if the weights give something else than finite logits
     */
    public Logits project(State state) {
        if (!architecture.hasHead())
            throw new UsageException(parameters.architecture() + " is an encoder: it has embeddings and no logits");
        int width = architecture.width();
        Rows rows = state.rows();
        float[] gathered = state.reserve(Buffer.NORMED, width);
        int count = 0;
        for (int row = 0; row < rows.size(); row++)
            if (rows.wantsLogits(row)) System.arraycopy(state.hidden(), row * width, gathered, count++ * width, width);
        float[] values = state.logits().reserve(count, vocabulary());
        architecture.normalise(state, Buffer.NORMED, count);
        architecture.head(state, Buffer.NORMED, count, values);
        requireNumbers(values, count * vocabulary());
        return state.logits();
    }

    /** Refuses NaN and positive infinity: damaged weights show here at the latest. */
    private void requireNumbers(float[] values, int count) {
        boolean numbers = true;
        for (int i = 0; i < count; i++) numbers &= values[i] < Float.POSITIVE_INFINITY;
        if (!numbers)
            throw new MalformedInputException(parameters.metadata().source(), "logits", "values that are no numbers",
                    "finite values: weights are damaged, or too large for float32");
    }

    /** The final norm of every row: row r of the result begins at {@code r * width}. */
    public float[] normalise(State state) {
        int width = architecture.width();
        float[] normed = state.reserve(Buffer.NORMED, width);
        System.arraycopy(state.hidden(), 0, normed, 0, state.size() * width);
        architecture.normalise(state, Buffer.NORMED, state.size());
        return normed;
    }

    @Override
    public void close() {
        file.close();
    }
}
