package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.MixtureOfExperts;
import dev.laconic.model.block.MixtureOfExperts.Gating;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * DeepSeek (first version), Ling and dots.1: Llama whose layers after the leading dense ones have experts and an expert
 * that all tokens pass. Files say how the router's logits become weights; in dots.1 queries and keys have RMS norms on
 * their heads, and rotary positions pair the halves of a head.
 */
final class DeepSeek {
    private DeepSeek() {}

    static Architecture build(Weights weights) {
        return build(weights, Rope.Pairing.INTERLEAVED);
    }

    static Architecture buildDots(Weights weights) {
        return build(weights, Rope.Pairing.HALVES);
    }

    private static Architecture build(Weights weights, Rope.Pairing pairing) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(pairing));
        int dense = h.integer("leading_dense_block_count", 0, h.layers()).orElse(0);
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer,
                        Parts.attention(weights, layer)
                                .norms(Parts.optionalHeadNorm(weights, layer, "attn_q_norm"),
                                        Parts.optionalHeadNorm(weights, layer, "attn_k_norm"))
                                .rope(rope),
                        layer < dense
                                ? Parts.gated(weights, layer, Activation.SILU)::apply
                                : experts(weights, layer)::apply))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }

    private static MixtureOfExperts experts(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        int inner = h.expertFeedForward(layer);
        int sharedInner = Math.multiplyExact(h.requireInt("expert_shared_count", 1, 1 << 10), inner);
        return Parts.mixture(
                weights, layer, inner, Parts.routing(h, Gating.SOFTMAX),
                Optional.of(Parts.shared(weights, layer, sharedInner)));
    }
}
