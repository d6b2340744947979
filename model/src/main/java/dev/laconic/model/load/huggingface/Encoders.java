package dev.laconic.model.load.huggingface;

import java.util.List;

/** Networks that see the whole text: BERT and its descendants, and T5 with its decoder. */
final class Encoders {
    private static final String BERT_BODY = """
            token_embd       embeddings.word_embeddings
            token_types      embeddings.token_type_embeddings
            position_embd    embeddings.position_embeddings
            token_embd_norm  embeddings.LayerNorm
            token_embd_norm.weight  embeddings.LayerNorm.gamma
            token_embd_norm.bias    embeddings.LayerNorm.beta
            """;
    private static final String BERT_LAYER = """
            attn_q             attention.self.query
            attn_k             attention.self.key
            attn_v             attention.self.value
            attn_output        attention.output.dense
            attn_output_norm   attention.output.LayerNorm
            ffn_up             intermediate.dense
            ffn_down           output.dense
            layer_output_norm  output.LayerNorm
            attn_output_norm.weight   attention.output.LayerNorm.gamma
            attn_output_norm.bias     attention.output.LayerNorm.beta
            layer_output_norm.weight  output.LayerNorm.gamma
            layer_output_norm.bias    output.LayerNorm.beta
            """;

    private Encoders() {}

    private static Family.Builder bert(String... heads) {
        return Family.of("bert")
                .bodies("embeddings.word_embeddings.weight", "bert.", "roberta.", "")
                .names(BERT_BODY)
                .heads(heads)
                .layers("encoder.layer.", BERT_LAYER)
                .describe(Keys::sizes)
                .describe(Keys::layerNorm)
                .describe(Keys::activation)
                .describe((config, out) -> {
                    out.put("attention.causal", false);
                    config.text("position_embedding_type").filter(type -> !type.equals("absolute")).ifPresent(type -> {
                        throw config.unsupported("position_embedding_type", type, "absolute");
                    });
                    config.require("is_decoder", false);
                });
    }

    static Family bert() {
        return bert("""
                        cls         bert.pooler.dense
                        cls         pooler.dense
                        cls.output  classifier
                        """)
                .defaults("""
                        {"max_position_embeddings": 512, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}""")
                .build();
    }

    /** Positions begin after the padding token's, so the rows before are never used. */
    static Family roberta() {
        return bert("""
                        cls         classifier.dense
                        cls.output  classifier.out_proj
                        """)
                .transform(config -> Transform.without(positionOffset(config)), "position_embd.weight")
                .defaults("""
                        {"max_position_embeddings": 512, "layer_norm_eps": 1e-12, "hidden_act": "gelu",
                         "pad_token_id": 1}""")
                .describe((config, out) -> {
                    int positions = Keys.context(config).orElseThrow();
                    int offset = positionOffset(config);
                    if (positions <= offset)
                        throw config.malformed("max_position_embeddings", positions, "more than the padding's " + offset);
                    out.put("context_length", positions - offset);
                })
                .build();
    }

    private static int positionOffset(Config config) {
        return config.integer(0, 1 << 20, "pad_token_id").map(padding -> padding + 1).orElse(0);
    }

    static Family distilBert() {
        return Family.of("bert")
                .bodies("embeddings.word_embeddings.weight", "distilbert.", "")
                .names(BERT_BODY)
                .heads()
                .layers("transformer.layer.", """
                        attn_q             attention.q_lin
                        attn_k             attention.k_lin
                        attn_v             attention.v_lin
                        attn_output        attention.out_lin
                        attn_output_norm   sa_layer_norm
                        ffn_up             ffn.lin1
                        ffn_down           ffn.lin2
                        layer_output_norm  output_layer_norm
                        """)
                .defaults("""
                        {"max_position_embeddings": 512, "activation": "gelu"}""")
                .describe(Keys::sizes)
                .describe(Keys::activation)
                .describe((_, out) -> out.put("attention.layer_norm_epsilon", 1e-12).put("attention.causal", false))
                .build();
    }

