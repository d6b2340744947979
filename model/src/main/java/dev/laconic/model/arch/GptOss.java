package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.FeedForward;
import dev.laconic.model.block.MixtureOfExperts;
import dev.laconic.model.block.MixtureOfExperts.Gating;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * GPT-OSS: attention sinks, a sliding window in every other layer, from the first, and experts with biases whose gate is
 * clamped; the router takes a softmax over those it has chosen.
 */
final class GptOss {
    private static final int DEFAULT_PERIOD = 2;
    private static final float LIMIT = 7;

    private GptOss() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope.Pairing pairing = weights.pairing(Rope.Pairing.HALVES);
        Rope global = Ropes.of(weights, pairing);
        Rope local = Ropes.of(weights, pairing, h.positive("rope.freq_base_swa").orElse(h.ropeBase()), true);
        boolean[] slides = h.slidingLayers(DEFAULT_PERIOD, false);
        return Transformer.decoder(weights)
                .layers(layer -> new PreNormLayer(
                        Parts.rms(weights, layer, "attn_norm"),
                        Parts.attention(weights, layer)
                                .sinks(weights.vector(Weights.layer(layer, "attn_sinks.weight"), h.heads(layer)))
                                .rope(slides[layer] ? local : global)
                                .reach(Parts.window(h, slides[layer]))
                                .build(),
                        Parts.rms(weights, layer, "post_attention_norm"),
                        experts(weights, layer)::apply))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }

    private static MixtureOfExperts experts(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        int inner = h.expertFeedForward(layer);
        var gates = Parts.expertMatrices(weights, layer, "ffn_gate", inner, h.width());
        var ups = Parts.expertMatrices(weights, layer, "ffn_up", inner, h.width());
        var downs = Parts.expertMatrices(weights, layer, "ffn_down", h.width(), inner);
        List<FeedForward> experts = new ArrayList<>(h.experts());
        for (int i = 0; i < h.experts(); i++)
            experts.add(FeedForward.clamped(gates.get(i), ups.get(i), downs.get(i), Activation.GELU_QUICK, LIMIT));
        return new MixtureOfExperts(
                weights.linear(Weights.layer(layer, "ffn_gate_inp"), h.experts(), h.width()), experts,
                Parts.routing(h, Gating.SOFTMAX_OF_CHOSEN, false), Optional.empty());
    }
}
