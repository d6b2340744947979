package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Weights;

/**
 * BERT, and RoBERTa and XLM-RoBERTa under the same name: learned positions and segments, layer norms after each branch,
 * GELU. Position 0 is the table's first row: a RoBERTa file has lost the rows that its padding token reserves.
 */
final class Bert {
    private Bert() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Transformer.Builder builder = Transformer.encoder(weights)
                .positions("position_embd.weight")
                .embeddingNorm(weights.layerNorm("token_embd_norm", h.width()));
        if (weights.has("token_types.weight")) builder.types("token_types.weight");
        return builder.layers(layer -> new PostNormLayer(
                        Parts.attention(weights, layer).build(),
                        weights.layerNorm(Weights.layer(layer, "attn_output_norm"), h.width()),
                        Parts.plain(weights, layer, Activation.GELU_TANH)::apply,
                        weights.layerNorm(Weights.layer(layer, "layer_output_norm"), h.width())))
                .build();
    }
}
