package dev.laconic.model.load.huggingface;

/** Llama and the models that keep its names: {@code model.layers.0.self_attn.q_proj} and so on. */
final class Llamas {
    static final String BODY = """
            token_embd   embed_tokens
            output_norm  norm
            """;
    static final String ATTENTION = """
            attn_q       self_attn.q_proj
            attn_k       self_attn.k_proj
            attn_v       self_attn.v_proj
            attn_output  self_attn.o_proj
            """;
    static final String PRE_NORMS = """
            attn_norm    input_layernorm
            ffn_norm     post_attention_layernorm
            """;
    static final String POST_NORMS = """
            post_attention_norm  post_attention_layernorm
            post_ffw_norm        post_feedforward_layernorm
            """;
    static final String HEAD_NORMS = """
            attn_q_norm  self_attn.q_norm
            attn_k_norm  self_attn.k_norm
            """;
    static final String GATED = """
            ffn_gate     mlp.gate_proj
            ffn_up       mlp.up_proj
            ffn_down     mlp.down_proj
            """;

    static final String PLAIN = """
            ffn_up       mlp.up_proj
            ffn_down     mlp.down_proj
            """;

    private Llamas() {}

    /** A network of RMS norms with these tensors in each layer. */
    static Family.Builder rms(String architecture, String... layers) {
        return Family.of(architecture)
                .names(BODY)
                .layers("layers.", layers)
                .describe(Keys::sizes)
                .describe(Keys::rmsNorm)
                .describe(RopeKeys::describe)
                .describe(Keys::activation);
    }

    static Family llama() {
        return rms("llama", ATTENTION, PRE_NORMS, GATED)
                .defaults("""
                        {"max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "hidden_act": "silu"}""")
                .describe(Keys::halves)
                .build();
    }

    static Family mistral() {
        return rms("llama", ATTENTION, PRE_NORMS, GATED)
                .defaults("""
                        {"max_position_embeddings": 131072, "rms_norm_eps": 1e-6, "hidden_act": "silu",
                         "num_key_value_heads": 8, "sliding_window": 4096}""")
                .describe(Keys::halves)
                .describe(Keys::window)
                .build();
    }

    static Family qwen2() {
        return rms("qwen2", ATTENTION, PRE_NORMS, GATED)
                .defaults("""
                        {"max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "hidden_act": "silu",
                         "num_key_value_heads": 32}""")
                .describe(Llamas::refuseWindow)
                .build();
    }

    static Family qwen3() {
        return rms("qwen3", ATTENTION, HEAD_NORMS, PRE_NORMS, GATED)
                .defaults("""
                        {"max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "hidden_act": "silu",
                         "num_key_value_heads": 32, "head_dim": 128}""")
                .describe(Llamas::refuseWindow)
                .build();
    }

    static Family olmo() {
        return Family.of("olmo")
                .names(BODY)
                .layers("layers.", ATTENTION, GATED)
                .defaults("""
                        {"max_position_embeddings": 2048, "hidden_act": "silu"}""")
                .describe(Keys::sizes)
                .describe(RopeKeys::describe)
                .describe(Keys::activation)
                .describe(Keys::halves)
                .describe((config, out) -> {
                    out.put("attention.layer_norm_epsilon", 1e-5);
                    config.positive("clip_qkv").ifPresent(limit -> out.put("attention.clamp_kqv", limit));
                })
                .build();
    }

    static Family olmo2() {
        return rms("olmo2", ATTENTION, HEAD_NORMS, POST_NORMS, GATED)
                .defaults("""
                        {"max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "hidden_act": "silu"}""")
                .build();
    }

    static Family olmo3() {
        return rms("olmo2", ATTENTION, HEAD_NORMS, POST_NORMS, GATED)
                .defaults("""
                        {"max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "hidden_act": "silu",
                         "sliding_window": 4096}""")
                .describe((config, out) -> {
                    if (Keys.windowByLayer(config, out)) return;
                    Keys.window(config, out);
                    out.put("attention.sliding_window_pattern", 4);
                })
                .build();
    }

    static Family smolLm3() {
        return rms("smollm3", ATTENTION, PRE_NORMS, GATED)
                .defaults("""
                        {"max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "hidden_act": "silu",
                         "num_key_value_heads": 4, "rope_theta": 2000000.0, "no_rope_layer_interval": 4}""")
                .describe(Keys::halves)
                .describe(Llamas::refuseWindow)
                .describe(Llamas::requireEveryFourthWithoutRope)
                .build();
    }

    static Family granite() {
        return rms("granite", ATTENTION, PRE_NORMS, GATED)
                .defaults("""
                        {"max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "hidden_act": "silu",
                         "embedding_multiplier": 1.0, "logits_scaling": 1.0, "residual_multiplier": 1.0,
                         "attention_multiplier": 1.0}""")
                .describe(Llamas::multipliers)
                .build();
    }

    static Family phi3() {
        return rms("phi3", PRE_NORMS, """
                        attn_qkv     self_attn.qkv_proj
                        attn_output  self_attn.o_proj
                        ffn_up       mlp.gate_up_proj
                        ffn_down     mlp.down_proj
                        """)
                .defaults("""
                        {"max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "hidden_act": "silu",
                         "original_max_position_embeddings": 4096}""")
                .describe(Keys::window)
                .describe((_, out) -> out.put("attention.sliding_window_pattern", 0))
                .build();
    }

    /** Granite's factors, and its rotary halves. */
    static void multipliers(Config config, Description out) {
        Keys.halves(config, out);
        out.put("embedding_scale", config.requirePositive("embedding_multiplier"))
                .put("residual_scale", config.requirePositive("residual_multiplier"))
                .put("attention.scale", config.requirePositive("attention_multiplier"))
                .put("logit_scale", config.requirePositive("logits_scaling"));
    }

