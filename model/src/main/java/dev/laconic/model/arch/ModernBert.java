package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import dev.laconic.model.block.FeedForward;
import dev.laconic.model.block.Norm;
import dev.laconic.model.block.Reach;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * ModernBERT: layer norms before each branch (the first layer's attention has none), rotary positions, GELU-gated
 * feed-forward with the gate in the up matrix. Every {@code sliding_window_pattern}th layer, from the first, sees the
 * whole text; the others see half a window to either side and turn at a base of their own.
 */
final class ModernBert {
    private static final int DEFAULT_PATTERN = 3;
    private static final double DEFAULT_LOCAL_BASE = 10_000;

    private ModernBert() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope.Pairing pairing = weights.pairing(Rope.Pairing.HALVES);
        Rope global = Ropes.of(weights, pairing);
        Rope local = Ropes.of(weights, pairing, h.positive("rope.freq_base_swa").orElse(DEFAULT_LOCAL_BASE), false);
        boolean[] sliding = h.slidingLayers(DEFAULT_PATTERN, true);
        int window = h.integer("attention.sliding_window", 0, Integer.MAX_VALUE).orElse(0);
        return Transformer.encoder(weights)
                .embeddingNorm(weights.layerNorm("token_embd_norm", h.width()))
                .layers(layer -> {
                    boolean isLocal = window > 0 && sliding[layer];
                    return new Layer(
                            optionalNorm(weights, Weights.layer(layer, "attn_norm")),
                            Parts.attention(weights, layer)
                                    .rope(isLocal ? local : global)
                                    .reach(isLocal ? Reach.symmetric(window) : Reach.FULL)
                                    .build(),
                            weights.layerNorm(Weights.layer(layer, "ffn_norm"), h.width()),
                            Parts.fused(weights, layer, activation(h)));
                })
                .outputNorm(weights.layerNorm("output_norm", h.width()))
                .build();
    }

    private static Activation activation(HyperParameters h) {
        boolean silu = h.string("hidden_activation").filter("silu"::equals).isPresent();
        return silu ? Activation.SILU : Activation.GELU_TANH;
    }

    private static Optional<Norm> optionalNorm(Weights weights, String name) {
        return weights.has(name + ".weight")
                ? Optional.of(weights.layerNorm(name, weights.parameters().width()))
                : Optional.empty();
    }

    private record Layer(Optional<Norm> attentionNorm, SelfAttention attention, Norm feedForwardNorm, FeedForward feedForward)
            implements Transformer.Layer {

        @Override
        public Buffer beforeAttention(State state) {
            if (attentionNorm.isEmpty()) return Buffer.HIDDEN;
            attentionNorm.get().apply(state, Buffer.HIDDEN, Buffer.NORMED);
            return Buffer.NORMED;
        }

        @Override
        public void apply(State state) {
            attention.apply(state, beforeAttention(state), Buffer.BRANCH);
            state.addBranch(Buffer.BRANCH);
            feedForwardNorm.apply(state, Buffer.HIDDEN, Buffer.NORMED);
            feedForward.apply(state, Buffer.NORMED, Buffer.BRANCH);
            state.addBranch(Buffer.BRANCH);
        }
    }
}
