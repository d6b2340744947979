package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * OLMo 2 and 3: no norms before the branches but after them, and RMS norms over all queries and all keys of a token. In
 * OLMo 3 three of four layers have a sliding window, and rotary positions without the file's scaling.
 */
final class Olmo2 {
    private static final int DEFAULT_PERIOD = 4;

    private Olmo2() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope.Pairing pairing = weights.pairing(Rope.Pairing.HALVES);
        Rope global = Ropes.of(weights, pairing);
        Rope local = Ropes.of(weights, pairing, h.ropeBase(), false);
        boolean[] slides = h.window() == 0 ? new boolean[h.layers()] : h.slidingLayers(DEFAULT_PERIOD, false);
        return Transformer.decoder(weights)
                .layers(layer -> new SandwichLayer(
                        Optional.empty(),
                        Parts.attention(weights, layer)
                                .norms(Parts.queryNorm(weights, layer), Parts.keyNorm(weights, layer))
                                .rope(slides[layer] ? local : global)
                                .reach(Parts.window(h, slides[layer]))
                                .build(),
                        Parts.rms(weights, layer, "post_attention_norm"),
                        Optional.empty(),
                        Parts.gated(weights, layer, Activation.SILU)::apply,
                        Parts.rms(weights, layer, "post_ffw_norm")))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }
}
