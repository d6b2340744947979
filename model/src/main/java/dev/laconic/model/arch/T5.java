package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import dev.laconic.model.block.Attention;
import dev.laconic.model.block.CrossAttention;
import dev.laconic.model.block.FeedForward;
import dev.laconic.model.block.Linear;
import dev.laconic.model.block.Norm;
import dev.laconic.model.block.Reach;
import dev.laconic.model.block.ScoreBias;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * T5 and Flan-T5: RMS norms before each branch, unscaled attention scores with a learned bias per bucket of distances
 * (the first layer's where a layer has none of its own), ReLU or, with a gate, GELU. The decoder's layers attend to the
 * encoder's output between their self-attention and their feed-forward part.
 */
final class T5 {
    private static final int DEFAULT_MAX_DISTANCE = 128;
    private static final int MAX_DISTANCE = 1 << 16;
    private static final int MAX_LAYERS = 1024;

    private T5() {}

    /** The encoder alone. */
    static Architecture buildEncoder(Weights weights) {
        return Transformer.encoder(weights)
                .layers(layer -> new PreNormLayer(
                        norm(weights, "enc", layer, "attn_norm"),
                        selfAttention(weights, "enc", layer, true),
                        norm(weights, "enc", layer, "ffn_norm"),
                        feedForward(weights, "enc", layer)::apply))
                .outputNorm(weights.rmsNorm("enc.output_norm", weights.parameters().width()))
                .build();
    }

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        int layers = h.integer("decoder_block_count", 1, MAX_LAYERS).orElse(h.layers());
        return Transformer.decoder(weights)
                .listeningTo(buildEncoder(weights))
                .layers(layers, layer -> new DecoderLayer(
                        norm(weights, "dec", layer, "attn_norm"),
                        selfAttention(weights, "dec", layer, false),
                        norm(weights, "dec", layer, "cross_attn_norm"),
                        Optional.of(crossAttention(weights, layer)),
                        norm(weights, "dec", layer, "ffn_norm"),
                        feedForward(weights, "dec", layer)))
                .outputNorm(weights.rmsNorm("dec.output_norm", h.width()))
                .logitScale(h.positive("logit_scale").orElse(1.0).floatValue())
                .build();
    }

    private static String name(String side, int layer, String part) {
        return side + "." + Weights.layer(layer, part);
    }

    private static Norm norm(Weights weights, String side, int layer, String part) {
        return weights.rmsNorm(name(side, layer, part), weights.parameters().width());
    }

    private static SelfAttention selfAttention(Weights weights, String side, int layer, boolean bidirectional) {
        HyperParameters h = weights.parameters();
        int heads = h.heads(0);
        int inner = heads * h.keyDimension();
        String own = name(side, layer, "attn_rel_b.weight");
        String biases = weights.has(own) ? own : name(side, 0, "attn_rel_b.weight");
        int buckets = h.requireInt("attention.relative_buckets_count", 4, MAX_DISTANCE);
        int distance =
                h.integer("attention.relative_max_distance", 2, MAX_DISTANCE).orElse(DEFAULT_MAX_DISTANCE);
        return SelfAttention.of(layer)
                .heads(heads, heads, h.keyDimension(), h.valueDimension())
                .projection(new SelfAttention.Projection.Separate(
                        weights.linear(name(side, layer, "attn_q"), inner, h.width()),
                        weights.linear(name(side, layer, "attn_k"), inner, h.width()),
                        weights.linear(name(side, layer, "attn_v"), heads * h.valueDimension(), h.width())))
                .output(weights.linear(name(side, layer, "attn_o"), h.width(), heads * h.valueDimension()))
                .scale(1f)
                .bias(ScoreBias.relative(weights.matrix(biases, buckets, heads), heads, distance, bidirectional))
                .build();
    }

    private static CrossAttention crossAttention(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        int heads = h.heads(0);
        int inner = heads * h.keyDimension();
        Attention.Spec spec = new Attention.Spec(layer, heads, heads, h.keyDimension(), h.valueDimension(), 1f,
                Reach.FULL, 0f, new float[0], Optional.empty());
        return new CrossAttention(spec,
                weights.linear(name("dec", layer, "cross_attn_q"), inner, h.width()),
                weights.linear(name("dec", layer, "cross_attn_k"), inner, h.width()),
                weights.linear(name("dec", layer, "cross_attn_v"), heads * h.valueDimension(), h.width()),
                weights.linear(name("dec", layer, "cross_attn_o"), h.width(), heads * h.valueDimension()));
    }

    private static FeedForward feedForward(Weights weights, String side, int layer) {
        HyperParameters h = weights.parameters();
        int inner = h.feedForward(0);
        Linear up = weights.linear(name(side, layer, "ffn_up"), inner, h.width());
        Linear down = weights.linear(name(side, layer, "ffn_down"), h.width(), inner);
        return weights.optionalLinear(name(side, layer, "ffn_gate"), inner, h.width())
                .map(gate -> FeedForward.gated(gate, up, down, weights.activation(Activation.GELU_TANH)))
                .orElseGet(() -> FeedForward.plain(up, down, weights.activation(Activation.RELU)));
    }

    private record DecoderLayer(
            Norm attentionNorm, SelfAttention attention, Norm crossNorm, Optional<CrossAttention> cross,
            Norm feedForwardNorm, FeedForward feedForward)
            implements Transformer.Layer {

        @Override
        public Buffer beforeAttention(State state) {
            attentionNorm.apply(state, Buffer.HIDDEN, Buffer.NORMED);
            return Buffer.NORMED;
        }

        @Override
        public void apply(State state) {
            attention.apply(state, beforeAttention(state), Buffer.BRANCH);
            state.addBranch(Buffer.BRANCH);
            crossNorm.apply(state, Buffer.HIDDEN, Buffer.NORMED);
            cross.get().apply(state, Buffer.NORMED, Buffer.BRANCH);
            state.addBranch(Buffer.BRANCH);
            feedForwardNorm.apply(state, Buffer.HIDDEN, Buffer.NORMED);
            feedForward.apply(state, Buffer.NORMED, Buffer.BRANCH);
            state.addBranch(Buffer.BRANCH);
        }
    }
}
