package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * GLM 4 (0414): RMS norms around both branches, rotary positions on interleaved pairs of half a head, gate and up in one
 * matrix; in GLM 4V rotary positions pair halves. ChatGLM 3 and GLM 4 (9B) lack the norms after the branches.
 */
final class Glm4 {
    private Glm4() {}

    static Architecture build(Weights weights) {
        boolean sections = weights.parameters().metadata().has(weights.parameters().key("rope.dimension_sections"));
        Rope rope = Ropes.of(weights, weights.pairing(sections ? Rope.Pairing.HALVES : Rope.Pairing.INTERLEAVED));
        return Transformer.decoder(weights)
                .layers(layer -> new SandwichLayer(
                        Optional.of(Parts.rms(weights, layer, "attn_norm")),
                        Parts.attention(weights, layer).rope(rope).build(),
                        Parts.rms(weights, layer, "post_attention_norm"),
                        Optional.of(Parts.rms(weights, layer, "ffn_norm")),
                        Parts.fused(weights, layer, Activation.SILU)::apply,
                        Parts.rms(weights, layer, "post_ffw_norm")))
                .outputNorm(weights.rmsNorm("output_norm", weights.parameters().width()))
                .build();
    }

    static Architecture buildChatGlm(Weights weights) {
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.INTERLEAVED));
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer, Parts.attention(weights, layer).rope(rope),
                        Parts.fused(weights, layer, Activation.SILU)::apply))
                .outputNorm(weights.rmsNorm("output_norm", weights.parameters().width()))
                .build();
    }
}
