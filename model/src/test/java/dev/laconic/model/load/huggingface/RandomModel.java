package dev.laconic.model.load.huggingface;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;

/** Small models with random weights, described as their GGUF files would be. */
record RandomModel(Metadata metadata, SequencedMap<String, Tensor> tensors) implements ModelFile {
    private static final String DECODER = """
            token_embd.weight 96 32
            output_norm.weight 32
            output.weight 96 32
            blk.#.attn_norm.weight 32
            blk.#.attn_output.weight 32 32
            """;
    private static final String SEPARATE = """
            blk.#.attn_q.weight 32 32
            blk.#.attn_k.weight 16 32
            blk.#.attn_v.weight 16 32
            """;
    private static final String GATED = """
            blk.#.ffn_gate.weight 48 32
            blk.#.ffn_up.weight 48 32
            blk.#.ffn_down.weight 32 48
            """;
    private static final String FFN_NORM = "blk.#.ffn_norm.weight 32\n";
    private static final Map<String, String> TENSORS = Map.ofEntries(
            Map.entry("phi3", DECODER + """
                    blk.#.attn_qkv.weight 64 32
                    blk.#.ffn_norm.weight 32
                    blk.#.ffn_up.weight 96 32
                    blk.#.ffn_down.weight 32 48
                    """),
            Map.entry("gemma2", DECODER.replace("output.weight 96 32\n", "") + SEPARATE + GATED + """
                    blk.#.ffn_norm.weight 32
                    blk.#.post_attention_norm.weight 32
                    blk.#.post_ffw_norm.weight 32
                    """),
            Map.entry("qwen3moe", DECODER + SEPARATE + """
                    blk.#.attn_q_norm.weight 8
                    blk.#.attn_k_norm.weight 8
                    blk.#.ffn_norm.weight 32
                    blk.#.ffn_gate_inp.weight 4 32
                    blk.#.ffn_gate_up_exps.weight 4 40 32
                    blk.#.ffn_down_exps.weight 4 32 20
                    """),
            Map.entry("falcon40", DECODER + """
                    output_norm.bias 32
                    blk.#.attn_norm.bias 32
                    blk.#.attn_norm_2.weight 32
                    blk.#.attn_norm_2.bias 32
                    blk.#.attn_qkv.weight 64 32
                    blk.#.ffn_up.weight 48 32
                    blk.#.ffn_down.weight 32 48
                    """),
            Map.entry("stablelm2", DECODER + SEPARATE + GATED + """
                    output_norm.bias 32
                    blk.#.attn_norm.bias 32
                    blk.#.attn_q_norm.weight 4 8
                    blk.#.attn_k_norm.weight 2 8
                    """),
            Map.entry("roberta", """
                    token_embd.weight 96 32
                    token_types.weight 1 32
                    position_embd.weight 64 32
                    token_embd_norm.weight 32
                    token_embd_norm.bias 32
                    blk.#.attn_q.weight 32 32
                    blk.#.attn_k.weight 32 32
                    blk.#.attn_v.weight 32 32
                    blk.#.attn_q.bias 32
                    blk.#.attn_output.weight 32 32
                    blk.#.attn_output_norm.weight 32
                    blk.#.attn_output_norm.bias 32
                    blk.#.ffn_up.weight 48 32
                    blk.#.ffn_down.weight 32 48
                    blk.#.layer_output_norm.weight 32
                    blk.#.layer_output_norm.bias 32
                    cls.weight 32 32
                    cls.bias 32
                    cls.output.weight 1 32
                    cls.output.bias 1
                    """),
            Map.entry("bloom", DECODER.replace("output.weight 96 32\n", "") + FFN_NORM + """
                    token_embd_norm.weight 32
                    token_embd_norm.bias 32
                    output_norm.bias 32
                    blk.#.attn_norm.bias 32
                    blk.#.attn_qkv.weight 96 32
                    blk.#.attn_qkv.bias 96
                    blk.#.ffn_norm.bias 32
                    blk.#.ffn_up.weight 128 32
                    blk.#.ffn_down.weight 32 128
                    """),
            Map.entry("internlm2", DECODER + GATED + FFN_NORM + "blk.#.attn_qkv.weight 64 32\n"),
            Map.entry("exaone", DECODER + SEPARATE + GATED + FFN_NORM),
            Map.entry("seed_oss", DECODER + SEPARATE + GATED + "blk.#.post_attention_norm.weight 32\n"),
            Map.entry("arcee", DECODER + SEPARATE + FFN_NORM + """
                    blk.#.ffn_up.weight 48 32
                    blk.#.ffn_down.weight 32 48
                    """),
            Map.entry("cohere2", DECODER.replace("output.weight 96 32\n", "") + SEPARATE + GATED),
            Map.entry("granitemoe", DECODER + SEPARATE + FFN_NORM + """
                    blk.#.ffn_gate_inp.weight 4 32
                    blk.#.ffn_gate_up_exps.weight 4 96 32
                    blk.#.ffn_down_exps.weight 4 32 48
                    """),
            Map.entry("yarn", DECODER + SEPARATE + GATED + FFN_NORM));

