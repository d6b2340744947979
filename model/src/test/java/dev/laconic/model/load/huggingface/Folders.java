package dev.laconic.model.load.huggingface;

import dev.laconic.format.ModelFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** For each parity model the folder that transformers would have saved. */
final class Folders {
    private static final String LLAMA = """
            token_embd           model.embed_tokens
            output_norm          model.norm
            output               lm_head
            blk.#.attn_norm      model.layers.#.input_layernorm
            blk.#.attn_q         model.layers.#.self_attn.q_proj
            blk.#.attn_k         model.layers.#.self_attn.k_proj
            blk.#.attn_v         model.layers.#.self_attn.v_proj
            blk.#.attn_output    model.layers.#.self_attn.o_proj
            blk.#.ffn_norm       model.layers.#.post_attention_layernorm
            blk.#.ffn_gate       model.layers.#.mlp.gate_proj
            blk.#.ffn_up         model.layers.#.mlp.up_proj
            blk.#.ffn_down       model.layers.#.mlp.down_proj
            """;
    private static final String BERT = """
            token_embd               embeddings.word_embeddings
            token_types              embeddings.token_type_embeddings
            position_embd            embeddings.position_embeddings
            token_embd_norm          embeddings.LayerNorm
            blk.#.attn_q             encoder.layer.#.attention.self.query
            blk.#.attn_k             encoder.layer.#.attention.self.key
            blk.#.attn_v             encoder.layer.#.attention.self.value
            blk.#.attn_output        encoder.layer.#.attention.output.dense
            blk.#.attn_output_norm   encoder.layer.#.attention.output.LayerNorm
            blk.#.ffn_up             encoder.layer.#.intermediate.dense
            blk.#.ffn_down           encoder.layer.#.output.dense
            blk.#.layer_output_norm  encoder.layer.#.output.LayerNorm
            """;
    private static final String T5_ENCODER = """
            enc.output_norm       encoder.final_layer_norm
            enc.blk.#.attn_norm   encoder.block.#.layer.0.layer_norm
            enc.blk.#.attn_q      encoder.block.#.layer.0.SelfAttention.q
            enc.blk.#.attn_k      encoder.block.#.layer.0.SelfAttention.k
            enc.blk.#.attn_v      encoder.block.#.layer.0.SelfAttention.v
            enc.blk.#.attn_o      encoder.block.#.layer.0.SelfAttention.o
            enc.blk.#.attn_rel_b  encoder.block.#.layer.0.SelfAttention.relative_attention_bias
            enc.blk.#.ffn_norm    encoder.block.#.layer.1.layer_norm
            enc.blk.#.ffn_gate    encoder.block.#.layer.1.DenseReluDense.wi_0
            enc.blk.#.ffn_up      encoder.block.#.layer.1.DenseReluDense.wi_1
            enc.blk.#.ffn_down    encoder.block.#.layer.1.DenseReluDense.wo
            """;
    private static final String T5_DECODER = """
            output                 lm_head
            dec.output_norm        decoder.final_layer_norm
            dec.blk.#.attn_norm    decoder.block.#.layer.0.layer_norm
            dec.blk.#.attn_q       decoder.block.#.layer.0.SelfAttention.q
            dec.blk.#.attn_k       decoder.block.#.layer.0.SelfAttention.k
            dec.blk.#.attn_v       decoder.block.#.layer.0.SelfAttention.v
            dec.blk.#.attn_o       decoder.block.#.layer.0.SelfAttention.o
            dec.blk.#.attn_rel_b   decoder.block.#.layer.0.SelfAttention.relative_attention_bias
            dec.blk.#.cross_attn_norm  decoder.block.#.layer.1.layer_norm
            dec.blk.#.cross_attn_q     decoder.block.#.layer.1.EncDecAttention.q
            dec.blk.#.cross_attn_k     decoder.block.#.layer.1.EncDecAttention.k
            dec.blk.#.cross_attn_v     decoder.block.#.layer.1.EncDecAttention.v
            dec.blk.#.cross_attn_o     decoder.block.#.layer.1.EncDecAttention.o
            dec.blk.#.ffn_norm     decoder.block.#.layer.2.layer_norm
            dec.blk.#.ffn_gate     decoder.block.#.layer.2.DenseReluDense.wi_0
            dec.blk.#.ffn_up       decoder.block.#.layer.2.DenseReluDense.wi_1
            dec.blk.#.ffn_down     decoder.block.#.layer.2.DenseReluDense.wo
            """;

    private static final String HEAD_NORMS = """
            blk.#.attn_q_norm    model.layers.#.self_attn.q_norm
            blk.#.attn_k_norm    model.layers.#.self_attn.k_norm
            """;
    private static final String POST_NORMS = """
            blk.#.post_attention_norm  model.layers.#.post_attention_layernorm
            blk.#.post_ffw_norm        model.layers.#.post_feedforward_layernorm
            """;

    static final Map<String, Consumer<Folder>> BY_MODEL = new LinkedHashMap<>();

