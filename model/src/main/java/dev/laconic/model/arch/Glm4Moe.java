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
 * GLM 4.5: rotary positions on part of a head, RMS norms on the heads of queries and keys where the file has them, and
 * after the leading dense layers experts chosen by the sigmoids of the router's logits with a bias for each expert.
 */
final class Glm4Moe {
    private Glm4Moe() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        int dense = h.integer("leading_dense_block_count", 0, h.layers()).orElse(0);
        return Transformer.decoder(weights)
                .layers(layer -> new PreNormLayer(
                        Parts.rms(weights, layer, "attn_norm"),
                        Parts.attention(weights, layer)
                                .norms(Parts.optionalHeadNorm(weights, layer, "attn_q_norm"),
                                        Parts.optionalHeadNorm(weights, layer, "attn_k_norm"))
                                .rope(rope)
                                .build(),
                        Parts.rms(weights, layer, "post_attention_norm"),
                        layer < dense
                                ? Parts.gated(weights, layer, Activation.SILU)::apply
                                : experts(weights, layer)::apply))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }

    private static MixtureOfExperts experts(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        int inner = h.expertFeedForward(layer);
        int sharedInner = Math.multiplyExact(h.requireInt("expert_shared_count", 0, 1 << 10), inner);
        Optional<MixtureOfExperts.Shared> shared =
                sharedInner == 0 ? Optional.empty() : Optional.of(Parts.shared(weights, layer, sharedInner));
        return Parts.mixture(weights, layer, inner, Parts.routing(h, Gating.SIGMOID), shared);
    }
}
