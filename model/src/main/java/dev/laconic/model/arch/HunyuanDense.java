package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/**
 * Hunyuan (dense): Qwen 3 whose norms on queries and keys follow the rotation. A file's {@code alpha} stretches the
 * rotary base to {@code base * alpha^(d / (d - 2))} for heads of size d.
 */
final class HunyuanDense {
    private HunyuanDense() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        double size = h.keyDimension();
        double stretch = h.positive("rope.scaling.alpha").map(alpha -> Math.pow(alpha, size / (size - 2))).orElse(1.0);
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES), h.ropeBase() * stretch, true);
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer,
                        Parts.attention(weights, layer)
                                .norms(Parts.headNorm(weights, layer, "attn_q_norm"),
                                        Parts.headNorm(weights, layer, "attn_k_norm"))
                                .normAfterRope()
                                .rope(rope),
                        Parts.gated(weights, layer, Activation.SILU)::apply))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }
}
