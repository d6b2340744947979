package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.model.load.Weights;

/**
 * GPT-2: learned positions, layer norms before each branch, plain GELU feed-forward. StarCoder 1 shares keys and values
 * among all heads.
 */
final class Gpt2 {
    private Gpt2() {}

    static Architecture build(Weights weights) {
        return Transformer.decoder(weights)
                .positions("position_embd.weight")
                .layers(layer -> Parts.layerNormLayer(
                        weights, layer, Parts.attention(weights, layer),
                        Parts.plain(weights, layer, Activation.GELU_TANH)::apply))
                .outputNorm(weights.layerNorm("output_norm", weights.parameters().width()))
                .build();
    }
}
