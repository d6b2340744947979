package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/**
 * Nemotron 3 and 4, Minitron: layer norms, rotary positions on part of a head, plain feed-forward with squared ReLU.
 */
final class Nemotron {
    private Nemotron() {}

    static Architecture build(Weights weights) {
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        return Transformer.decoder(weights)
                .layers(layer -> Parts.layerNormLayer(
                        weights, layer, Parts.attention(weights, layer).rope(rope),
                        Parts.plain(weights, layer, Activation.RELU_SQUARED)::apply))
                .outputNorm(weights.layerNorm("output_norm", weights.parameters().width()))
                .build();
    }
}
