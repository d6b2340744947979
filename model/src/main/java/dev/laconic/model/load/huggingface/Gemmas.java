package dev.laconic.model.load.huggingface;

/** Gemma 1 to 3: norms stored as their distance from one, embeddings that are the output matrix too. */
final class Gemmas {
    private static final String SANDWICH_NORMS = """
            attn_norm            input_layernorm
            post_attention_norm  post_attention_layernorm
            ffn_norm             pre_feedforward_layernorm
            post_ffw_norm        post_feedforward_layernorm
            """;

    private Gemmas() {}

    private static Family.Builder gemma(String architecture, String... layers) {
        return Family.of(architecture)
                .names(Llamas.BODY)
                .layers("layers.", layers)
                .transform(_ -> Transform.plusOne(), "output_norm.weight", "attn_norm.weight", "ffn_norm.weight",
                        "post_attention_norm.weight", "post_ffw_norm.weight", "attn_q_norm.weight", "attn_k_norm.weight")
                .describe(Keys::sizes)
                .describe(Keys::rmsNorm)
                .describe(RopeKeys::describe)
                .describe((config, out) -> Keys.activation(config, out, "hidden_activation", "gelu_pytorch_tanh"))
                .tied();
    }

    static Family gemma1() {
        return gemma("gemma", Llamas.ATTENTION, Llamas.PRE_NORMS, Llamas.GATED)
                .defaults("""
                        {"max_position_embeddings": 8192, "rms_norm_eps": 1e-6, "num_key_value_heads": 16,
                         "head_dim": 256}""")
                .build();
    }

    static Family gemma2() {
        return gemma("gemma2", Llamas.ATTENTION, SANDWICH_NORMS, Llamas.GATED)
                .defaults("""
                        {"hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26,
                         "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
                         "max_position_embeddings": 8192, "rms_norm_eps": 1e-6, "query_pre_attn_scalar": 256,
                         "sliding_window": 4096, "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0}""")
                .describe(Gemmas::scores)
                .describe((config, out) -> {
                    if (!Keys.windowByLayer(config, out)) Keys.window(config, out);
                })
                .build();
    }

    static Family gemma3() {
        return gemma("gemma3", Llamas.ATTENTION, Llamas.HEAD_NORMS, SANDWICH_NORMS, Llamas.GATED)
                .defaults("""
                        {"hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26,
                         "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
                         "max_position_embeddings": 131072, "rms_norm_eps": 1e-6, "query_pre_attn_scalar": 256,
                         "sliding_window": 4096, "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0}""")
                .describe(Gemmas::scores)
                .describe((config, out) -> {
                    if (Keys.windowByLayer(config, out)) return;
                    Keys.window(config, out);
                    out.put("attention.sliding_window_pattern", config.integer(
                            1, Integer.MAX_VALUE, "sliding_window_pattern", "_sliding_window_pattern").orElse(6));
                })
                .build();
    }

    private static void scores(Config config, Description out) {
        out.put("attention.scale", 1 / Math.sqrt(config.requirePositive("query_pre_attn_scalar")));
        out.put("attn_logit_softcapping", config.positive("attn_logit_softcapping").orElse(0.0));
        out.put("final_logit_softcapping", config.positive("final_logit_softcapping").orElse(0.0));
        config.require("use_bidirectional_attention", false);
    }
}
