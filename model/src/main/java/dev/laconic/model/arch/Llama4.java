package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.MixtureOfExperts;
import dev.laconic.model.block.MixtureOfExperts.Gating;
import dev.laconic.model.block.Norm;
import dev.laconic.model.block.Reach;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * Llama 4: every so many layers one of experts (the sigmoid of the router's logits multiplies what goes in) with an
 * expert that all tokens pass. Three of four layers attend within chunks, turn queries and keys and then normalise their
 * heads; the fourth sees everything, has no positions, and its queries grow with their position.
 */
final class Llama4 {
    private static final int CHUNK = 8192;
    private static final int PERIOD = 4;
    private static final double TEMPERATURE = 0.1;
    private static final int EXPERTS_OF_MAVERICK = 128;

    private Llama4() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.INTERLEAVED));
        boolean chunked = h.integer("attention.sliding_window", 0, Integer.MAX_VALUE).orElse(CHUNK) > 0;
        boolean[] local = chunked ? h.slidingLayers(PERIOD, false) : new boolean[h.layers()];
        int step = h.requireInt("interleave_moe_layer_step", 0, h.layers());
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer, attention(weights, layer, rope, chunked, local[layer]),
                        step > 0 && (layer + 1) % step == 0
                                ? experts(weights, layer)::apply
                                : Parts.gated(weights, layer, Activation.SILU)::apply))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }

    private static SelfAttention.Builder attention(
            Weights weights, int layer, Rope rope, boolean chunked, boolean local) {
        HyperParameters h = weights.parameters();
        SelfAttention.Builder attention =
                Parts.attention(weights, layer).reach(local ? Reach.chunked(CHUNK) : Reach.FULL);
        if (chunked && (layer + 1) % PERIOD == 0)
            return attention.rope(Ropes.NONE)
                    .queryScale(position -> (float) (Math.log((position + 1) / CHUNK + 1) * TEMPERATURE + 1));
        attention.rope(rope);
        if (h.experts() == EXPERTS_OF_MAVERICK) return attention;
        Optional<Norm> norm = Optional.of(Norm.rms(h.keyDimension(), h.rmsEpsilon()));
        return attention.norms(norm, norm).normAfterRope();
    }

    private static MixtureOfExperts experts(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        int inner = h.expertFeedForward(layer);
        return Parts.mixture(
                weights, layer, inner, Parts.routing(h, Gating.SIGMOID, false).weightingInput(),
                Optional.of(Parts.shared(weights, layer, inner)));
    }
}
