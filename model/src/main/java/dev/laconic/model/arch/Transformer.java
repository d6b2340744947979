package dev.laconic.model.arch;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.kernels.Rope;
import dev.laconic.model.Mask;
import dev.laconic.model.Rows;
import dev.laconic.model.State.Buffer;
import dev.laconic.model.State;
import dev.laconic.model.block.Attention;
import dev.laconic.model.block.CrossAttention;
import dev.laconic.model.block.Linear;
import dev.laconic.model.block.Norm;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.Weights;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What nearly all architectures share: token embedding (scaled, with learned positions or a norm), a stack of layers, a
 * final norm, and a head that may be the embedding itself.
 */
public final class Transformer implements Architecture {

    /** One layer of the stack. */
    public interface Layer {
        void apply(State state);

        SelfAttention attention();

        /** The buffer that attention reads, filled from HIDDEN where it is another. */
        Buffer beforeAttention(State state);

        /** Attention over an encoder's output, in layers that have it. */
        default Optional<CrossAttention> cross() {
            return Optional.empty();
        }
    }

    private final Tensor embedding;
    private final float embeddingScale;
    private final Optional<Tensor> positions;
    private final Optional<Tensor> types;
    private final Optional<Norm> embeddingNorm;
    private final List<Layer> layers;
    private final Optional<Norm> outputNorm;
    private final Optional<Linear> head;
    private final float logitScale;
    private final float logitSoftcap;
    private final Mask mask;
    private final List<Attention.Spec> attentions;
    private final Optional<Architecture> encoder;
    private final State.RowOperation embedTokens = this::embedTokens;

    private Transformer(Builder builder) {
        embedding = builder.embedding;
        embeddingScale = builder.embeddingScale;
        positions = builder.positions;
        types = builder.types;
        embeddingNorm = builder.embeddingNorm;
        layers = List.copyOf(builder.layers);
        outputNorm = builder.outputNorm;
        head = builder.head;
        logitScale = builder.logitScale;
        logitSoftcap = builder.logitSoftcap;
        mask = builder.mask;
        List<Attention.Spec> specs = new ArrayList<>(layers.size());
        for (Layer layer : layers) specs.add(layer.attention().spec());
        attentions = Collections.unmodifiableList(specs);
        encoder = builder.encoder;
    }

    @Override
    public int width() {
        return embedding.columns();
    }

    @Override
    public int vocabulary() {
        return embedding.rows();
    }

    @Override
    public int layers() {
        return layers.size();
    }

    @Override
    public int positions() {
        return positions.isPresent() ? positions.get().rows() : Integer.MAX_VALUE;
    }

    @Override
    public int segments() {
        return types.isPresent() ? types.get().rows() : 1;
    }

    @Override
    public Mask mask() {
        return mask;
    }

    @Override
    public void embed(State state) {
        Rows rows = state.rows();
        int width = width();
        state.forRows(embedTokens, Buffer.HIDDEN, Buffer.HIDDEN, rows.size());
        if (types.isPresent() || positions.isPresent()) {
            float[] added = state.reserve(Buffer.BRANCH, width);
            for (int row = 0; row < rows.size(); row++) {
                if (types.isPresent()) addRow(state, types.get(), rows.segment(row), added, row);
                if (positions.isPresent()) addRow(state, positions.get(), rows.position(row), added, row);
            }
        }
        if (embeddingNorm.isPresent()) embeddingNorm.get().apply(state, Buffer.HIDDEN, Buffer.HIDDEN);
    }

    private void embedTokens(State state, Buffer in, Buffer out, int fromRow, int toRow) {
        Rows rows = state.rows();
        int width = width();
        float[] hidden = state.hidden();
        for (int row = fromRow; row < toRow; row++)
            if (rows.hasToken(row)) {
                state.kernels().row(embedding, rows.token(row), hidden, row * width);
                if (embeddingScale != 1f) state.kernels().scale(embeddingScale, hidden, row * width, width);
            }
    }

    private void addRow(State state, Tensor table, int index, float[] scratch, int row) {
        state.kernels().row(table, index, scratch, 0);
        state.kernels().addScaled(1f, scratch, 0, state.hidden(), row * width(), width());
    }

    @Override
    public void layer(State state, int layer) {
        layers.get(layer).apply(state);
    }

    @Override
    public void normalise(State state, Buffer buffer, int count) {
        if (outputNorm.isPresent()) outputNorm.get().apply(state, buffer, buffer, count);
    }

    @Override
    public void head(State state, Buffer normalised, int count, float[] logits) {
        Linear output = head.orElseThrow();
        output.apply(state, state.values(normalised), 0, width(), count, logits, 0, output.outputs());
        int n = count * output.outputs();
        if (logitScale != 1f) state.kernels().scale(logitScale, logits, 0, n);
        if (logitSoftcap > 0)
            for (int i = 0; i < n; i++) logits[i] = logitSoftcap * (float) Math.tanh(logits[i] / logitSoftcap);
    }

