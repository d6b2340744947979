package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.FeedForward;
import dev.laconic.model.block.MixtureOfExperts;
import dev.laconic.model.block.Reach;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * Llama 1 to 3, Mistral and Mixtral: RMS norms, rotary positions on interleaved pairs, SiLU-gated feed-forward, dense or
 * of experts (softmax over all, the chosen weights normalised), a sliding window where the file names one.
 */
final class Llama {
    private Llama() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.INTERLEAVED));
        Reach reach = h.integer("attention.sliding_window", 0, Integer.MAX_VALUE)
                .filter(size -> size > 0)
                .map(Reach::sliding)
                .orElse(Reach.FULL);
        return Transformer.decoder(weights)
                .layers(layer -> {
                    SelfAttention attention =
                            Parts.attention(weights, layer).rope(rope).reach(reach).build();
                    return new PreNormLayer(
                            weights.rmsNorm(Weights.layer(layer, "attn_norm"), h.width()),
                            attention,
                            weights.rmsNorm(Weights.layer(layer, "ffn_norm"), h.width()),
                            feedForward(weights, layer));
                })
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }

    private static PreNormLayer.Branch feedForward(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        if (h.experts() == 0) {
            FeedForward dense = Parts.gated(weights, layer, Activation.SILU);
            return dense::apply;
        }
        MixtureOfExperts experts = Parts.mixture(weights, layer, h.feedForward(layer),
                new MixtureOfExperts.Routing(MixtureOfExperts.Gating.SOFTMAX, h.expertsUsed(), true, 1f, false),
                Optional.empty());
        return experts::apply;
    }
}
