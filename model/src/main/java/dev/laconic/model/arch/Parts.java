package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.model.block.FeedForward;
import dev.laconic.model.block.Linear;
import dev.laconic.model.block.MixtureOfExperts;
import dev.laconic.model.block.Norm;
import dev.laconic.model.block.Reach;
import dev.laconic.model.block.ScoreBias;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parts that several architectures name alike in their files. */
final class Parts {
    /** The strength of ALiBi in the models that have it and do not say. */
    static final float MAX_ALIBI_BIAS = 8;

    /** Order of the file format's gating functions from 1 on; 0 stands for the architecture's own. */
    private static final MixtureOfExperts.Gating[] GATINGS = {
        MixtureOfExperts.Gating.SOFTMAX, MixtureOfExperts.Gating.SIGMOID, MixtureOfExperts.Gating.SOFTMAX_OF_CHOSEN
    };

    private Parts() {}

    /** ALiBi for a layer's heads. */
    static ScoreBias alibi(HyperParameters h, int layer, float maxBias) {
        return ScoreBias.alibi(ScoreBias.alibiSlopes(h.heads(layer), maxBias));
    }

    /** The layer's RMS norm of this name. */
    static Norm rms(Weights weights, int layer, String name) {
        return weights.rmsNorm(Weights.layer(layer, name), weights.parameters().width());
    }

    /** The layer's layer norm of this name. */
    static Norm layerNorm(Weights weights, int layer, String name) {
        return weights.layerNorm(Weights.layer(layer, name), weights.parameters().width());
    }

    /** A layer with RMS norms {@code attn_norm} and {@code ffn_norm} before its branches. */
    static PreNormLayer rmsLayer(
            Weights weights, int layer, SelfAttention.Builder attention, PreNormLayer.Branch feedForward) {
        return new PreNormLayer(
                rms(weights, layer, "attn_norm"), attention.build(), rms(weights, layer, "ffn_norm"), feedForward);
    }

    /** A layer with layer norms {@code attn_norm} and {@code ffn_norm} before its branches. */
    static PreNormLayer layerNormLayer(
            Weights weights, int layer, SelfAttention.Builder attention, PreNormLayer.Branch feedForward) {
        return new PreNormLayer(
                layerNorm(weights, layer, "attn_norm"), attention.build(),
                layerNorm(weights, layer, "ffn_norm"), feedForward);
    }

    /** The RMS norm of single heads. */
    static Optional<Norm> headNorm(Weights weights, int layer, String name) {
        return Optional.of(weights.rmsNorm(Weights.layer(layer, name), weights.parameters().keyDimension()));
    }

    /** The RMS norm of single heads, if the file has one. */
    static Optional<Norm> optionalHeadNorm(Weights weights, int layer, String name) {
        return weights.optionalRmsNorm(Weights.layer(layer, name), weights.parameters().keyDimension());
    }

    /** The RMS norm over all queries of a token. */
    static Optional<Norm> queryNorm(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        return Optional.of(weights.rmsNorm(
                Weights.layer(layer, "attn_q_norm"), h.heads(layer) * h.keyDimension()));
    }

    /** The RMS norm over all keys of a token. */
    static Optional<Norm> keyNorm(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        return Optional.of(weights.rmsNorm(
                Weights.layer(layer, "attn_k_norm"), h.kvHeads(layer) * h.keyDimension()));
    }

