package dev.laconic.model.load.huggingface;

/** The decoders that descend from GPT-2, with layer norms and most with fused projections. */
final class Gpts {
    private static final String GPT2_BODY = """
            token_embd     wte
            position_embd  wpe
            output_norm    ln_f
            """;
    private static final String GPT2_LAYER = """
            attn_norm    ln_1
            attn_qkv     attn.c_attn
            attn_output  attn.c_proj
            ffn_norm     ln_2
            ffn_up       mlp.c_fc
            ffn_down     mlp.c_proj
            """;

    private Gpts() {}

    /** Its projections are stored with inputs as rows. */
    static Family gpt2() {
        return Family.of("gpt2")
                .bodies("wte.weight", "transformer.", "")
                .names(GPT2_BODY)
                .layers("h.", GPT2_LAYER)
                .transform(_ -> Transform.transposed(), "attn_qkv.weight", "attn_output.weight", "ffn_up.weight",
                        "ffn_down.weight")
                .defaults("""
                        {"n_positions": 1024, "layer_norm_epsilon": 1e-5, "activation_function": "gelu_new"}""")
                .describe(Keys::sizes)
                .describe(Gpts::innerIsFourfold)
                .describe(Keys::layerNorm)
                .describe(Keys::activation)
                .describe((config, _) -> {
                    config.require("scale_attn_weights", true);
                    config.require("scale_attn_by_inverse_layer_idx", false);
                })
                .tied()
                .build();
    }

    static Family bigCode() {
        return Family.of("starcoder")
                .bodies("wte.weight", "transformer.", "")
                .names(GPT2_BODY)
                .layers("h.", GPT2_LAYER)
                .transform(config -> multiQuery(config) ? Transform.none() : ungrouped(config, Keys.heads(config)),
                        "attn_qkv.weight", "attn_qkv.bias")
                .defaults("""
                        {"n_positions": 1024, "layer_norm_epsilon": 1e-5, "activation_function": "gelu_pytorch_tanh"}""")
                .describe(Keys::sizes)
                .describe((config, out) -> {
                    if (multiQuery(config)) out.put("attention.head_count_kv", 1);
                })
                .describe(Gpts::innerIsFourfold)
                .describe(Keys::layerNorm)
                .describe(Keys::activation)
                .tied()
                .build();
    }

    private static boolean multiQuery(Config config) {
        return config.optionalFlag("multi_query").orElse(true);
    }

    static Family gptNeoX() {
        return Family.of("gptneox")
                .bodies("embed_in.weight", "gpt_neox.", "")
                .names("""
                        token_embd   embed_in
                        output_norm  final_layer_norm
                        """)
                .heads("output embed_out", "output lm_head")
                .layers("layers.", """
                        attn_norm    input_layernorm
                        attn_qkv     attention.query_key_value
                        attn_output  attention.dense
                        ffn_norm     post_attention_layernorm
                        ffn_up       mlp.dense_h_to_4h
                        ffn_down     mlp.dense_4h_to_h
                        """)
                .transform(config -> ungrouped(config, Keys.heads(config)), "attn_qkv.weight", "attn_qkv.bias")
                .defaults("""
                        {"max_position_embeddings": 2048, "layer_norm_eps": 1e-5, "hidden_act": "gelu",
                         "rotary_pct": 0.25}""")
                .describe(Keys::sizes)
                .describe(Keys::layerNorm)
                .describe(RopeKeys::describe)
                .describe(Keys::activation)
                .describe((config, out) -> out.put(
                        "use_parallel_residual", config.optionalFlag("use_parallel_residual").orElse(true)))
                .build();
    }

