package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.MixtureOfExperts.Gating;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Hunyuan, dense or of experts (softmax over all, the chosen weights normalised) with an expert that all tokens pass:
 * Qwen 3 whose norms on queries and keys follow the rotation. A file's {@code alpha} stretches the rotary base to
 * {@code base * alpha^(d / (d - 2))} for heads of size d.
 */
final class Hunyuan {
    private Hunyuan() {}

    static Architecture build(Weights weights) {
        return build(weights, layer -> Parts.gated(weights, layer, Activation.SILU)::apply);
    }

    static Architecture buildMoe(Weights weights) {
        HyperParameters h = weights.parameters();
        return build(weights, layer -> Parts.mixture(
                weights, layer, h.feedForward(layer), Parts.routing(h, Gating.SOFTMAX, true),
                Optional.of(Parts.shared(
                        weights, layer, h.sharedExpertFeedForward().orElseGet(() -> h.feedForward(layer)))))::apply);
    }

    private static Architecture build(Weights weights, IntFunction<PreNormLayer.Branch> feedForward) {
        HyperParameters h = weights.parameters();
        double size = h.keyDimension();
        double stretch = h.number("rope.scaling.alpha")
                .filter(alpha -> alpha > 0 && size > 2)
                .map(alpha -> Math.pow(alpha, size / (size - 2)))
                .orElse(1.0);
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES), h.ropeBase() * stretch, true);
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer,
                        Parts.attention(weights, layer)
                                .norms(Parts.headNorm(weights, layer, "attn_q_norm"),
                                        Parts.headNorm(weights, layer, "attn_k_norm"))
                                .normAfterRope()
                                .rope(rope),
                        feedForward.apply(layer)))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }
}
