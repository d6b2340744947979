package dev.laconic.model.arch;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.kernels.Activation;
import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import dev.laconic.model.block.FeedForward;
import dev.laconic.model.block.Norm;
import dev.laconic.model.block.ScoreBias;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * Jina BERT v2: BERT with ALiBi for positions, optional layer norms on whole rows of queries and keys, GELU-gated
 * feed-forward whose gate may lie in the up matrix, and in the code models a second norm of the attention's result.
 */
final class JinaBertV2 {
    private static final float MAX_ALIBI_BIAS = 8f;

    private JinaBertV2() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Transformer.Builder builder = Transformer.encoder(weights)
                .embeddingNorm(weights.layerNorm("token_embd_norm", h.width()));
        if (weights.has("token_types.weight")) builder.types("token_types.weight");
        return builder.layers(layer -> new Layer(
                        Parts.attention(weights, layer)
                                .norms(rowNorm(weights, layer, "attn_q_norm"), rowNorm(weights, layer, "attn_k_norm"))
                                .bias(ScoreBias.alibi(ScoreBias.alibiSlopes(h.heads(layer), MAX_ALIBI_BIAS)))
                                .build(),
                        weights.layerNorm(Weights.layer(layer, "attn_output_norm"), h.width()),
                        rowNorm(weights, layer, "attn_norm_2"),
                        feedForward(weights, layer),
                        weights.layerNorm(Weights.layer(layer, "layer_output_norm"), h.width())))
                .build();
    }

    private static Optional<Norm> rowNorm(Weights weights, int layer, String name) {
        String full = Weights.layer(layer, name);
        return weights.has(full + ".weight")
                ? Optional.of(weights.layerNorm(full, weights.parameters().width()))
                : Optional.empty();
    }

    private static FeedForward feedForward(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        int inner = h.feedForward(layer);
        if (weights.has(Weights.layer(layer, "ffn_gate.weight")))
            return Parts.gated(weights, layer, Activation.GELU_TANH);
        Tensor up = weights.embedding(Weights.layer(layer, "ffn_up.weight"), h.width());
        if (up.rows() == inner) return Parts.plain(weights, layer, Activation.GELU_TANH);
        return Parts.fused(weights, layer, Activation.GELU_TANH);
    }

    private record Layer(
            SelfAttention attention, Norm attentionNorm, Optional<Norm> secondNorm, FeedForward feedForward,
            Norm outputNorm)
            implements Transformer.Layer {

        @Override
        public Buffer beforeAttention(State state) {
            return Buffer.HIDDEN;
        }

        @Override
        public void apply(State state) {
            int n = state.size() * state.width(Buffer.HIDDEN);
            if (secondNorm.isPresent())
                System.arraycopy(state.hidden(), 0, state.reserve(Buffer.BRANCH_2, state.width(Buffer.HIDDEN)), 0, n);
            attention.apply(state, beforeAttention(state), Buffer.BRANCH);
            state.addBranch(Buffer.BRANCH);
            attentionNorm.apply(state, Buffer.HIDDEN, Buffer.HIDDEN);
            if (secondNorm.isPresent()) {
                state.addBranch(Buffer.BRANCH_2);
                secondNorm.get().apply(state, Buffer.HIDDEN, Buffer.HIDDEN);
            }
            feedForward.apply(state, Buffer.HIDDEN, Buffer.BRANCH);
            state.addBranch(Buffer.BRANCH);
            outputNorm.apply(state, Buffer.HIDDEN, Buffer.HIDDEN);
        }
    }
}
