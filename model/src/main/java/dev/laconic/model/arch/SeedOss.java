package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/** Seed-OSS: Qwen 2 with heads of a size of their own. */
final class SeedOss {
    private SeedOss() {}

    static Architecture build(Weights weights) {
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        return Transformer.decoder(weights)
                .layers(layer -> new PreNormLayer(
                        Parts.rms(weights, layer, "attn_norm"),
                        Parts.attention(weights, layer).rope(rope).build(),
                        Parts.rms(weights, layer, "post_attention_norm"),
                        Parts.gated(weights, layer, Activation.SILU)::apply))
                .outputNorm(weights.rmsNorm("output_norm", weights.parameters().width()))
                .build();
    }
}