    /** What a layer reaches: the file's sliding window if the layer slides, else everything. */
    static Reach window(HyperParameters h, boolean slides) {
        return slides && h.window() > 0 ? Reach.sliding(h.window()) : Reach.FULL;
    }

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
        return gated(weights, layer, "", weights.parameters().feedForward(layer), activation);
    }

    /** The expert {@code ffn_gate_shexp} and its like, of size {@code inner}, that all rows pass. */
    static MixtureOfExperts.Shared shared(Weights weights, int layer, int inner) {
        return new MixtureOfExperts.Shared(gated(weights, layer, "_shexp", inner, Activation.SILU), Optional.empty());
    }

    private static FeedForward gated(Weights weights, int layer, String suffix, int inner, Activation activation) {
        int width = weights.parameters().width();
        return FeedForward.gated(
                weights.linear(Weights.layer(layer, "ffn_gate" + suffix), inner, width),
                weights.linear(Weights.layer(layer, "ffn_up" + suffix), inner, width),
                weights.linear(Weights.layer(layer, "ffn_down" + suffix), width, inner),
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

    /**
     * Gated experts of size {@code inner}: stacked in {@code ffn_gate_exps} and its like or in
     * {@code ffn_gate_up_exps}, or single matrices {@code ffn_gate.0} and so on as the first mixtures had them.
     */
    static List<FeedForward> experts(Weights weights, int layer, int inner, Activation usual) {
        HyperParameters h = weights.parameters();
        Activation activation = weights.activation(usual);
        var downs = expertMatrices(weights, layer, "ffn_down", h.width(), inner);
        List<FeedForward> experts = new ArrayList<>(h.experts());
        if (weights.has(Weights.layer(layer, "ffn_gate_up_exps.weight"))) {
            var both = expertMatrices(weights, layer, "ffn_gate_up", Math.multiplyExact(2, inner), h.width());
            for (int i = 0; i < h.experts(); i++) experts.add(FeedForward.fused(both.get(i), downs.get(i), activation));
            return experts;
        }
        var gates = expertMatrices(weights, layer, "ffn_gate", inner, h.width());
        var ups = expertMatrices(weights, layer, "ffn_up", inner, h.width());
        for (int i = 0; i < h.experts(); i++)
            experts.add(FeedForward.gated(gates.get(i), ups.get(i), downs.get(i), activation));
        return experts;
    }

    static List<Linear> expertMatrices(Weights weights, int layer, String name, int outputs, int inputs) {
        int count = weights.parameters().experts();
        String prefix = Weights.layer(layer, name);
        if (!weights.has(prefix + ".0.weight")) return weights.linears(prefix + "_exps", count, outputs, inputs);
        List<Linear> matrices = new ArrayList<>(count);
        for (int i = 0; i < count; i++) matrices.add(weights.linear(prefix + "." + i, outputs, inputs));
        return matrices;
    }

    /** Routing to as many experts as the file says, their weights scaled as it says. */
    static MixtureOfExperts.Routing routing(HyperParameters h, MixtureOfExperts.Gating gating, boolean normalise) {
        double scale = h.number("expert_weights_scale").filter(value -> value != 0).orElse(1.0);
        return new MixtureOfExperts.Routing(gating, h.expertsUsed(), normalise, (float) scale, false);
    }

    /** Routing as the file says in everything. */
    static MixtureOfExperts.Routing routing(HyperParameters h, MixtureOfExperts.Gating usual) {
        int function = h.integer("expert_gating_func", 0, GATINGS.length).orElse(0);
        h.integer("expert_group_count", 0, 1);
        return routing(h, function == 0 ? usual : GATINGS[function - 1], h.bool("expert_weights_norm").orElse(false));
    }

    /**
     * A mixture of SiLU-gated experts behind the router {@code ffn_gate_inp}, with the biases {@code exp_probs_b} in the
     * choice if there are any.
     */
    static MixtureOfExperts mixture(
            Weights weights, int layer, int inner, MixtureOfExperts.Routing routing,
            Optional<MixtureOfExperts.Shared> shared) {
        HyperParameters h = weights.parameters();
        return new MixtureOfExperts(
                weights.linear(Weights.layer(layer, "ffn_gate_inp"), h.experts(), h.width()),
                weights.optionalVector(Weights.layer(layer, "exp_probs_b.bias"), h.experts()),
                experts(weights, layer, inner, Activation.SILU), routing, shared);
    }
}