    static {
        for (String name : new String[] {"llama-mha", "llama-gqa", "llama-tied", "llama-bias"})
            BY_MODEL.put(name, Folders::llama);
        BY_MODEL.put("llama-rope-linear", folder -> {
            llama(folder);
            folder.config("""
                    {"rope_scaling": {"type": "linear", "factor": 4.0}}""");
        });
        BY_MODEL.put("llama-rope-freqs", folder -> {
            llama(folder);
            folder.config("""
                    {"rope_theta": null,
                     "rope_parameters": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "rope_theta": 500000.0,
                                         "high_freq_factor": 4.0, "original_max_position_embeddings": 128}}""");
            folder.rule("rope_freqs\\.weight", (_, _, _) -> {});
        });
        BY_MODEL.put("llama-moe", Folders::mixtral);
        BY_MODEL.put("qwen2", folder -> {
            rmsDecoder(folder, "qwen2", "Qwen2ForCausalLM");
            folder.config("""
                    {"use_sliding_window": false, "sliding_window": 131072, "max_window_layers": 28}""");
            folder.names(LLAMA);
        });
        BY_MODEL.put("qwen2moe", Folders::qwen2Moe);
        BY_MODEL.put("qwen3", folder -> {
            rmsDecoder(folder, "qwen3", "Qwen3ForCausalLM");
            folder.config().put("head_dim", folder.integer("attention.key_length"));
            folder.names(HEAD_NORMS).names(LLAMA);
        });
        BY_MODEL.put("olmo", Folders::olmo);
        BY_MODEL.put("olmo2-swa", Folders::olmo3);
        BY_MODEL.put("olmoe", Folders::olmoe);
        BY_MODEL.put("smollm3", folder -> {
            rmsDecoder(folder, "smollm3", "SmolLM3ForCausalLM");
            folder.config("""
                    {"no_rope_layers": [1, 1, 1, 0], "no_rope_layer_interval": 4, "use_sliding_window": false,
                     "layer_types": ["full_attention", "full_attention", "full_attention", "full_attention"]}""");
            rotated(folder);
            folder.names(LLAMA);
        });
        BY_MODEL.put("granite", Folders::granite);
        BY_MODEL.put("gemma", Folders::gemma);
        BY_MODEL.put("gemma3", Folders::gemma3);
        BY_MODEL.put("stablelm", Folders::stableLm);
        BY_MODEL.put("starcoder2", Folders::starcoder2);
        BY_MODEL.put("nemotron", Folders::nemotron);
        BY_MODEL.put("phi2", Folders::phi2);
        BY_MODEL.put("gpt2", folder -> gpt2(folder, "gpt2", "GPT2LMHeadModel", "gelu_new", Folder.transposed()));
        BY_MODEL.put("starcoder", folder ->
                gpt2(folder, "gpt_bigcode", "GPTBigCodeForCausalLM", "gelu_pytorch_tanh", values -> values));
        BY_MODEL.put("gptneox", Folders::gptNeoX);
        BY_MODEL.put("falcon7", Folders::falcon);
        BY_MODEL.put("command-r", folder -> {
            layerNormDecoder(folder, "cohere", "CohereForCausalLM", "layer_norm_eps");
            folder.config()
                    .put("logit_scale", folder.number("logit_scale"))
                    .put("use_qk_norm", false)
                    .put("hidden_act", "silu")
                    .remove("tie_word_embeddings");
            folder.names(LLAMA);
        });
        BY_MODEL.put("glm4", folder -> {
            rmsDecoder(folder, "glm4", "Glm4ForCausalLM");
            folder.config().put("partial_rotary_factor", rotaryShare(folder)).put("attention_bias", true);
            folder.names("""
                            blk.#.ffn_norm             model.layers.#.post_attention_layernorm
                            blk.#.post_attention_norm  model.layers.#.post_self_attn_layernorm
                            blk.#.post_ffw_norm        model.layers.#.post_mlp_layernorm
                            blk.#.ffn_up               model.layers.#.mlp.gate_up_proj
                            """)
                    .names(LLAMA);
        });
        BY_MODEL.put("minicpm", folder -> {
            rmsDecoder(folder, "minicpm", "MiniCPMForCausalLM");
            folder.config()
                    .put("scale_emb", folder.number("embedding_scale"))
                    .put("scale_depth", folder.number("residual_scale") * Math.sqrt(folder.integer("block_count")))
                    .put("dim_model_base", (long) (folder.integer("embedding_length") / folder.number("logit_scale")));
            rotated(folder);
            folder.names(LLAMA);
        });
        BY_MODEL.put("mpt", Folders::mpt);
        BY_MODEL.put("deepseek", folder -> {
            rmsDecoder(folder, "deepseek", "DeepseekForCausalLM");
            folder.config()
                    .put("n_routed_experts", folder.integer("expert_count"))
                    .put("num_experts_per_tok", folder.integer("expert_used_count"))
                    .put("n_shared_experts", folder.integer("expert_shared_count"))
                    .put("moe_intermediate_size", folder.integer("expert_feed_forward_length"))
                    .put("first_k_dense_replace", folder.integer("leading_dense_block_count"))
                    .put("norm_topk_prob", false)
                    .put("scoring_func", "softmax");
            rotated(folder);
            experts(folder);
            folder.names("""
                            blk.#.ffn_gate_shexp model.layers.#.mlp.shared_experts.gate_proj
                            blk.#.ffn_up_shexp   model.layers.#.mlp.shared_experts.up_proj
                            blk.#.ffn_down_shexp model.layers.#.mlp.shared_experts.down_proj
                            """)
                    .names(LLAMA);
        });
        BY_MODEL.put("dream", folder -> {
            rmsDecoder(folder, "Dream", "DreamModel");
            folder.names(LLAMA);
        });
        BY_MODEL.put("mistral3-temp", folder -> {
            rmsDecoder(folder, "ministral3", "Ministral3ForCausalLM");
            folder.config("""
                            {"rope_parameters": {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0,
                                                 "original_max_position_embeddings": 16, "mscale": 1.0,
                                                 "mscale_all_dim": 1.0, "llama_4_scaling_beta": 0.1}}""")
                    .config()
                    .put("head_dim", folder.integer("attention.key_length"))
                    .remove("rope_theta");
            rotated(folder);
            folder.names(LLAMA);
        });
        BY_MODEL.put("bert-mean", Folders::bert);
        BY_MODEL.put("nomic-bert", Folders::nomicBert);
        BY_MODEL.put("modern-bert", Folders::modernBert);
        BY_MODEL.put("t5", Folders::t5);
        BY_MODEL.put("t5encoder", Folders::t5Encoder);
    }

