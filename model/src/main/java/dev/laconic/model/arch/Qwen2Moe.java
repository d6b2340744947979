package dev.laconic.model.arch;

import dev.laconic.kernels.Rope;
import dev.laconic.model.block.MixtureOfExperts;
import dev.laconic.model.block.MixtureOfExperts.Gating;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * Qwen 1.5 and 2 mixtures: Qwen 2 with experts (softmax over all, the chosen weights as they are) and an expert that all
 * tokens pass, weighted by a sigmoid.
 */
final class Qwen2Moe {
    private Qwen2Moe() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer, Parts.attention(weights, layer).rope(rope), experts(weights, layer)::apply))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }

    private static MixtureOfExperts experts(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        int inner = h.sharedExpertFeedForward().orElseGet(() -> h.feedForward(layer));
        var shared = new MixtureOfExperts.Shared(
                Parts.shared(weights, layer, inner).expert(),
                Optional.of(weights.rowLinear(Weights.layer(layer, "ffn_gate_inp_shexp"), h.width())));
        return Parts.mixture(
                weights, layer, h.expertFeedForward(layer), Parts.routing(h, Gating.SOFTMAX, false),
                Optional.of(shared));
    }
}
