package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.MixtureOfExperts.Gating;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * Llama 1 to 3, Mistral and Mixtral: RMS norms, rotary positions on interleaved pairs, SiLU-gated feed-forward, dense or
 * of experts (softmax over all, the chosen weights normalised), a sliding window where the file names one. InternLM2,
 * XVERSE and ERNIE 4.5 differ in name only.
 */
final class Llama {
    private Llama() {}

    static Architecture build(Weights weights) {
        return build(weights, SelfAttention.QueryScale.ONE);
    }

    static Architecture build(Weights weights, SelfAttention.QueryScale queryScale) {
        return decoder(weights, queryScale).build();
    }

    static Transformer.Builder decoder(Weights weights, SelfAttention.QueryScale queryScale) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.INTERLEAVED));
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer,
                        Parts.attention(weights, layer)
                                .rope(rope)
                                .reach(Parts.window(h, true))
                                .queryScale(queryScale),
                        feedForward(weights, layer)))
                .outputNorm(weights.rmsNorm("output_norm", h.width()));
    }

    private static PreNormLayer.Branch feedForward(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        if (h.experts() == 0) return Parts.gated(weights, layer, Activation.SILU)::apply;
        return Parts.mixture(
                weights, layer, h.feedForward(layer), Parts.routing(h, Gating.SOFTMAX, true), Optional.empty())::apply;
    }
}
