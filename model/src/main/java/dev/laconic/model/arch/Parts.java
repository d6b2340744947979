package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.model.block.FeedForward;
import dev.laconic.model.block.MixtureOfExperts;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parts that several architectures name alike in their files. */
final class Parts {
    private Parts() {}

    /** Attention with the layer's heads, projections and output; {@code attn_qkv} where the file has it fused. */
    static SelfAttention.Builder attention(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        int heads = h.heads(layer);
        int kvHeads = h.kvHeads(layer);
        int queries = heads * h.keyDimension();
        int keys = kvHeads * h.keyDimension();
        int values = kvHeads * h.valueDimension();
        SelfAttention.Projection projection = weights.has(Weights.layer(layer, "attn_qkv.weight"))
                ? new SelfAttention.Projection.Fused(
                        weights.linear(Weights.layer(layer, "attn_qkv"), queries + keys + values, h.width()))
                : new SelfAttention.Projection.Separate(
                        weights.linear(Weights.layer(layer, "attn_q"), queries, h.width()),
                        weights.linear(Weights.layer(layer, "attn_k"), keys, h.width()),
                        weights.linear(Weights.layer(layer, "attn_v"), values, h.width()));
        return SelfAttention.of(layer)
                .heads(heads, kvHeads, h.keyDimension(), h.valueDimension())
                .projection(projection)
                .output(weights.linear(
                        Weights.layer(layer, "attn_output"), h.width(), heads * h.valueDimension()));
    }

    /** A dense feed-forward part with a gate. */
    static FeedForward gated(Weights weights, int layer, Activation activation) {
        HyperParameters h = weights.parameters();
        int inner = h.feedForward(layer);
        return FeedForward.gated(
                weights.linear(Weights.layer(layer, "ffn_gate"), inner, h.width()),
                weights.linear(Weights.layer(layer, "ffn_up"), inner, h.width()),
                weights.linear(Weights.layer(layer, "ffn_down"), h.width(), inner),
                weights.activation(activation));
    }

    /** A dense feed-forward part whose {@code ffn_up} holds the gate's rows first, then its own. */
    static FeedForward fused(Weights weights, int layer, Activation activation) {
        HyperParameters h = weights.parameters();
        int inner = h.feedForward(layer);
        return FeedForward.fused(
                weights.linear(Weights.layer(layer, "ffn_up"), Math.multiplyExact(2, inner), h.width()),
                weights.linear(Weights.layer(layer, "ffn_down"), h.width(), inner),
                weights.activation(activation));
    }

    /** A dense feed-forward part without a gate. */
    static FeedForward plain(Weights weights, int layer, Activation activation) {
        HyperParameters h = weights.parameters();
        int inner = h.feedForward(layer);
        return FeedForward.plain(
                weights.linear(Weights.layer(layer, "ffn_up"), inner, h.width()),
                weights.linear(Weights.layer(layer, "ffn_down"), h.width(), inner),
                weights.activation(activation));
    }

    /** Gated experts of size {@code inner}, stacked in {@code ffn_gate_exps} and its like. */
    static List<FeedForward> experts(Weights weights, int layer, int inner, Activation activation) {
        HyperParameters h = weights.parameters();
        var gates = weights.linears(Weights.layer(layer, "ffn_gate_exps"), h.experts(), inner, h.width());
        var ups = weights.linears(Weights.layer(layer, "ffn_up_exps"), h.experts(), inner, h.width());
        var downs = weights.linears(Weights.layer(layer, "ffn_down_exps"), h.experts(), h.width(), inner);
        List<FeedForward> experts = new ArrayList<>(h.experts());
        for (int i = 0; i < h.experts(); i++)
            experts.add(FeedForward.gated(gates.get(i), ups.get(i), downs.get(i), weights.activation(activation)));
        return experts;
    }

    /** A mixture of SiLU-gated experts behind the router {@code ffn_gate_inp}. */
    static MixtureOfExperts mixture(
            Weights weights, int layer, int inner, MixtureOfExperts.Routing routing,
            Optional<MixtureOfExperts.Shared> shared) {
        HyperParameters h = weights.parameters();
        return new MixtureOfExperts(
                weights.linear(Weights.layer(layer, "ffn_gate_inp"), h.experts(), h.width()),
                experts(weights, layer, inner, Activation.SILU), routing, shared);
    }
}
