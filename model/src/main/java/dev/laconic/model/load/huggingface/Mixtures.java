package dev.laconic.model.load.huggingface;

/** Llama-like models whose feed-forward parts are mixtures of experts: a tensor each, or stacked in one. */
final class Mixtures {
    private static final String EXPERTS = """
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

    private Mixtures() {}

    static Family mixtral() {
        return Llamas.rms("llama", Llamas.ATTENTION, Llamas.PRE_NORMS, MIXTRAL_EXPERTS, EXPERTS)
                .defaults("""
                        {"max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "hidden_act": "silu",
                         "num_key_value_heads": 8, "num_local_experts": 8, "num_experts_per_tok": 2,
                         "rope_theta": 1000000.0}""")
                .describe(Keys::halves)
                .describe(Keys::window)
                .describe(Keys::experts)
                .build();
    }

    static Family qwen2Moe() {
        return Llamas.rms("qwen2moe", Llamas.ATTENTION, Llamas.PRE_NORMS, EXPERTS, SHARED_EXPERT)
                .defaults("""
                        {"max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "hidden_act": "silu",
                         "num_key_value_heads": 16, "num_experts": 60, "num_experts_per_tok": 4,
                         "moe_intermediate_size": 1408, "shared_expert_intermediate_size": 5632}""")
                .describe(Llamas::refuseWindow)
                .describe(Mixtures::sizes)
                .describe((config, out) -> out.put("expert_shared_feed_forward_length",
                        config.requireInt(1, 1 << 20, "shared_expert_intermediate_size")))
                .build();
    }

    static Family qwen3Moe() {
        return Llamas.rms("qwen3moe", Llamas.ATTENTION, Llamas.HEAD_NORMS, Llamas.PRE_NORMS, EXPERTS)
                .defaults("""
                        {"max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "hidden_act": "silu",
                         "num_key_value_heads": 4, "num_experts": 128, "num_experts_per_tok": 8,
                         "moe_intermediate_size": 768}""")
                .describe(Llamas::refuseWindow)
                .describe(Mixtures::sizes)
                .build();
    }

    static Family olmoe() {
        return Llamas.rms("olmoe", Llamas.ATTENTION, Llamas.HEAD_NORMS, Llamas.PRE_NORMS, EXPERTS)
                .defaults("""
                        {"max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "hidden_act": "silu",
                         "num_experts": 64, "num_experts_per_tok": 8}""")
                .describe(Keys::experts)
                .describe((config, out) -> out.put("expert_weights_norm", config.flag("norm_topk_prob")))
                .describe((config, _) -> {
                    if (config.has("clip_qkv")) throw config.unsupported("clip_qkv", "a limit", "null");
                })
                .build();
    }

    static Family graniteMoe() {
        return Llamas.rms("granitemoe", Llamas.ATTENTION, Llamas.PRE_NORMS, """
                        ffn_gate_inp             block_sparse_moe.router.layer
                        ffn_gate_up_exps.weight  block_sparse_moe.input_linear.weight
                        ffn_down_exps.weight     block_sparse_moe.output_linear.weight
                        """)
                .defaults("""
                        {"max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "hidden_act": "silu",
                         "num_local_experts": 8, "num_experts_per_tok": 2, "embedding_multiplier": 1.0,
                         "logits_scaling": 1.0, "residual_multiplier": 1.0, "attention_multiplier": 1.0}""")
                .describe(Llamas::multipliers)
                .describe(Keys::experts)
                .build();
    }

    /** The first DeepSeek mixture: some dense layers, then experts of which some are shared by all. */
    static Family deepSeek() {
        return Llamas.rms("deepseek", Llamas.ATTENTION, Llamas.PRE_NORMS, Llamas.GATED, EXPERTS, """
                        ffn_gate_shexp  mlp.shared_experts.gate_proj
                        ffn_up_shexp    mlp.shared_experts.up_proj
                        ffn_down_shexp  mlp.shared_experts.down_proj
                        """)
                .defaults("""
                        {"max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "hidden_act": "silu",
                         "first_k_dense_replace": 0, "n_shared_experts": 1, "moe_layer_freq": 1}""")
                .describe(Keys::halves)
                .describe(Keys::experts)
                .describe((config, out) -> {
                    out.put("expert_weights_norm", config.flag("norm_topk_prob"));
                    out.put("expert_feed_forward_length", config.requireInt(1, 1 << 20, "moe_intermediate_size"));
                    out.put("expert_shared_count", config.requireInt(1, 1 << 12, "n_shared_experts"));
                    out.put("leading_dense_block_count",
                            config.requireInt(0, Keys.layers(config), "first_k_dense_replace"));
                    if (config.requireInt(1, 1 << 20, "moe_layer_freq") != 1)
                        throw config.unsupported("moe_layer_freq", "a layer without experts", "1");
                    config.text("scoring_func").filter(name -> !name.equals("softmax")).ifPresent(name -> {
                        throw config.unsupported("scoring_func", name, "softmax");
                    });
                })
                .build();
    }

    private static void sizes(Config config, Description out) {
        Keys.experts(config, out);
        out.put("expert_weights_norm", config.flag("norm_topk_prob"));
        out.put("expert_feed_forward_length", config.requireInt(1, 1 << 20, "moe_intermediate_size"));
        if (config.integer(1, Integer.MAX_VALUE, "decoder_sparse_step").orElse(1) != 1)
            throw config.unsupported("decoder_sparse_step", "a layer without experts", "1");
        if (config.hasElements("mlp_only_layers"))
            throw config.unsupported("mlp_only_layers", "a layer without experts", "an empty list");
    }
}
