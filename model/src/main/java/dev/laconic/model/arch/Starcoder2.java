package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/**
 * StarCoder 2: layer norms, rotary positions, plain GELU feed-forward, biases, a sliding window where the file names
 * one.
 */
final class Starcoder2 {
    private Starcoder2() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        return Transformer.decoder(weights)
                .layers(layer -> Parts.layerNormLayer(
                        weights, layer, Parts.attention(weights, layer).rope(rope).reach(Parts.window(h, true)),
                        Parts.plain(weights, layer, Activation.GELU_TANH)::apply))
                .outputNorm(weights.layerNorm("output_norm", h.width()))
                .build();
    }
}