    private Folders() {}

    /** Kinds of model that there are no files of: small random ones. */
    static final Map<String, Consumer<Folder>> OF_RANDOM = new LinkedHashMap<>();

    static {
        OF_RANDOM.put("phi3", Folders::phi3);
        OF_RANDOM.put("phi3-longrope", folder -> {
            phi3(folder);
            folder.config("""
                    {"original_max_position_embeddings": 32,
                     "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.5, 2.0, 2.5],
                                      "long_factor": [1.0, 3.0, 5.0, 7.0]}}""");
        });
        OF_RANDOM.put("gemma2", Folders::gemma2);
        OF_RANDOM.put("qwen3moe", folder -> {
            rmsDecoder(folder, "qwen3_moe", "Qwen3MoeForCausalLM");
            folder.config()
                    .put("head_dim", folder.integer("attention.key_length"))
                    .put("num_experts", folder.integer("expert_count"))
                    .put("num_experts_per_tok", folder.integer("expert_used_count"))
                    .put("moe_intermediate_size", folder.integer("expert_feed_forward_length"))
                    .put("norm_topk_prob", true);
            stackedExperts(folder);
            folder.names(HEAD_NORMS).names(LLAMA);
        });
        OF_RANDOM.put("falcon40", Folders::falcon);
        OF_RANDOM.put("stablelm2", folder -> {
            stableLm(folder);
            folder.config("""
                    {"use_parallel_residual": true, "qk_layernorm": true, "use_qkv_bias": false}""");
            folder.rule("blk\\.(\\d+)\\.attn_(q|k)_norm\\.weight", (name, values, out) -> {
                for (int head = 0; head < values.shape()[0]; head++)
                    out.put("model.layers." + name.group(1) + ".self_attn." + name.group(2) + "_layernorm.norms." + head
                            + ".weight", Folder.slice(values, head));
            });
        });
        OF_RANDOM.put("roberta", folder -> {
            bert(folder);
            folder.config("""
                    {"model_type": "xlm-roberta", "architectures": ["XLMRobertaForSequenceClassification"],
                     "pad_token_id": 1}""");
            folder.config().put("max_position_embeddings", folder.integer("context_length") + 2);
            folder.insteadOf("position_embd", (name, values, out) -> {
                float[] shifted = new float[values.elements().length + 2 * (int) values.shape()[1]];
                System.arraycopy(values.elements(), 0, shifted, 2 * (int) values.shape()[1], values.elements().length);
                out.put("roberta.embeddings.position_embeddings." + name.group(1),
                        new Folder.Values(shifted, values.shape()[0] + 2, values.shape()[1]));
            });
            folder.prefix("roberta.", "embeddings", "encoder");
            folder.names("""
                    cls         classifier.dense
                    cls.output  classifier.out_proj
                    """);
        });
        OF_RANDOM.put("bloom", folder -> {
            folder.config("""
                            {"model_type": "bloom", "architectures": ["BloomForCausalLM"],
                             "apply_residual_connection_post_layernorm": false}""")
                    .config()
                    .put("n_embed", folder.integer("embedding_length"))
                    .put("n_layer", folder.integer("block_count"))
                    .put("n_head", folder.integer("attention.head_count"))
                    .put("layer_norm_epsilon", folder.number("attention.layer_norm_epsilon"));
            folder.names("blk.#.attn_qkv h.#.self_attention.query_key_value", Folder.grouped(4, 4)).names("""
                    token_embd         word_embeddings
                    token_embd_norm    word_embeddings_layernorm
                    output_norm        ln_f
                    blk.#.attn_norm    h.#.input_layernorm
                    blk.#.attn_output  h.#.self_attention.dense
                    blk.#.ffn_norm     h.#.post_attention_layernorm
                    blk.#.ffn_up       h.#.mlp.dense_h_to_4h
                    blk.#.ffn_down     h.#.mlp.dense_4h_to_h
                    """);
        });
        OF_RANDOM.put("internlm2", folder -> {
            rmsDecoder(folder, "internlm2", "InternLM2ForCausalLM");
            long heads = folder.integer("attention.head_count");
            long kvHeads = folder.integer("attention.head_count_kv");
            folder.names("blk.#.attn_qkv model.layers.#.attention.wqkv", values -> Folder.grouped(heads, kvHeads)
                            .apply(Folder.halvesOf(values, heads, kvHeads)))
                    .names("""
                            token_embd         model.tok_embeddings
                            output_norm        model.norm
                            output             output
                            blk.#.attn_norm    model.layers.#.attention_norm
                            blk.#.attn_output  model.layers.#.attention.wo
                            blk.#.ffn_norm     model.layers.#.ffn_norm
                            blk.#.ffn_gate     model.layers.#.feed_forward.w1
                            blk.#.ffn_up       model.layers.#.feed_forward.w3
                            blk.#.ffn_down     model.layers.#.feed_forward.w2
                            """);
        });
        OF_RANDOM.put("exaone", folder -> {
            rmsDecoder(folder, "exaone", "ExaoneForCausalLM");
            folder.config()
                    .put("layer_norm_epsilon", folder.number("attention.layer_norm_rms_epsilon"))
                    .put("activation_function", "silu")
                    .put("num_layers", folder.integer("block_count"))
                    .remove(java.util.List.of("rms_norm_eps", "hidden_act", "num_hidden_layers"));
            folder.names("""
                    token_embd         transformer.wte
                    output_norm        transformer.ln_f
                    output             lm_head
                    blk.#.attn_norm    transformer.h.#.ln_1
                    blk.#.attn_q       transformer.h.#.attn.attention.q_proj
                    blk.#.attn_k       transformer.h.#.attn.attention.k_proj
                    blk.#.attn_v       transformer.h.#.attn.attention.v_proj
                    blk.#.attn_output  transformer.h.#.attn.attention.out_proj
                    blk.#.ffn_norm     transformer.h.#.ln_2
                    blk.#.ffn_gate     transformer.h.#.mlp.c_fc_0
                    blk.#.ffn_up       transformer.h.#.mlp.c_fc_1
                    blk.#.ffn_down     transformer.h.#.mlp.c_proj
                    """);
        });
        OF_RANDOM.put("seed_oss", folder -> {
            rmsDecoder(folder, "seed_oss", "SeedOssForCausalLM");
            folder.config().put("head_dim", folder.integer("attention.key_length"));
            folder.names("blk.#.post_attention_norm model.layers.#.post_attention_layernorm").names(LLAMA);
        });
        OF_RANDOM.put("arcee", folder -> {
            rmsDecoder(folder, "arcee", "ArceeForCausalLM");
            folder.config().put("hidden_act", "relu2");
            rotated(folder);
            folder.names(LLAMA);
        });
        OF_RANDOM.put("cohere2", folder -> {
            layerNormDecoder(folder, "cohere2", "Cohere2ForCausalLM", "layer_norm_eps");
            folder.config()
                    .put("logit_scale", folder.number("logit_scale"))
                    .put("sliding_window", folder.integer("attention.sliding_window"))
                    .putArray("layer_types").add("sliding_attention").add("full_attention");
            folder.config().remove("tie_word_embeddings");
            folder.names(LLAMA);
        });
        OF_RANDOM.put("granitemoe", folder -> {
            granite(folder);
            folder.config()
                    .put("model_type", "granitemoe")
                    .put("num_local_experts", folder.integer("expert_count"))
                    .put("num_experts_per_tok", folder.integer("expert_used_count"));
            folder.names("""
                    blk.#.ffn_gate_inp      model.layers.#.block_sparse_moe.router.layer
                    blk.#.ffn_gate_up_exps  model.layers.#.block_sparse_moe.input_linear
                    blk.#.ffn_down_exps     model.layers.#.block_sparse_moe.output_linear
                    """);
        });
        OF_RANDOM.put("yarn", folder -> {
            rmsDecoder(folder, "qwen2", "Qwen2ForCausalLM");
            folder.config("""
                    {"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16,
                                      "beta_fast": 32, "beta_slow": 1}}""");
            folder.names(LLAMA);
        });
    }

