package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.FeedForward;
import dev.laconic.model.block.Norm;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * StableLM: layer norms, rotary positions on part of a head, SiLU-gated feed-forward. StableLM 2 12B normalises the heads
 * of queries and keys, each with a weight of its own, and has no norm before the feed-forward part, which then reads
 * what attention reads.
 */
final class StableLm {
    private StableLm() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        return Transformer.decoder(weights)
                .layers(layer -> layer(weights, layer, rope))
                .outputNorm(weights.layerNorm("output_norm", h.width()))
                .build();
    }

    private static Transformer.Layer layer(Weights weights, int layer, Rope rope) {
        HyperParameters h = weights.parameters();
        Norm norm = Parts.layerNorm(weights, layer, "attn_norm");
        SelfAttention attention = Parts.attention(weights, layer)
                .norms(weights.optionalHeadNorms(
                                Weights.layer(layer, "attn_q_norm"), h.heads(layer), h.keyDimension()),
                        weights.optionalHeadNorms(
                                Weights.layer(layer, "attn_k_norm"), h.kvHeads(layer), h.keyDimension()))
                .rope(rope)
                .build();
        FeedForward feedForward = Parts.gated(weights, layer, Activation.SILU);
        Optional<Norm> second = weights.optionalLayerNorm(Weights.layer(layer, "ffn_norm"), h.width());
        return second.isPresent()
                ? new PreNormLayer(norm, attention, second.get(), feedForward::apply)
                : new ParallelLayer(norm, attention, feedForward::apply);
    }
}
