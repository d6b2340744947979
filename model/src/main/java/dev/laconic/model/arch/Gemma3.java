package dev.laconic.model.arch;

import dev.laconic.kernels.Rope;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/**
 * Gemma 3 (text): Gemma 2 without soft caps, with RMS norms on the heads of queries and keys. Of six layers the first
 * five have a sliding window and rotary positions at a base of their own that no scaling touches.
 */
final class Gemma3 {
    private static final int DEFAULT_PERIOD = 6;
    private static final double DEFAULT_LOCAL_BASE = 10_000;
    private static final int LAYERS_OF_27B = 62;

    private Gemma3() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope.Pairing pairing = weights.pairing(Rope.Pairing.HALVES);
        Rope global = Ropes.of(weights, pairing);
        Rope local = Ropes.of(weights, pairing, h.positive("rope.freq_base_swa").orElse(DEFAULT_LOCAL_BASE), false);
        boolean[] slides = h.window() == 0 ? new boolean[h.layers()] : h.slidingLayers(DEFAULT_PERIOD, false);
        float scale = Gemma2.scale(h, LAYERS_OF_27B);
        return Transformer.decoder(weights)
                .embeddingScale(Gemma.embeddingScale(h))
                .layers(layer -> Gemma2.layer(
                        weights, layer,
                        Parts.attention(weights, layer)
                                .scale(scale)
                                .norms(Parts.headNorm(weights, layer, "attn_q_norm"),
                                        Parts.headNorm(weights, layer, "attn_k_norm"))
                                .rope(slides[layer] ? local : global)
                                .reach(Parts.window(h, slides[layer]))))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .logitSoftcap(h.softcap("final_logit_softcapping").orElse(0f))
                .build();
    }
}