    static Family nomicBert() {
        return Family.of("nomic-bert")
                .bodies("embeddings.word_embeddings.weight", "", "bert.")
                .names("""
                        token_embd       embeddings.word_embeddings
                        token_types      embeddings.token_type_embeddings
                        token_embd_norm  emb_ln
                        """)
                .heads()
                .layers("encoder.layers.", """
                        attn_qkv           attn.Wqkv
                        attn_output        attn.out_proj
                        attn_output_norm   norm1
                        ffn_up             mlp.fc11
                        ffn_gate           mlp.fc12
                        ffn_down           mlp.fc2
                        layer_output_norm  norm2
                        """)
                .defaults("""
                        {"layer_norm_epsilon": 1e-12, "activation_function": "swiglu", "rotary_emb_base": 10000}""")
                .describe(Keys::sizes)
                .describe(Keys::layerNorm)
                .describe(RopeKeys::describe)
                .describe(Keys::activation)
                .describe((config, out) -> {
                    out.put("attention.causal", false);
                    config.require("prenorm", false);
                    config.require("rotary_emb_interleaved", false);
                    config.number("rotary_emb_fraction").filter(share -> share != 1).ifPresent(share -> {
                        throw config.unsupported("rotary_emb_fraction", share, "1.0");
                    });
                    if (config.integer(0, 1 << 20, "moe_every_n_layers").orElse(0) != 0)
                        throw config.unsupported("moe_every_n_layers", "a layer of experts", "0");
                    if (config.has("rotary_emb_scale_base"))
                        throw config.unsupported("rotary_emb_scale_base", "a scaling of positions", "null");
                })
                .describe(Encoders::trainedPositions)
                .build();
    }

    /** The context is what the model was trained for; beyond, its rotary base grows if the configuration says by how much. */
    private static void trainedPositions(Config config, Description out) {
        int positions = Keys.context(config).orElseThrow();
        int trained = Math.min(positions, config.integer(1, 1 << 28, "max_trained_positions").orElse(positions));
        out.put("context_length", trained);
        config.positive("rotary_scaling_factor").ifPresent(factor -> out.put("rope.scaling.type", "dynamic")
                .put("rope.scaling.factor", factor)
                .put("rope.scaling.original_context_length", trained));
    }

    static Family modernBert() {
        return Family.of("modern-bert")
                .bodies("embeddings.tok_embeddings.weight", "model.", "")
                .names("""
                        token_embd       embeddings.tok_embeddings
                        token_embd_norm  embeddings.norm
                        output_norm      final_norm
                        """)
                .heads("""
                        cls         head.dense
                        cls.norm    head.norm
                        cls.output  classifier
                        """)
                .layers("layers.", """
                        attn_norm    attn_norm
                        attn_qkv     attn.Wqkv
                        attn_output  attn.Wo
                        ffn_norm     mlp_norm
                        ffn_up       mlp.Wi
                        ffn_down     mlp.Wo
                        """)
                .defaults("""
                        {"max_position_embeddings": 8192, "norm_eps": 1e-5, "hidden_activation": "gelu",
                         "global_rope_theta": 160000.0, "local_rope_theta": 10000.0, "local_attention": 128,
                         "global_attn_every_n_layers": 3}""")
                .describe(Keys::sizes)
                .describe(Keys::layerNorm)
                .describe(RopeKeys::describe)
                .describe((config, out) -> Keys.activation(config, out, "hidden_activation"))
                .describe((config, out) -> {
                    out.put("attention.causal", false);
                    if (Keys.windowByLayer(config, out)) return;
                    out.put("attention.sliding_window", config.requireInt(1, 1 << 20, "local_attention", "sliding_window"));
                    out.put("attention.sliding_window_pattern",
                            config.requireInt(1, 1 << 20, "global_attn_every_n_layers"));
                })
                .build();
    }