    static Folder ofRandom(String name, ModelFile file) {
        Folder folder = new Folder(file);
        OF_RANDOM.get(name).accept(folder);
        return folder;
    }

    private static void phi3(Folder folder) {
        rmsDecoder(folder, "phi3", "Phi3ForCausalLM");
        folder.config().put("sliding_window", folder.integer("attention.sliding_window"));
        folder.names("""
                        blk.#.attn_qkv     model.layers.#.self_attn.qkv_proj
                        blk.#.ffn_up       model.layers.#.mlp.gate_up_proj
                        """)
                .names(LLAMA)
                .rule("rope_factors_.*", (_, _, _) -> {});
    }

    private static void gemma2(Folder folder) {
        rmsDecoder(folder, "gemma2", "Gemma2ForCausalLM");
        folder.config()
                .put("head_dim", folder.integer("attention.key_length"))
                .put("query_pre_attn_scalar", 1 / Math.pow(folder.number("attention.scale"), 2))
                .put("sliding_window", folder.integer("attention.sliding_window"))
                .put("attn_logit_softcapping", folder.number("attn_logit_softcapping"))
                .put("final_logit_softcapping", folder.number("final_logit_softcapping"))
                .put("hidden_activation", "gelu_pytorch_tanh")
                .remove("hidden_act");
        gemmaNorms(folder, """
                output_norm                model.norm
                blk.#.attn_norm            model.layers.#.input_layernorm
                blk.#.ffn_norm             model.layers.#.pre_feedforward_layernorm
                blk.#.post_attention_norm  model.layers.#.post_attention_layernorm
                blk.#.post_ffw_norm        model.layers.#.post_feedforward_layernorm
                """);
        folder.names(LLAMA);
    }

    /** Experts as a model that is saved as it computes has them: stacked, gate and up in one. */
    private static void stackedExperts(Folder folder) {
        folder.names("blk.#.ffn_gate_inp model.layers.#.mlp.gate");
        folder.rule("blk\\.(\\d+)\\.ffn_gate_up_exps\\.weight", (name, values, out) ->
                out.put("model.layers." + name.group(1) + ".mlp.experts.gate_up_proj", values));
        folder.rule("blk\\.(\\d+)\\.ffn_down_exps\\.weight", (name, values, out) ->
                out.put("model.layers." + name.group(1) + ".mlp.experts.down_proj", values));
    }

    static Folder of(String name, ModelFile file) {
        Folder folder = new Folder(file);
        BY_MODEL.get(name).accept(folder);
        return folder;
    }