    static Family miniCpm() {
        return rms("minicpm", ATTENTION, PRE_NORMS, GATED)
                .defaults("""
                        {"max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "hidden_act": "silu", "scale_emb": 1.0,
                         "scale_depth": 1.0, "dim_model_base": 1}""")
                .describe(Keys::halves)
                .describe((config, out) -> out
                        .put("embedding_scale", config.requirePositive("scale_emb"))
                        .put("residual_scale", config.requirePositive("scale_depth") / Math.sqrt(Keys.layers(config)))
                        .put("logit_scale", Keys.width(config) / config.requirePositive("dim_model_base")))
                .tied()
                .build();
    }

    static Family arcee() {
        return rms("arcee", ATTENTION, PRE_NORMS, PLAIN)
                .defaults("""
                        {"max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "hidden_act": "relu2"}""")
                .describe(Keys::halves)
                .build();
    }

    static Family seedOss() {
        return rms("seed_oss", ATTENTION, GATED, """
                        attn_norm            input_layernorm
                        post_attention_norm  post_attention_layernorm
                        """)
                .defaults("""
                        {"max_position_embeddings": 524288, "rms_norm_eps": 1e-6, "hidden_act": "silu",
                         "num_key_value_heads": 8, "head_dim": 128}""")
                .build();
    }

    static Family dream() {
        return rms("dream", ATTENTION, PRE_NORMS, GATED)
                .defaults("""
                        {"max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "hidden_act": "silu"}""")
                .describe(Llamas::refuseWindow)
                .build();
    }

    /** Mistral since its scores grow with the position. */
    static Family ministral3() {
        return rms("mistral3", ATTENTION, PRE_NORMS, GATED)
                .defaults("""
                        {"max_position_embeddings": 262144, "rms_norm_eps": 1e-5, "hidden_act": "silu"}""")
                .describe(Keys::halves)
                .describe(Keys::window)
                .describe((config, out) -> config.section("rope_parameters")
                        .flatMap(parameters -> parameters.positive("llama_4_scaling_beta"))
                        .ifPresent(beta -> out.put("attention.temperature_scale", beta)))
                .build();
    }

    /** Its rotary pairs are neighbours, as in its GGUF files. */
    static Family glm4() {
        return rms("glm4", ATTENTION, """
                        attn_norm            input_layernorm
                        post_attention_norm  post_self_attn_layernorm
                        ffn_norm             post_attention_layernorm
                        post_ffw_norm        post_mlp_layernorm
                        ffn_up               mlp.gate_up_proj
                        ffn_down             mlp.down_proj
                        """)
                .defaults("""
                        {"max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "hidden_act": "silu",
                         "num_key_value_heads": 2, "partial_rotary_factor": 0.5}""")
                .build();
    }

    static Family internLm2() {
        return Family.of("internlm2")
                .bodies("tok_embeddings.weight", "model.", "language_model.model.", "")
                .names("""
                        token_embd   tok_embeddings
                        output_norm  norm
                        """)
                .heads("output output")
                .layers("layers.", """
                        attn_norm    attention_norm
                        attn_qkv     attention.wqkv
                        attn_output  attention.wo
                        ffn_norm     ffn_norm
                        ffn_gate     feed_forward.w1
                        ffn_up       feed_forward.w3
                        ffn_down     feed_forward.w2
                        """)
                .transform(config -> Transform.ungrouped(
                        Keys.heads(config), Keys.kvHeads(config), Keys.headDimension(config)), "attn_qkv.weight",
                        "attn_qkv.bias")
                .defaults("""
                        {"max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "hidden_act": "silu"}""")
                .describe(Keys::sizes)
                .describe(Keys::rmsNorm)
                .describe(RopeKeys::describe)
                .describe(Keys::activation)
                .describe(Keys::halves)
                .build();
    }

    static Family exaone() {
        return Family.of("exaone")
                .bodies("wte.weight", "transformer.", "")
                .names("""
                        token_embd   wte
                        output_norm  ln_f
                        """)
                .layers("h.", """
                        attn_norm    ln_1
                        attn_q       attn.attention.q_proj
                        attn_k       attn.attention.k_proj
                        attn_v       attn.attention.v_proj
                        attn_output  attn.attention.out_proj
                        ffn_norm     ln_2
                        ffn_gate     mlp.c_fc_0
                        ffn_up       mlp.c_fc_1
                        ffn_down     mlp.c_proj
                        """)
                .defaults("""
                        {"max_position_embeddings": 2048, "layer_norm_epsilon": 1e-5, "activation_function": "silu"}""")
                .describe(Keys::sizes)
                .describe((config, out) ->
                        out.put("attention.layer_norm_rms_epsilon", config.requirePositive("layer_norm_epsilon")))
                .describe(RopeKeys::describe)
                .describe(Keys::activation)
                .build();
    }

    static void refuseWindow(Config config, Description out) {
        config.require("use_sliding_window", false);
    }

    private static void requireEveryFourthWithoutRope(Config config, Description out) {
        if (config.integer(1, Integer.MAX_VALUE, "no_rope_layer_interval").orElse(4) != 4)
            throw config.unsupported("no_rope_layer_interval", "another interval", "4");
        config.numbers("no_rope_layers").ifPresent(flags -> {
            for (int layer = 0; layer < flags.length; layer++)
                if (flags[layer] != (layer % 4 == 3 ? 0 : 1))
                    throw config.unsupported("no_rope_layers", "other layers", "every fourth layer without rotary positions");
        });
    }
}