    static RandomModel of(String name) {
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        String architecture = switch (name) {
            case "phi3-longrope" -> "phi3";
            case "falcon40" -> "falcon";
            case "stablelm2" -> "stablelm";
            case "roberta" -> "bert";
            case "yarn" -> "qwen2";
            default -> name;
        };
        values.put("general.architecture", architecture);
        String prefix = architecture + ".";
        values.put(prefix + "block_count", 2L);
        values.put(prefix + "embedding_length", 32L);
        values.put(prefix + "context_length", 64L);
        values.put(prefix + "feed_forward_length", 48L);
        values.put(prefix + "attention.head_count", 4L);
        values.put(prefix + "attention.head_count_kv", architecture.equals("bert") ? 4L : 2L);
        values.put(prefix + "attention.key_length", 8L);
        values.put(prefix + "attention.value_length", 8L);
        values.put(prefix + "attention.layer_norm_rms_epsilon", 1e-6);
        values.put(prefix + "attention.layer_norm_epsilon", 1e-5);
        values.put(prefix + "rope.freq_base", 10_000.0);
        values.put(prefix + "rope.dimension_count", 8L);
        String tensors = TENSORS.getOrDefault(name, TENSORS.get(architecture));
        switch (name) {
            case "phi3", "phi3-longrope" -> {
                values.put(prefix + "attention.sliding_window", 10L);
                values.put(prefix + "attention.sliding_window_pattern", 0L);
            }
            case "gemma2" -> {
                values.put(prefix + "attention.sliding_window", 6L);
                values.put(prefix + "attention.scale", 0.25);
                values.put(prefix + "attn_logit_softcapping", 20.0);
                values.put(prefix + "final_logit_softcapping", 10.0);
            }
            case "qwen3moe" -> {
                values.put(prefix + "expert_count", 4L);
                values.put(prefix + "expert_used_count", 2L);
                values.put(prefix + "expert_feed_forward_length", 20L);
            }
            case "yarn" -> {
                values.put(prefix + "rope.scaling.type", "yarn");
                values.put(prefix + "rope.scaling.factor", 4.0);
                values.put(prefix + "rope.scaling.original_context_length", 16L);
            }
            case "bloom" -> {
                values.put(prefix + "attention.head_count_kv", 4L);
                values.put(prefix + "feed_forward_length", 128L);
            }
            case "cohere2" -> {
                values.put(prefix + "logit_scale", 0.25);
                values.put(prefix + "attention.sliding_window", 6L);
                values.put(prefix + "attention.sliding_window_pattern", new boolean[] {true, false});
            }
            case "granitemoe" -> {
                values.put(prefix + "expert_count", 4L);
                values.put(prefix + "expert_used_count", 2L);
                values.put(prefix + "embedding_scale", 3.0);
                values.put(prefix + "residual_scale", 0.5);
                values.put(prefix + "attention.scale", 0.2);
                values.put(prefix + "logit_scale", 2.0);
            }
            default -> {}
        }
        if (name.equals("phi3-longrope")) {
            values.put(prefix + "rope.scaling.original_context_length", 32L);
            values.put(prefix + "rope.scaling.attn_factor", Math.sqrt(1 + Math.log(2) / Math.log(32)));
            values.put(prefix + "rope.scaling.type", "longrope");
        }
        RandomModel model = new RandomModel(new Metadata(name, values), new LinkedHashMap<>());
        SplittableRandom random = new SplittableRandom(3);
        tensors.lines().forEach(line -> {
            if (!line.contains("#")) model.add(line, random);
            else for (int layer = 0; layer < 2; layer++) model.add(line.replace("#", "" + layer), random);
        });
        if (name.equals("phi3-longrope")) {
            model.put("rope_factors_short.weight", new float[] {1f, 1.5f, 2f, 2.5f}, 4);
            model.put("rope_factors_long.weight", new float[] {1f, 3f, 5f, 7f}, 4);
        }
        return model;
    }

    private void add(String line, SplittableRandom random) {
        String[] words = line.split(" ");
        long[] shape = Arrays.stream(words).skip(1).mapToLong(Long::parseLong).toArray();
        float[] elements = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        boolean norm = words[0].contains("norm") && words[0].endsWith("weight");
        for (int i = 0; i < elements.length; i++)
            elements[i] = (float) (random.nextGaussian() * (norm ? 0.1 : 0.3) + (norm ? 1 : 0));
        put(words[0], elements, shape);
    }

    private void put(String name, float[] elements, long... shape) {
        tensors.put(name, Tensor.of(name, elements, shape));
    }

    @Override
    public Path path() {
        return Path.of("random.gguf");
    }

    @Override
    public void close() {}
}
