package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/**
 * Phi 1, 1.5 and 2: attention and a plain GELU feed-forward side by side behind one layer norm, rotary positions on
 * part of a head.
 */
final class Phi2 {
    private Phi2() {}

    static Architecture build(Weights weights) {
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        return Transformer.decoder(weights)
                .layers(layer -> new ParallelLayer(
                        Parts.layerNorm(weights, layer, "attn_norm"),
                        Parts.attention(weights, layer).rope(rope).build(),
                        Parts.plain(weights, layer, Activation.GELU_TANH)::apply))
                .outputNorm(weights.layerNorm("output_norm", weights.parameters().width()))
                .build();
    }
}