    @Override
    public boolean hasHead() {
        return head.isPresent();
    }

    @Override
    public List<Attention.Spec> attentions() {
        return attentions;
    }

    @Override
    public Optional<Rope> rope(int layer) {
        return layers.get(layer).attention().rope();
    }

    @Override
    public void queries(State state, int layer) {
        Layer of = layers.get(layer);
        of.attention().queries(state, of.beforeAttention(state));
    }

    @Override
    public void keysAndValues(State state, int layer) {
        Layer of = layers.get(layer);
        of.attention().keysAndValues(state, of.beforeAttention(state));
    }

    @Override
    public Optional<Architecture> encoder() {
        return encoder;
    }

    @Override
    public List<Attention.Spec> crossAttentions() {
        List<Attention.Spec> specs = new ArrayList<>();
        for (Layer layer : layers) layer.cross().ifPresent(cross -> specs.add(cross.spec()));
        return Collections.unmodifiableList(specs);
    }

    @Override
    public void encode(State encoded, Buffer normalised, int layer) {
        layers.get(layer).cross().orElseThrow().encode(encoded, normalised);
    }

    /**
     * A decoder, causal unless the file says otherwise: the embedding {@code token_embd}, the norm to come, and the head
     * {@code output} or the embedding.
     */
    public static Builder decoder(Weights weights) {
        Builder builder = new Builder(weights);
        if (!weights.parameters().bool("attention.causal").orElse(true)) builder.mask = Mask.BIDIRECTIONAL;
        int vocabulary = builder.embedding.rows();
        int width = weights.parameters().width();
        builder.head = Optional.of(weights.optionalLinear("output", vocabulary, width)
                .orElseGet(() -> new Linear(builder.embedding, weights.optionalVector("output.bias", vocabulary))));
        return builder;
    }

    /** A network without a head, whose rows see the whole text. */
    public static Builder encoder(Weights weights) {
        Builder builder = new Builder(weights);
        builder.mask = Mask.BIDIRECTIONAL;
        return builder;
    }

    /** Collects the parts around the layers. */
    public static final class Builder {
        private final Weights weights;
        private final Tensor embedding;
        private final List<Layer> layers = new ArrayList<>();
        private float embeddingScale = 1f;
        private Optional<Tensor> positions = Optional.empty();
        private Optional<Tensor> types = Optional.empty();
        private Optional<Norm> embeddingNorm = Optional.empty();
        private Optional<Norm> outputNorm = Optional.empty();
        private Optional<Linear> head = Optional.empty();
        private float logitScale = 1f;
        private float logitSoftcap;
        private Mask mask = Mask.CAUSAL;
        private Optional<Architecture> encoder = Optional.empty();

        private Builder(Weights weights) {
            this.weights = weights;
            this.embedding = weights.embedding("token_embd.weight", weights.parameters().width());
        }

        public Builder embeddingScale(float scale) {
            embeddingScale = scale;
            return this;
        }

        /** Learned positions, one row each. */
        public Builder positions(String name) {
            positions = Optional.of(weights.embedding(name, embedding.columns()));
            return this;
        }

        /** Learned segments, one row each. */
        public Builder types(String name) {
            types = Optional.of(weights.embedding(name, embedding.columns()));
            return this;
        }

        public Builder embeddingNorm(Norm norm) {
            embeddingNorm = Optional.of(norm);
            return this;
        }

        /** Adds the layers, first to last. */
        public Builder layers(java.util.function.IntFunction<Layer> layer) {
            return layers(weights.parameters().layers(), layer);
        }

        /** Adds this many layers, first to last. */
        public Builder layers(int count, java.util.function.IntFunction<Layer> layer) {
            for (int i = 0; i < count; i++) layers.add(layer.apply(i));
            return this;
        }

        /** Names the encoder whose output the layers' cross-attention reads. */
        public Builder listeningTo(Architecture newEncoder) {
            encoder = Optional.of(newEncoder);
            return this;
        }

        public Builder outputNorm(Norm norm) {
            outputNorm = Optional.of(norm);
            return this;
        }

        public Builder logitScale(float scale) {
            logitScale = scale;
            return this;
        }

        /** {@code logit = softcap * tanh(logit / softcap)}; 0 for none. */
        public Builder logitSoftcap(float softcap) {
            logitSoftcap = softcap;
            return this;
        }

        public Builder mask(Mask newMask) {
            mask = newMask;
            return this;
        }

        public Transformer build() {
            return new Transformer(this);
        }
    }
}