    private static void sizes(Folder folder, String type, String architecture) {
        folder.config()
                .put("model_type", type)
                .put("hidden_size", folder.integer("embedding_length"))
                .put("num_hidden_layers", folder.integer("block_count"))
                .put("num_attention_heads", folder.integer("attention.head_count"))
                .put("intermediate_size", folder.integer("feed_forward_length"))
                .put("max_position_embeddings", folder.integer("context_length"))
                .putArray("architectures").add(architecture);
    }

    private static void rmsDecoder(Folder folder, String type, String architecture) {
        sizes(folder, type, architecture);
        folder.config()
                .put("num_key_value_heads", folder.integer("attention.head_count_kv"))
                .put("rms_norm_eps", folder.number("attention.layer_norm_rms_epsilon"))
                .put("rope_theta", folder.number("rope.freq_base"))
                .put("hidden_act", "silu")
                .put("tie_word_embeddings", !folder.has("output.weight"));
    }

    /** Llama's queries and keys are turned from GGUF's neighbours to halves. */
    private static void rotated(Folder folder) {
        folder.names("blk.#.attn_q model.layers.#.self_attn.q_proj",
                        Folder.halves(folder.integer("attention.head_count")))
                .names("blk.#.attn_k model.layers.#.self_attn.k_proj",
                        Folder.halves(folder.integer("attention.head_count_kv")));
    }

    private static void llama(Folder folder) {
        rmsDecoder(folder, "llama", "LlamaForCausalLM");
        rotated(folder);
        folder.names(LLAMA);
    }

    static Folder llama2c(ModelFile file) {
        Folder folder = new Folder(file);
        llama(folder);
        return folder;
    }

    private static void mixtral(Folder folder) {
        rmsDecoder(folder, "mixtral", "MixtralForCausalLM");
        folder.config()
                .put("num_local_experts", folder.integer("expert_count"))
                .put("num_experts_per_tok", folder.integer("expert_used_count"))
                .putNull("sliding_window");
        rotated(folder);
        folder.names("blk.#.ffn_gate_inp model.layers.#.block_sparse_moe.gate").names(LLAMA);
        Map<String, String> matrices = Map.of("gate", "w1", "down", "w2", "up", "w3");
        folder.rule("blk\\.(\\d+)\\.ffn_(gate|down|up)_exps\\.weight", (name, values, out) -> {
            for (int expert = 0; expert < values.shape()[0]; expert++)
                out.put("model.layers." + name.group(1) + ".block_sparse_moe.experts." + expert + "."
                        + matrices.get(name.group(2)) + ".weight", Folder.slice(values, expert));
        });
    }

    private static void experts(Folder folder) {
        folder.names("blk.#.ffn_gate_inp model.layers.#.mlp.gate");
        folder.rule("blk\\.(\\d+)\\.ffn_(gate|down|up)_exps\\.weight", (name, values, out) -> {
            for (int expert = 0; expert < values.shape()[0]; expert++)
                out.put("model.layers." + name.group(1) + ".mlp.experts." + expert + "." + name.group(2) + "_proj.weight",
                        Folder.slice(values, expert));
        });
    }

    private static void qwen2Moe(Folder folder) {
        rmsDecoder(folder, "qwen2_moe", "Qwen2MoeForCausalLM");
        folder.config("""
                        {"norm_topk_prob": false, "decoder_sparse_step": 1, "mlp_only_layers": []}""")
                .config()
                .put("num_experts", folder.integer("expert_count"))
                .put("num_experts_per_tok", folder.integer("expert_used_count"))
                .put("moe_intermediate_size", folder.integer("expert_feed_forward_length"))
                .put("shared_expert_intermediate_size", folder.integer("expert_shared_feed_forward_length"));
        experts(folder);
        folder.names("blk.#.ffn_gate_inp_shexp model.layers.#.mlp.shared_expert_gate",
                        values -> new Folder.Values(values.elements(), 1, values.elements().length))
                .names("""
                        blk.#.ffn_gate_shexp model.layers.#.mlp.shared_expert.gate_proj
                        blk.#.ffn_up_shexp   model.layers.#.mlp.shared_expert.up_proj
                        blk.#.ffn_down_shexp model.layers.#.mlp.shared_expert.down_proj
                        """)
                .names(LLAMA);
    }

    private static void olmo(Folder folder) {
        sizes(folder, "olmo", "OlmoForCausalLM");
        folder.config()
                .put("num_key_value_heads", folder.integer("attention.head_count_kv"))
                .put("rope_theta", folder.number("rope.freq_base"))
                .put("clip_qkv", folder.number("attention.clamp_kqv"))
                .put("tie_word_embeddings", !folder.has("output.weight"));
        rotated(folder);
        folder.names(LLAMA);
    }

    private static void olmo3(Folder folder) {
        rmsDecoder(folder, "olmo3", "Olmo3ForCausalLM");
        folder.config().put("sliding_window", folder.integer("attention.sliding_window"));
        var types = folder.config().putArray("layer_types");
        for (int layer = 0; layer < folder.integer("block_count"); layer++)
            types.add((layer + 1) % folder.integer("attention.sliding_window_pattern") == 0
                    ? "full_attention"
                    : "sliding_attention");
        folder.names(HEAD_NORMS).names(POST_NORMS).names(LLAMA);
    }

    private static void olmoe(Folder folder) {
        rmsDecoder(folder, "olmoe", "OlmoeForCausalLM");
        folder.config()
                .put("num_experts", folder.integer("expert_count"))
                .put("num_experts_per_tok", folder.integer("expert_used_count"))
                .put("norm_topk_prob", false)
                .putNull("clip_qkv");
        experts(folder);
        folder.names(HEAD_NORMS).names(LLAMA);
    }

