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
 * Nomic BERT and Jina BERT v3: BERT with rotary positions. The feed-forward part is SiLU-gated, or plain with GELU where
 * the file has no gate; of {@code moe_every_n_layers} layers the second is a mixture of plain GELU experts.
 */
final class NomicBert {
    private NomicBert() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        int period = h.integer("moe_every_n_layers", 0, Integer.MAX_VALUE).orElse(0);
        Transformer.Builder builder = Transformer.encoder(weights)
                .embeddingNorm(weights.layerNorm("token_embd_norm", h.width()));
        if (weights.has("token_types.weight")) builder.types("token_types.weight");
        return builder.layers(layer -> new PostNormLayer(
                        Parts.attention(weights, layer).rope(rope).build(),
                        weights.layerNorm(Weights.layer(layer, "attn_output_norm"), h.width()),
                        feedForward(weights, layer, period),
                        weights.layerNorm(Weights.layer(layer, "layer_output_norm"), h.width())))
                .build();
    }

    private static PreNormLayer.Branch feedForward(Weights weights, int layer, int period) {
        if (period > 1 && layer % period == 1) return experts(weights, layer)::apply;
        return weights.has(Weights.layer(layer, "ffn_gate.weight"))
                ? Parts.gated(weights, layer, Activation.SILU)::apply
                : Parts.plain(weights, layer, Activation.GELU_TANH)::apply;
    }

    private static MixtureOfExperts experts(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        int inner = h.feedForward(layer);
        var ups = weights.linears(Weights.layer(layer, "ffn_up_exps"), h.experts(), inner, h.width());
        var downs = weights.linears(Weights.layer(layer, "ffn_down_exps"), h.experts(), h.width(), inner);
        List<FeedForward> experts = new ArrayList<>(h.experts());
        for (int i = 0; i < h.experts(); i++)
            experts.add(FeedForward.plain(ups.get(i), downs.get(i), weights.activation(Activation.GELU_TANH)));
        return new MixtureOfExperts(
                weights.linear(Weights.layer(layer, "ffn_gate_inp"), h.experts(), h.width()), experts,
                new MixtureOfExperts.Routing(Gating.SOFTMAX, h.expertsUsed(), false, 1f, false), Optional.empty());
    }
}
