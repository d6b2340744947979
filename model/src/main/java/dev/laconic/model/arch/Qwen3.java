package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.MixtureOfExperts.Gating;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * Qwen 3, dense or of experts (softmax over all, the chosen weights normalised): Qwen 2 without biases, with RMS norms on
 * the heads of queries and keys. Qwen 3 VL reads text like this.
 */
final class Qwen3 {
    private Qwen3() {}

    static Architecture build(Weights weights) {
        return decoder(weights, true).build();
    }

    static Transformer.Builder decoder(Weights weights, boolean normaliseExpertWeights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer,
                        Parts.attention(weights, layer)
                                .norms(Parts.headNorm(weights, layer, "attn_q_norm"),
                                        Parts.headNorm(weights, layer, "attn_k_norm"))
                                .rope(rope),
                        h.experts() == 0
                                ? Parts.gated(weights, layer, Activation.SILU)::apply
                                : Parts.mixture(
                                        weights, layer, h.expertFeedForward(layer),
                                        Parts.routing(h, Gating.SOFTMAX, normaliseExpertWeights),
                                        Optional.empty())::apply))
                .outputNorm(weights.rmsNorm("output_norm", h.width()));
    }
}
