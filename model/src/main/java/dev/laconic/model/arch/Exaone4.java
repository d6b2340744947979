package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.Reach;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * EXAONE 4: OLMo 2 with RMS norms on the single heads of queries and keys. In the 32B model, told by its number of
 * layers, three of four layers have a sliding window, and the fourth no positions.
 */
final class Exaone4 {
    private static final int LAYERS_OF_32B = 64;
    private static final int PERIOD = 4;
    private static final int DEFAULT_WINDOW = 4096;

    private Exaone4() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        boolean large = h.layers() == LAYERS_OF_32B;
        boolean[] slides = large ? h.slidingLayers(PERIOD, false) : new boolean[h.layers()];
        int window = h.integer("attention.sliding_window", 0, Integer.MAX_VALUE).orElse(DEFAULT_WINDOW);
        return Transformer.decoder(weights)
                .layers(layer -> new SandwichLayer(
                        Optional.empty(),
                        Parts.attention(weights, layer)
                                .norms(Parts.headNorm(weights, layer, "attn_q_norm"),
                                        Parts.headNorm(weights, layer, "attn_k_norm"))
                                .rope(large && !slides[layer] ? Ropes.NONE : rope)
                                .reach(slides[layer] && window > 0 ? Reach.sliding(window) : Reach.FULL)
                                .build(),
                        Parts.rms(weights, layer, "post_attention_norm"),
                        Optional.empty(),
                        Parts.gated(weights, layer, Activation.SILU)::apply,
                        Parts.rms(weights, layer, "post_ffw_norm")))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }
}
