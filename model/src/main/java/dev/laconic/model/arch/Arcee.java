package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/** Arcee: Llama with a plain feed-forward part and squared ReLU. */
final class Arcee {
    private Arcee() {}

    static Architecture build(Weights weights) {
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.INTERLEAVED));
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer, Parts.attention(weights, layer).rope(rope),
                        Parts.plain(weights, layer, Activation.RELU_SQUARED)::apply))
                .outputNorm(weights.rmsNorm("output_norm", weights.parameters().width()))
                .build();
    }
}