    private static void granite(Folder folder) {
        rmsDecoder(folder, "granite", "GraniteForCausalLM");
        folder.config()
                .put("embedding_multiplier", folder.number("embedding_scale"))
                .put("residual_multiplier", folder.number("residual_scale"))
                .put("attention_multiplier", folder.number("attention.scale"))
                .put("logits_scaling", folder.number("logit_scale"));
        rotated(folder);
        folder.names(LLAMA);
    }

    private static void gemmaNorms(Folder folder, String table) {
        folder.names(table, Folder.minusOne());
    }

    private static void gemma(Folder folder) {
        rmsDecoder(folder, "gemma", "GemmaForCausalLM");
        folder.config()
                .put("head_dim", folder.integer("attention.key_length"))
                .put("hidden_act", "gelu_pytorch_tanh")
                .remove("tie_word_embeddings");
        gemmaNorms(folder, """
                output_norm      model.norm
                blk.#.attn_norm  model.layers.#.input_layernorm
                blk.#.ffn_norm   model.layers.#.post_attention_layernorm
                """);
        folder.names(LLAMA);
    }

    /** The text part of a model that also sees, as it is saved since the text model moved below the whole. */
    private static void gemma3(Folder folder) {
        rmsDecoder(folder, "gemma3_text", "");
        folder.config()
                .put("head_dim", folder.integer("attention.key_length"))
                .put("query_pre_attn_scalar", folder.integer("attention.key_length"))
                .put("sliding_window", folder.integer("attention.sliding_window"))
                .put("sliding_window_pattern", folder.integer("attention.sliding_window_pattern"))
                .put("rope_local_base_freq", folder.number("rope.freq_base_swa"))
                .put("hidden_activation", "gelu_pytorch_tanh")
                .remove(java.util.List.of("hidden_act", "rope_theta", "tie_word_embeddings", "architectures"));
        var text = folder.config().deepCopy();
        folder.config().removeAll();
        folder.config("""
                {"model_type": "gemma3", "architectures": ["Gemma3ForConditionalGeneration"],
                 "vision_config": {"hidden_size": 1152, "model_type": "siglip_vision_model"}}""");
        folder.config().set("text_config", text);
        String layers = "model.language_model.layers.#.";
        gemmaNorms(folder, """
                output_norm                model.language_model.norm
                blk.#.attn_norm            LAYERinput_layernorm
                blk.#.attn_q_norm          LAYERself_attn.q_norm
                blk.#.attn_k_norm          LAYERself_attn.k_norm
                blk.#.ffn_norm             LAYERpre_feedforward_layernorm
                blk.#.post_attention_norm  LAYERpost_attention_layernorm
                blk.#.post_ffw_norm        LAYERpost_feedforward_layernorm
                """.replace("LAYER", layers));
        folder.names(LLAMA.replace("model.", "model.language_model."));
        folder.with("model.vision_tower.patch.weight", new float[6], 2, 3);
    }

    private static void layerNormDecoder(Folder folder, String type, String architecture, String epsilon) {
        sizes(folder, type, architecture);
        folder.config()
                .put("num_key_value_heads", folder.integer("attention.head_count_kv"))
                .put(epsilon, folder.number("attention.layer_norm_epsilon"))
                .put("rope_theta", folder.number("rope.freq_base"))
                .put("tie_word_embeddings", !folder.has("output.weight"));
    }

    private static double rotaryShare(Folder folder) {
        long head = folder.integer("embedding_length") / folder.integer("attention.head_count");
        return (double) folder.integer("rope.dimension_count") / head;
    }

    private static void stableLm(Folder folder) {
        layerNormDecoder(folder, "stablelm", "StableLmForCausalLM", "layer_norm_eps");
        folder.config()
                .put("partial_rotary_factor", rotaryShare(folder))
                .put("hidden_act", "silu")
                .put("use_qkv_bias", true)
                .put("use_parallel_residual", false);
        folder.names(LLAMA);
    }

    private static void starcoder2(Folder folder) {
        layerNormDecoder(folder, "starcoder2", "Starcoder2ForCausalLM", "norm_epsilon");
        folder.config()
                .put("hidden_act", "gelu_pytorch_tanh")
                .put("sliding_window", 4096)
                .remove("tie_word_embeddings");
        folder.names("""
                        blk.#.ffn_up    model.layers.#.mlp.c_fc
                        blk.#.ffn_down  model.layers.#.mlp.c_proj
                        """)
                .names(LLAMA);
    }

    private static void nemotron(Folder folder) {
        layerNormDecoder(folder, "nemotron", "NemotronForCausalLM", "norm_eps");
        folder.config().put("partial_rotary_factor", rotaryShare(folder)).put("hidden_act", "relu2");
        folder.rule("(output_norm|blk\\.\\d+\\.(?:attn|ffn)_norm)\\.(weight|bias)", (name, values, out) -> {
            String target = name.group(1).equals("output_norm")
                    ? "model.norm"
                    : name.group(1).replaceAll("blk\\.(\\d+)\\.attn_norm", "model.layers.$1.input_layernorm")
                            .replaceAll("blk\\.(\\d+)\\.ffn_norm", "model.layers.$1.post_attention_layernorm");
            out.put(target + "." + name.group(2),
                    name.group(2).equals("weight") ? Folder.minusOne().apply(values) : values);
        });
        folder.names(LLAMA);
    }