    /** T5, or its encoder alone where the configuration says so. */
    static Family t5() {
        return Family.of(config -> encoderOnly(config) ? "t5encoder" : "t5")
                .bodies(List.of("shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"), "")
                .names("""
                        token_embd       shared
                        token_embd       encoder.embed_tokens
                        token_embd       decoder.embed_tokens
                        enc.output_norm  encoder.final_layer_norm
                        dec.output_norm  decoder.final_layer_norm
                        """)
                .stack("enc.blk.", "encoder.block.", Keys::layers, """
                        attn_norm   layer.0.layer_norm
                        attn_q      layer.0.SelfAttention.q
                        attn_k      layer.0.SelfAttention.k
                        attn_v      layer.0.SelfAttention.v
                        attn_o      layer.0.SelfAttention.o
                        attn_rel_b  layer.0.SelfAttention.relative_attention_bias
                        ffn_norm    layer.1.layer_norm
                        ffn_up      layer.1.DenseReluDense.wi
                        ffn_gate    layer.1.DenseReluDense.wi_0
                        ffn_up      layer.1.DenseReluDense.wi_1
                        ffn_down    layer.1.DenseReluDense.wo
                        """)
                .stack("dec.blk.", "decoder.block.", Encoders::decoderLayers, """
                        attn_norm         layer.0.layer_norm
                        attn_q            layer.0.SelfAttention.q
                        attn_k            layer.0.SelfAttention.k
                        attn_v            layer.0.SelfAttention.v
                        attn_o            layer.0.SelfAttention.o
                        attn_rel_b        layer.0.SelfAttention.relative_attention_bias
                        cross_attn_norm   layer.1.layer_norm
                        cross_attn_q      layer.1.EncDecAttention.q
                        cross_attn_k      layer.1.EncDecAttention.k
                        cross_attn_v      layer.1.EncDecAttention.v
                        cross_attn_o      layer.1.EncDecAttention.o
                        cross_attn_rel_b  layer.1.EncDecAttention.relative_attention_bias
                        ffn_norm          layer.2.layer_norm
                        ffn_up            layer.2.DenseReluDense.wi
                        ffn_gate          layer.2.DenseReluDense.wi_0
                        ffn_up            layer.2.DenseReluDense.wi_1
                        ffn_down          layer.2.DenseReluDense.wo
                        """)
                .defaults("""
                        {"n_positions": 512, "layer_norm_epsilon": 1e-6, "d_kv": 64, "relative_attention_num_buckets": 32,
                         "relative_attention_max_distance": 128, "feed_forward_proj": "relu",
                         "decoder_start_token_id": 0}""")
                .describe(Encoders::describeT5)
                .tied()
                .build();
    }

    private static boolean encoderOnly(Config config) {
        return config.texts("architectures").stream().anyMatch(name -> name.endsWith("EncoderModel"));
    }

    private static int decoderLayers(Config config) {
        return encoderOnly(config) ? 0 : config.integer(1, 1024, "num_decoder_layers").orElseGet(() -> Keys.layers(config));
    }

    private static void describeT5(Config config, Description out) {
        int width = Keys.width(config);
        out.put("block_count", Keys.layers(config));
        out.put("embedding_length", width);
        out.put("context_length", Keys.context(config).orElseThrow());
        out.put("feed_forward_length", config.requireInt(1, 1 << 20, "d_ff"));
        out.put("attention.head_count", Keys.heads(config));
        int dimension = config.requireInt(1, 1 << 20, "d_kv");
        out.put("attention.key_length", dimension);
        out.put("attention.value_length", dimension);
        out.put("attention.layer_norm_rms_epsilon", config.requirePositive("layer_norm_epsilon"));
        out.put("attention.relative_buckets_count", config.requireInt(4, 1 << 16, "relative_attention_num_buckets"));
        out.put("attention.relative_max_distance", config.requireInt(2, 1 << 16, "relative_attention_max_distance"));
        String projection = config.text("feed_forward_proj").orElseThrow();
        String function = projection.startsWith("gated-") ? projection.substring("gated-".length()) : projection;
        Keys.activation(config, out, "feed_forward_proj",
                projection.equals("gated-gelu") ? "gelu_new" : function);
        if (encoderOnly(config)) return;
        out.put("decoder_block_count", decoderLayers(config));
        out.put("decoder_start_token_id", config.requireInt(0, Integer.MAX_VALUE, "decoder_start_token_id"));
        // A matrix that embeds as well as predicts was trained on outputs scaled down to fit.
        if (config.optionalFlag("tie_word_embeddings").orElse(true)) out.put("logit_scale", 1 / Math.sqrt(width));
    }
}
