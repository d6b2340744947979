package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/** Orion: Qwen 2 with layer norms. */
final class Orion {
    private Orion() {}

    static Architecture build(Weights weights) {
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        return Transformer.decoder(weights)
                .layers(layer -> Parts.layerNormLayer(
                        weights, layer, Parts.attention(weights, layer).rope(rope),
                        Parts.gated(weights, layer, Activation.SILU)::apply))
                .outputNorm(weights.layerNorm("output_norm", weights.parameters().width()))
                .build();
    }
}
