package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/**
 * Command R: attention and SiLU-gated feed-forward side by side behind one layer norm without bias, and a factor on the
 * logits. The larger model normalises the heads of queries and keys. In Command R7B (cohere2) three of four layers have
 * a sliding window, and the fourth no positions.
 */
final class CommandR {
    private static final int PERIOD = 4;

    private CommandR() {}

    static Architecture build(Weights weights) {
        Rope rope = rope(weights);
        return build(weights, (layer, attention) -> attention.rope(rope));
    }

    static Architecture buildCohere2(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = rope(weights);
        boolean[] slides = h.slidingLayers(PERIOD, false);
        return build(weights, (layer, attention) ->
                attention.rope(slides[layer] ? rope : Ropes.NONE).reach(Parts.window(h, slides[layer])));
    }

    /** How a layer's attention sees positions. */
    private interface Positions {
        SelfAttention.Builder set(int layer, SelfAttention.Builder attention);
    }

    private static Rope rope(Weights weights) {
        return Ropes.of(weights, weights.pairing(Rope.Pairing.INTERLEAVED));
    }

    private static Architecture build(Weights weights, Positions positions) {
        HyperParameters h = weights.parameters();
        return Transformer.decoder(weights)
                .layers(layer -> new ParallelLayer(
                        Parts.layerNorm(weights, layer, "attn_norm"),
                        positions.set(layer, Parts.attention(weights, layer))
                                .norms(weights.optionalHeadNorms(
                                                Weights.layer(layer, "attn_q_norm"), h.heads(layer), h.keyDimension()),
                                        weights.optionalHeadNorms(
                                                Weights.layer(layer, "attn_k_norm"), h.kvHeads(layer), h.keyDimension()))
                                .build(),
                        Parts.gated(weights, layer, Activation.SILU)::apply))
                .outputNorm(weights.layerNorm("output_norm", h.width()))
                .logitScale(h.number("logit_scale").filter(value -> value != 0).orElse(1.0).floatValue())
                .build();
    }
}
