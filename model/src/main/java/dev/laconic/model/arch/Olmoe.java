package dev.laconic.model.arch;

import dev.laconic.kernels.Rope;
import dev.laconic.model.block.MixtureOfExperts.Gating;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * OLMoE: RMS norms over all queries and all keys of a token, experts (softmax over all, the chosen weights as they
 * are).
 */
final class Olmoe {
    private Olmoe() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer,
                        Parts.attention(weights, layer)
                                .norms(Parts.queryNorm(weights, layer), Parts.keyNorm(weights, layer))
                                .rope(rope),
                        Parts.mixture(
                                weights, layer, h.feedForward(layer), Parts.routing(h, Gating.SOFTMAX, false),
                                Optional.empty())::apply))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }
}
