package dev.laconic.model.load.huggingface;

/** Decoders under Llama's names that normalise to mean zero. */
final class LayerNormed {
    private LayerNormed() {}

    static Family stableLm() {
        return Family.of("stablelm")
                .names(Llamas.BODY)
                .layers("layers.", Llamas.ATTENTION, Llamas.PRE_NORMS, Llamas.GATED, """
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
                .names(Llamas.BODY)
                .layers("layers.", Llamas.ATTENTION, Llamas.PRE_NORMS, """
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
                .names(Llamas.BODY)
                .layers("layers.", Llamas.ATTENTION, Llamas.PRE_NORMS, Llamas.PLAIN)
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

    /** Its rotary pairs are neighbours, as in its GGUF files. */
    static Family cohere() {
        return commandR("command-r").build();
    }

    static Family cohere2() {
        return commandR("cohere2")
                .describe((config, out) -> {
                    if (Keys.windowByLayer(config, out)) return;
                    Keys.window(config, out);
                    out.put("attention.sliding_window_pattern",
                            config.integer(1, 1 << 20, "sliding_window_pattern", "_sliding_window_pattern").orElse(4));
                })
                .build();
    }

    private static Family.Builder commandR(String architecture) {
        return Family.of(architecture)
                .names(Llamas.BODY)
                .layers("layers.", "attn_norm input_layernorm", Llamas.ATTENTION, Llamas.HEAD_NORMS, Llamas.GATED)
                .defaults("""
                        {"max_position_embeddings": 8192, "layer_norm_eps": 1e-5, "hidden_act": "silu",
                         "logit_scale": 0.0625, "sliding_window": 4096}""")
                .describe(Keys::sizes)
                .describe(Keys::layerNorm)
                .describe(RopeKeys::describe)
                .describe(Keys::activation)
                .describe((config, out) -> out.put("logit_scale", config.requirePositive("logit_scale")))
                .tied();
    }
}
