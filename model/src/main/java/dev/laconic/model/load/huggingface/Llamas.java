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
    static final String EXPERTS = """
            ffn_gate_inp             mlp.gate
            ffn_gate.{e}             mlp.experts.{e}.gate_proj
            ffn_up.{e}               mlp.experts.{e}.up_proj
            ffn_down.{e}             mlp.experts.{e}.down_proj
            ffn_gate_up_exps.weight  mlp.experts.gate_up_proj
            ffn_down_exps.weight     mlp.experts.down_proj
            """;
    private static final String SHARED_EXPERT = """
            ffn_gate_inp_shexp  mlp.shared_expert_gate
            ffn_gate_shexp      mlp.shared_expert.gate_proj
            ffn_up_shexp        mlp.shared_expert.up_proj
            ffn_down_shexp      mlp.shared_expert.down_proj
            """;
    private static final String MIXTRAL_EXPERTS = """
            ffn_gate_inp             block_sparse_moe.gate
            ffn_gate.{e}             block_sparse_moe.experts.{e}.w1
            ffn_down.{e}             block_sparse_moe.experts.{e}.w2
            ffn_up.{e}               block_sparse_moe.experts.{e}.w3
            """;

    private Llamas() {}

    private static Family.Builder rms(String architecture, String... layers) {
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

    static Family mixtral() {
        return rms("llama", ATTENTION, PRE_NORMS, MIXTRAL_EXPERTS, EXPERTS)
                .defaults("""
                        {"max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "hidden_act": "silu",
                         "num_key_value_heads": 8, "num_local_experts": 8, "num_experts_per_tok": 2,
                         "rope_theta": 1000000.0}""")
                .describe(Keys::halves)
                .describe(Keys::window)
                .describe(Keys::experts)
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

    static Family qwen2Moe() {
        return rms("qwen2moe", ATTENTION, PRE_NORMS, EXPERTS, SHARED_EXPERT)
                .defaults("""
                        {"max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "hidden_act": "silu",
                         "num_key_value_heads": 16, "num_experts": 60, "num_experts_per_tok": 4,
                         "moe_intermediate_size": 1408, "shared_expert_intermediate_size": 5632}""")
                .describe(Llamas::refuseWindow)
                .describe(Llamas::expertSizes)
                .describe((config, out) -> out.put("expert_shared_feed_forward_length",
                        config.requireInt(1, 1 << 20, "shared_expert_intermediate_size")))
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

    static Family qwen3Moe() {
        return rms("qwen3moe", ATTENTION, HEAD_NORMS, PRE_NORMS, EXPERTS)
                .defaults("""
                        {"max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "hidden_act": "silu",
                         "num_key_value_heads": 4, "num_experts": 128, "num_experts_per_tok": 8,
                         "moe_intermediate_size": 768}""")
                .describe(Llamas::refuseWindow)
                .describe(Llamas::expertSizes)
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

    static Family olmoe() {
        return rms("olmoe", ATTENTION, HEAD_NORMS, PRE_NORMS, EXPERTS)
                .defaults("""
                        {"max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "hidden_act": "silu",
                         "num_experts": 64, "num_experts_per_tok": 8}""")
                .describe(Keys::experts)
                .describe((config, out) -> out.put("expert_weights_norm", config.flag("norm_topk_prob")))
                .describe((config, out) ->
                        config.positive("clip_qkv").ifPresent(limit -> out.put("attention.clamp_kqv", limit)))
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
                .describe(Keys::halves)
                .describe((config, out) -> out
                        .put("embedding_scale", config.requirePositive("embedding_multiplier"))
                        .put("residual_scale", config.requirePositive("residual_multiplier"))
                        .put("attention.scale", config.requirePositive("attention_multiplier"))
                        .put("logit_scale", config.requirePositive("logits_scaling")))
                .build();
    }

    static Family stableLm() {
        return Family.of("stablelm")
                .names(BODY)
                .layers("layers.", ATTENTION, PRE_NORMS, GATED, """
                        attn_q_norm.weight  self_attn.q_layernorm.norms.{h}.weight
                        attn_k_norm.weight  self_attn.k_layernorm.norms.{h}.weight
                        """)
                .defaults("""
                        {"max_position_embeddings": 4096, "layer_norm_eps": 1e-5, "hidden_act": "silu",
                         "partial_rotary_factor": 0.25}""")
                .describe(Keys::sizes)
                .describe(Keys::layerNorm)
                .describe(RopeKeys::describe)
                .describe(Keys::activation)
                .build();
    }

    static Family starcoder2() {
        return Family.of("starcoder2")
                .names(BODY)
                .layers("layers.", ATTENTION, PRE_NORMS, """
                        ffn_up    mlp.c_fc
                        ffn_down  mlp.c_proj
                        """)
                .defaults("""
                        {"max_position_embeddings": 4096, "norm_epsilon": 1e-5, "hidden_act": "gelu_pytorch_tanh",
                         "num_key_value_heads": 2}""")
                .describe(Keys::sizes)
                .describe(Keys::layerNorm)
                .describe(RopeKeys::describe)
                .describe(Keys::activation)
                .describe(Keys::window)
                .tied()
                .build();
    }

    static Family nemotron() {
        return Family.of("nemotron")
                .names(BODY)
                .layers("layers.", ATTENTION, PRE_NORMS, """
                        ffn_up    mlp.up_proj
                        ffn_down  mlp.down_proj
                        """)
                .defaults("""
                        {"max_position_embeddings": 4096, "norm_eps": 1e-5, "hidden_act": "relu2",
                         "partial_rotary_factor": 0.5}""")
                .transform(_ -> Transform.plusOne(), "attn_norm.weight", "ffn_norm.weight", "output_norm.weight")
                .describe(Keys::sizes)
                .describe(Keys::layerNorm)
                .describe(RopeKeys::describe)
                .describe(Keys::activation)
                .build();
    }

    static Family phi2() {
        return Family.of("phi2")
                .names("""
                        token_embd   embed_tokens
                        output_norm  final_layernorm
                        """)
                .layers("layers.", """
                        attn_norm    input_layernorm
                        attn_q       self_attn.q_proj
                        attn_k       self_attn.k_proj
                        attn_v       self_attn.v_proj
                        attn_output  self_attn.dense
                        ffn_up       mlp.fc1
                        ffn_down     mlp.fc2
                        """)
                .defaults("""
                        {"max_position_embeddings": 2048, "layer_norm_eps": 1e-5, "hidden_act": "gelu_new",
                         "partial_rotary_factor": 0.5}""")
                .describe(Keys::sizes)
                .describe(Keys::layerNorm)
                .describe(RopeKeys::describe)
                .describe(Keys::activation)
                .describe((config, _) -> config.require("qk_layernorm", false))
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

    private static void refuseWindow(Config config, Description out) {
        config.require("use_sliding_window", false);
    }

    private static void expertSizes(Config config, Description out) {
        Keys.experts(config, out);
        out.put("expert_weights_norm", config.flag("norm_topk_prob"));
        out.put("expert_feed_forward_length", config.requireInt(1, 1 << 20, "moe_intermediate_size"));
        if (config.integer(1, Integer.MAX_VALUE, "decoder_sparse_step").orElse(1) != 1)
            throw config.unsupported("decoder_sparse_step", "a layer without experts", "1");
        if (config.hasElements("mlp_only_layers"))
            throw config.unsupported("mlp_only_layers", "a layer without experts", "an empty list");
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
