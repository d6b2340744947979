package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.Reach;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * Gemma 2: Gemma with norms after the branches as well, soft caps on scores and logits, and a sliding window in every
 * other layer, from the first.
 */
final class Gemma2 {
    private static final int DEFAULT_PERIOD = 2;
    private static final int DEFAULT_WINDOW = 4096;
    private static final float DEFAULT_SCORE_CAP = 50;
    private static final float DEFAULT_LOGIT_CAP = 30;
    private static final int LAYERS_OF_27B = 46;

    private Gemma2() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope.Pairing pairing = weights.pairing(Rope.Pairing.HALVES);
        Rope global = Ropes.of(weights, pairing);
        Rope local = Ropes.of(weights, pairing, h.positive("rope.freq_base_swa").orElse(h.ropeBase()), true);
        boolean[] slides = h.slidingLayers(DEFAULT_PERIOD, false);
        int window = h.integer("attention.sliding_window", 0, Integer.MAX_VALUE).orElse(DEFAULT_WINDOW);
        float cap = h.softcap("attn_logit_softcapping").orElse(DEFAULT_SCORE_CAP);
        float scale = scale(h, LAYERS_OF_27B);
        return Transformer.decoder(weights)
                .embeddingScale(Gemma.embeddingScale(h))
                .layers(layer -> layer(
                        weights, layer,
                        Parts.attention(weights, layer)
                                .scale(scale)
                                .softcap(cap)
                                .rope(slides[layer] ? local : global)
                                .reach(slides[layer] && window > 0 ? Reach.sliding(window) : Reach.FULL)))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .logitSoftcap(h.softcap("final_logit_softcapping").orElse(DEFAULT_LOGIT_CAP))
                .build();
    }

    /**
     * The factor on scores: {@code 1 / sqrt(head size)}, but in the 27B model {@code 1 / sqrt(width / heads)}, which is
     * told by its number of layers.
     */
    static float scale(HyperParameters h, int layersOf27B) {
        int size = h.layers() == layersOf27B ? h.width() / h.heads(0) : h.keyDimension();
        return h.positive("attention.scale").orElse(1 / Math.sqrt(size)).floatValue();
    }

    /** A layer with norms around both branches. */
    static SandwichLayer layer(Weights weights, int layer, SelfAttention.Builder attention) {
        return new SandwichLayer(
                Optional.of(Parts.rms(weights, layer, "attn_norm")),
                attention.build(),
                Parts.rms(weights, layer, "post_attention_norm"),
                Optional.of(Parts.rms(weights, layer, "ffn_norm")),
                Parts.gated(weights, layer, Activation.GELU_TANH)::apply,
                Parts.rms(weights, layer, "post_ffw_norm"));
    }
}
