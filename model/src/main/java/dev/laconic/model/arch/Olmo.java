package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.Norm;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/** OLMo 1: Llama with layer norms that have no weights, and queries, keys and values clamped where the file says so. */
final class Olmo {
    private Olmo() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.INTERLEAVED));
        Norm norm = Norm.layer(h.width(), h.layerNormEpsilon());
        return Transformer.decoder(weights)
                .layers(layer -> new PreNormLayer(
                        norm,
                        Parts.attention(weights, layer).rope(rope).clamp(h.clamp()).build(),
                        norm,
                        Parts.gated(weights, layer, Activation.SILU)::apply))
                .outputNorm(norm)
                .build();
    }
}
