package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.MixtureOfExperts.Gating;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/**
 * ERNIE 4.5 mixtures: Llama with experts (softmax over all, a bias for each expert in the choice, the chosen weights
 * normalised) in every so many layers after the leading dense ones, and an expert that all tokens pass.
 */
final class Ernie45Moe {
    private Ernie45Moe() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.INTERLEAVED));
        int dense = h.integer("leading_dense_block_count", 0, h.layers()).orElse(0);
        int step = h.requireInt("interleave_moe_layer_step", 1, h.layers());
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer, Parts.attention(weights, layer).rope(rope),
                        layer >= dense && (layer + 1) % step == 0
                                ? Parts.mixture(
                                        weights, layer, h.expertFeedForward(layer),
                                        Parts.routing(h, Gating.SOFTMAX, true),
                                        h.sharedExpertFeedForward()
                                                .map(inner -> Parts.shared(weights, layer, inner)))::apply
                                : Parts.gated(weights, layer, Activation.SILU)::apply))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }
}