    private static void phi2(Folder folder) {
        layerNormDecoder(folder, "phi", "PhiForCausalLM", "layer_norm_eps");
        folder.config()
                .put("partial_rotary_factor", rotaryShare(folder))
                .put("hidden_act", "gelu_new")
                .put("qk_layernorm", false);
        folder.names("""
                        output_norm        model.final_layernorm
                        blk.#.attn_output  model.layers.#.self_attn.dense
                        blk.#.ffn_up       model.layers.#.mlp.fc1
                        blk.#.ffn_down     model.layers.#.mlp.fc2
                        """)
                .names(LLAMA);
    }

    private static void gpt2(
            Folder folder, String type, String architecture, String activation, Folder.Layout projection) {
        folder.config("""
                        {"scale_attn_weights": true, "multi_query": true, "tie_word_embeddings": false}""")
                .config()
                .put("model_type", type)
                .put("n_embd", folder.integer("embedding_length"))
                .put("n_layer", folder.integer("block_count"))
                .put("n_head", folder.integer("attention.head_count"))
                .put("n_inner", folder.integer("feed_forward_length"))
                .put("n_positions", folder.integer("context_length"))
                .put("layer_norm_epsilon", folder.number("attention.layer_norm_epsilon"))
                .put("activation_function", activation)
                .putArray("architectures").add(architecture);
        folder.names("""
                        blk.#.attn_qkv     transformer.h.#.attn.c_attn
                        blk.#.attn_output  transformer.h.#.attn.c_proj
                        blk.#.ffn_up       transformer.h.#.mlp.c_fc
                        blk.#.ffn_down     transformer.h.#.mlp.c_proj
                        """, projection)
                .names("""
                        token_embd       transformer.wte
                        position_embd    transformer.wpe
                        output_norm      transformer.ln_f
                        output           lm_head
                        blk.#.attn_norm  transformer.h.#.ln_1
                        blk.#.ffn_norm   transformer.h.#.ln_2
                        """)
                .with("transformer.h.0.attn.bias", new float[16], 1, 1, 4, 4);
    }

    private static void gptNeoX(Folder folder) {
        sizes(folder, "gpt_neox", "GPTNeoXForCausalLM");
        folder.config()
                .put("layer_norm_eps", folder.number("attention.layer_norm_epsilon"))
                .put("rotary_pct", rotaryShare(folder))
                .put("rotary_emb_base", (long) folder.number("rope.freq_base"))
                .put("hidden_act", "gelu_fast")
                .put("use_parallel_residual", true)
                .put("tie_word_embeddings", false);
        long heads = folder.integer("attention.head_count");
        folder.names("blk.#.attn_qkv gpt_neox.layers.#.attention.query_key_value", Folder.grouped(heads, heads))
                .names("""
                        token_embd         gpt_neox.embed_in
                        output_norm        gpt_neox.final_layer_norm
                        output             embed_out
                        blk.#.attn_norm    gpt_neox.layers.#.input_layernorm
                        blk.#.attn_output  gpt_neox.layers.#.attention.dense
                        blk.#.ffn_norm     gpt_neox.layers.#.post_attention_layernorm
                        blk.#.ffn_up       gpt_neox.layers.#.mlp.dense_h_to_4h
                        blk.#.ffn_down     gpt_neox.layers.#.mlp.dense_4h_to_h
                        """)
                .with("gpt_neox.layers.0.attention.rotary_emb.inv_freq", new float[2], 2)
                .with("gpt_neox.layers.0.attention.masked_bias", new float[1]);
    }

    /** Its GGUF file computes GELU by tanh, transformers exactly. */
    private static void mpt(Folder folder) {
        folder.config("""
                        {"model_type": "mpt", "architectures": ["MPTForCausalLM"], "no_bias": true}""")
                .config()
                .put("d_model", folder.integer("embedding_length"))
                .put("n_layers", folder.integer("block_count"))
                .put("n_heads", folder.integer("attention.head_count"))
                .put("max_seq_len", folder.integer("context_length"))
                .put("expansion_ratio",
                        (double) folder.integer("feed_forward_length") / folder.integer("embedding_length"))
                .putObject("attn_config")
                .put("alibi", true)
                .put("alibi_bias_max", folder.number("attention.max_alibi_bias"))
                .put("clip_qkv", folder.number("attention.clamp_kqv"));
        folder.names("""
                token_embd         transformer.wte
                output_norm        transformer.norm_f
                blk.#.attn_norm    transformer.blocks.#.norm_1
                blk.#.attn_qkv     transformer.blocks.#.attn.Wqkv
                blk.#.attn_output  transformer.blocks.#.attn.out_proj
                blk.#.ffn_norm     transformer.blocks.#.norm_2
                blk.#.ffn_up       transformer.blocks.#.ffn.up_proj
                blk.#.ffn_down     transformer.blocks.#.ffn.down_proj
                """);
    }

