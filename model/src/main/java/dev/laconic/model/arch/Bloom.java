package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/** BLOOM: ALiBi, a norm on the embeddings, layer norms, plain GELU feed-forward. */
final class Bloom {
    private Bloom() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        return Transformer.decoder(weights)
                .embeddingNorm(weights.layerNorm("token_embd_norm", h.width()))
                .layers(layer -> Parts.layerNormLayer(
                        weights, layer,
                        Parts.attention(weights, layer).rope(Ropes.NONE).bias(Parts.alibi(h, layer, Parts.MAX_ALIBI_BIAS)),
                        Parts.plain(weights, layer, Activation.GELU_TANH)::apply))
                .outputNorm(weights.layerNorm("output_norm", h.width()))
                .build();
    }
}
