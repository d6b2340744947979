package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/**
 * MPT: ALiBi or learned positions, layer norms, plain GELU feed-forward, queries, keys and values clamped where the
 * file says so.
 */
final class Mpt {
    private Mpt() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Transformer.Builder builder = Transformer.decoder(weights);
        boolean learned = weights.has("position_embd.weight");
        if (learned) builder.positions("position_embd.weight");
        float maxBias = h.number("attention.max_alibi_bias").orElse(0.0).floatValue();
        return builder.layers(layer -> {
                    SelfAttention.Builder attention = Parts.attention(weights, layer)
                            .clamp(h.clamp())
                            .norms(weights.optionalLayerNorm(
                                            Weights.layer(layer, "attn_q_norm"), h.heads(layer) * h.keyDimension()),
                                    weights.optionalLayerNorm(
                                            Weights.layer(layer, "attn_k_norm"), h.kvHeads(layer) * h.keyDimension()));
                    if (!learned) attention.rope(Ropes.NONE);
                    if (maxBias > 0) attention.bias(Parts.alibi(h, layer, maxBias));
                    return Parts.layerNormLayer(
                            weights, layer, attention, Parts.plain(weights, layer, Activation.GELU_TANH)::apply);
                })
                .outputNorm(weights.layerNorm("output_norm", h.width()))
                .build();
    }
}
