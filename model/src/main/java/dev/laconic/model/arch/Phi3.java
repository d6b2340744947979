package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/**
 * Phi 3, 3.5 and 4: Llama with rotary positions on the halves of a head, gate and up in one matrix, and rotary factors
 * for short or long contexts. Files name a sliding window but not the layers that slide: without
 * {@code attention.sliding_window_pattern} none does.
 */
final class Phi3 {
    private static final int NO_LAYER_SLIDES = 1;

    private Phi3() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        boolean[] slides = h.slidingLayers(NO_LAYER_SLIDES, false);
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer,
                        Parts.attention(weights, layer).rope(rope).reach(Parts.window(h, slides[layer])),
                        Parts.fused(weights, layer, Activation.SILU)::apply))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }
}