    static Family falcon() {
        return Family.of("falcon")
                .bodies("word_embeddings.weight", "transformer.", "")
                .names("""
                        token_embd   word_embeddings
                        output_norm  ln_f
                        """)
                .layers("h.", """
                        attn_norm    ln_mlp
                        attn_norm    input_layernorm
                        attn_norm_2  ln_attn
                        attn_qkv     self_attention.query_key_value
                        attn_output  self_attention.dense
                        ffn_up       mlp.dense_h_to_4h
                        ffn_down     mlp.dense_4h_to_h
                        """)
                .transform(config -> ungrouped(config, falconKvHeads(config)), "attn_qkv.weight", "attn_qkv.bias")
                .defaults("""
                        {"max_position_embeddings": 2048, "layer_norm_epsilon": 1e-5, "activation": "gelu"}""")
                .describe((config, _) -> {
                    config.require("alibi", false);
                    config.require("parallel_attn", true);
                })
                .describe(Keys::sizes)
                .describe((config, out) -> out.put("attention.head_count_kv", falconKvHeads(config)))
                .describe(Gpts::innerIsFourfold)
                .describe(Keys::layerNorm)
                .describe(RopeKeys::describe)
                .describe(Keys::activation)
                .tied()
                .build();
    }

    static Family bloom() {
        return Family.of("bloom")
                .bodies("word_embeddings.weight", "transformer.", "")
                .names("""
                        token_embd       word_embeddings
                        token_embd_norm  word_embeddings_layernorm
                        output_norm      ln_f
                        """)
                .layers("h.", """
                        attn_norm    input_layernorm
                        attn_qkv     self_attention.query_key_value
                        attn_output  self_attention.dense
                        ffn_norm     post_attention_layernorm
                        ffn_up       mlp.dense_h_to_4h
                        ffn_down     mlp.dense_4h_to_h
                        """)
                .transform(config -> ungrouped(config, Keys.heads(config)), "attn_qkv.weight", "attn_qkv.bias")
                .defaults("""
                        {"seq_length": 2048, "layer_norm_epsilon": 1e-5}""")
                .describe((config, _) -> config.require("apply_residual_connection_post_layernorm", false))
                .describe(Keys::sizes)
                .describe(Gpts::innerIsFourfold)
                .describe(Keys::layerNorm)
                .describe((config, out) -> Keys.activation(config, out, "activation", "gelu_fast"))
                .tied()
                .build();
    }

    static Family mpt() {
        return Family.of("mpt")
                .bodies("wte.weight", "transformer.", "")
                .names("""
                        token_embd     wte
                        position_embd  wpe
                        output_norm    norm_f
                        """)
                .layers("blocks.", """
                        attn_norm    norm_1
                        attn_qkv     attn.Wqkv
                        attn_q_norm  attn.q_ln
                        attn_k_norm  attn.k_ln
                        attn_output  attn.out_proj
                        ffn_norm     norm_2
                        ffn_up       ffn.up_proj
                        ffn_down     ffn.down_proj
                        """)
                .defaults("""
                        {"max_seq_len": 2048, "layer_norm_epsilon": 1e-5, "expansion_ratio": 4}""")
                .describe(Keys::sizes)
                .describe(Keys::layerNorm)
                .describe((config, out) -> {
                    out.put("feed_forward_length",
                            Math.round(config.requirePositive("expansion_ratio") * Keys.width(config)));
                    Keys.activation(config, out, "activation", "gelu");
                })
                .describe(Gpts::mptAttention)
                .tied()
                .build();
    }

    private static void mptAttention(Config config, Description out) {
        Config attention = config.section("attn_config").orElseThrow(() -> config.missing("attn_config", "an object"));
        attention.integer(1, Keys.heads(config), "kv_n_heads").ifPresent(heads -> out.put("attention.head_count_kv", heads));
        attention.positive("clip_qkv").ifPresent(limit -> out.put("attention.clamp_kqv", limit));
        attention.require("rope", false);
        if (attention.optionalFlag("alibi").orElse(true))
            out.put("attention.max_alibi_bias", attention.positive("alibi_bias_max").orElse(8.0));
    }

    private static int falconKvHeads(Config config) {
        if (config.flag("new_decoder_architecture")) return Keys.kvHeads(config);
        return config.optionalFlag("multi_query").orElse(true) ? 1 : Keys.heads(config);
    }

    private static Transform ungrouped(Config config, int kvHeads) {
        return Transform.ungrouped(Keys.heads(config), kvHeads, Keys.headDimension(config));
    }

    private static void innerIsFourfold(Config config, Description out) {
        if (Keys.inner(config).isEmpty()) out.put("feed_forward_length", 4L * Keys.width(config));
    }
}
