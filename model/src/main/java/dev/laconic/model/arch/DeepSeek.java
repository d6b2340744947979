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
 * DeepSeek (first version): Llama whose layers after the leading dense ones have experts (softmax over all, the chosen
 * weights scaled) and an expert that all tokens pass.
 */
final class DeepSeek {
    private DeepSeek() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.INTERLEAVED));
        int dense = h.integer("leading_dense_block_count", 0, h.layers()).orElse(0);
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer, Parts.attention(weights, layer).rope(rope),
                        layer < dense
                                ? Parts.gated(weights, layer, Activation.SILU)::apply
                                : experts(weights, layer)::apply))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }

    private static MixtureOfExperts experts(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        int inner = h.expertFeedForward(layer);
        int sharedInner = Math.multiplyExact(h.requireInt("expert_shared_count", 1, 1 << 12), inner);
        var shared = new MixtureOfExperts.Shared(Parts.sharedExpert(weights, layer, sharedInner), Optional.empty());
        return Parts.mixture(weights, layer, inner, Parts.routing(h, Gating.SOFTMAX, false), Optional.of(shared));
    }
}