    static void falcon(Folder folder) {
        long heads = folder.integer("attention.head_count");
        long kvHeads = folder.integer("attention.head_count_kv");
        boolean multiQuery = kvHeads == 1;
        folder.config("""
                        {"model_type": "falcon", "architectures": ["FalconForCausalLM"], "alibi": false, "bias": false,
                         "parallel_attn": true, "tie_word_embeddings": false, "activation": "gelu_pytorch_tanh"}""")
                .config()
                .put("hidden_size", folder.integer("embedding_length"))
                .put("num_hidden_layers", folder.integer("block_count"))
                .put("num_attention_heads", heads)
                .put("num_kv_heads", multiQuery ? heads : kvHeads)
                .put("multi_query", multiQuery)
                .put("new_decoder_architecture", !multiQuery)
                .put("ffn_hidden_size", folder.integer("feed_forward_length"))
                .put("layer_norm_epsilon", folder.number("attention.layer_norm_epsilon"));
        folder.names("blk.#.attn_qkv transformer.h.#.self_attention.query_key_value", Folder.grouped(heads, kvHeads))
                .names("blk.#.attn_norm transformer.h.#." + (multiQuery ? "input_layernorm" : "ln_mlp"))
                .names("""
                        token_embd         transformer.word_embeddings
                        output_norm        transformer.ln_f
                        output             lm_head
                        blk.#.attn_norm_2  transformer.h.#.ln_attn
                        blk.#.attn_output  transformer.h.#.self_attention.dense
                        blk.#.ffn_up       transformer.h.#.mlp.dense_h_to_4h
                        blk.#.ffn_down     transformer.h.#.mlp.dense_4h_to_h
                        """);
    }

    private static void bert(Folder folder) {
        sizes(folder, "bert", "BertModel");
        folder.config()
                .put("layer_norm_eps", folder.number("attention.layer_norm_epsilon"))
                .put("type_vocab_size", 2)
                .put("position_embedding_type", "absolute")
                .put("hidden_act", "gelu_new");
        folder.names(BERT);
    }

    private static void nomicBert(Folder folder) {
        folder.config("""
                        {"model_type": "nomic_bert", "architectures": ["NomicBertModel"], "activation_function": "swiglu",
                         "prenorm": false, "rotary_emb_fraction": 1.0, "rotary_emb_interleaved": false,
                         "rotary_emb_scale_base": null, "rotary_scaling_factor": null, "qkv_proj_bias": false}""")
                .config()
                .put("n_embd", folder.integer("embedding_length"))
                .put("n_layer", folder.integer("block_count"))
                .put("n_head", folder.integer("attention.head_count"))
                .put("n_inner", folder.integer("feed_forward_length"))
                .put("n_positions", folder.integer("context_length"))
                .put("layer_norm_epsilon", folder.number("attention.layer_norm_epsilon"))
                .put("rotary_emb_base", folder.number("rope.freq_base"));
        folder.names("""
                token_embd               embeddings.word_embeddings
                token_types              embeddings.token_type_embeddings
                token_embd_norm          emb_ln
                blk.#.attn_qkv           encoder.layers.#.attn.Wqkv
                blk.#.attn_output        encoder.layers.#.attn.out_proj
                blk.#.attn_output_norm   encoder.layers.#.norm1
                blk.#.ffn_up             encoder.layers.#.mlp.fc11
                blk.#.ffn_gate           encoder.layers.#.mlp.fc12
                blk.#.ffn_down           encoder.layers.#.mlp.fc2
                blk.#.layer_output_norm  encoder.layers.#.norm2
                """);
    }

    private static void modernBert(Folder folder) {
        sizes(folder, "modernbert", "ModernBertForMaskedLM");
        folder.config()
                .put("norm_eps", folder.number("attention.layer_norm_epsilon"))
                .put("global_rope_theta", folder.number("rope.freq_base"))
                .put("local_rope_theta", folder.number("rope.freq_base_swa"))
                .put("local_attention", folder.integer("attention.sliding_window"))
                .put("global_attn_every_n_layers", folder.integer("attention.sliding_window_pattern"))
                .put("hidden_activation", "gelu_pytorch_tanh");
        folder.names("""
                token_embd         model.embeddings.tok_embeddings
                token_embd_norm    model.embeddings.norm
                output_norm        model.final_norm
                blk.#.attn_norm    model.layers.#.attn_norm
                blk.#.attn_qkv     model.layers.#.attn.Wqkv
                blk.#.attn_output  model.layers.#.attn.Wo
                blk.#.ffn_norm     model.layers.#.mlp_norm
                blk.#.ffn_up       model.layers.#.mlp.Wi
                blk.#.ffn_down     model.layers.#.mlp.Wo
                """);
    }

    private static void t5Sizes(Folder folder) {
        folder.config("""
                        {"model_type": "t5", "feed_forward_proj": "gated-gelu", "is_gated_act": true,
                         "dense_act_fn": "gelu_new", "relative_attention_max_distance": 128,
                         "decoder_start_token_id": 0, "pad_token_id": 0}""")
                .config()
                .put("d_model", folder.integer("embedding_length"))
                .put("num_layers", folder.integer("block_count"))
                .put("num_heads", folder.integer("attention.head_count"))
                .put("d_kv", folder.integer("attention.key_length"))
                .put("d_ff", folder.integer("feed_forward_length"))
                .put("n_positions", folder.integer("context_length"))
                .put("layer_norm_epsilon", folder.number("attention.layer_norm_rms_epsilon"))
                .put("relative_attention_num_buckets", folder.integer("attention.relative_buckets_count"));
    }

    /** The GGUF file predicts with its embedding, unscaled: an untied model with twice the same matrix. */
    private static void t5(Folder folder) {
        t5Sizes(folder);
        folder.config("""
                {"architectures": ["T5ForConditionalGeneration"], "tie_word_embeddings": false}""");
        folder.rule("token_embd\\.weight", (_, values, out) -> {
            out.put("shared.weight", values);
            out.put("lm_head.weight", values);
        });
        folder.names(T5_ENCODER).names(T5_DECODER);
    }

    private static void t5Encoder(Folder folder) {
        t5Sizes(folder);
        folder.config("""
                {"architectures": ["T5EncoderModel"]}""");
        folder.names("token_embd shared").names(T5_ENCODER);
    }
}
