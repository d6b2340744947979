package dev.laconic.train;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.gguf.GgufWriter;
import dev.laconic.format.safetensors.SafetensorsWriter;
import dev.laconic.kernels.block.Blocks;
import dev.laconic.tokenize.train.ByteLevelBpe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a trained decoder as a file that other programs run. GGUF's llama rotates neighbouring elements of a head where
 * training rotates its halves: rows of the query and key projections change places accordingly.
 *
 * @param name of the model
 * @param shape sizes
 * @param objective masked diffusion is written as Dream, which sees the whole text, rotates halves as training does and
 *     has biases: they are 0
 * @param weights flat, as the shape lays them out
 * @param vocabulary the tokens
 * @param context longest sequence that was trained
 */
record DecoderExport(
        String name, DecoderShape shape, Objective objective, float[] weights, ByteLevelBpe vocabulary, int context) {
    static final String LICENCE = "apache-2.0";

    /** @param type of matrices; norms are float32 */
    void gguf(Path file, TensorType type) {
        boolean diffusion = objective == Objective.MASKED_DIFFUSION;
        String arch = diffusion ? "dream" : "llama";
        GgufWriter gguf = new GgufWriter()
                .string("general.architecture", arch)
                .string("general.type", "model")
                .string("general.name", name)
                .string("general.license", LICENCE)
                .uint32(arch + ".vocab_size", shape.vocabulary())
                .uint32(arch + ".context_length", context)
                .uint32(arch + ".embedding_length", shape.width())
                .uint32(arch + ".block_count", shape.layers())
                .uint32(arch + ".feed_forward_length", shape.hidden())
                .uint32(arch + ".attention.head_count", shape.heads())
                .uint32(arch + ".attention.head_count_kv", shape.kvHeads())
                .uint32(arch + ".attention.key_length", shape.headSize())
                .uint32(arch + ".attention.value_length", shape.headSize())
                .float32(arch + ".attention.layer_norm_rms_epsilon", shape.epsilon())
                .uint32(arch + ".rope.dimension_count", shape.headSize())
                .float32(arch + ".rope.freq_base", shape.ropeBase());
        if (diffusion) gguf.bool("diffusion.shift_logits", true);
        TokenizerFiles.write(gguf, vocabulary);
        for (DecoderPart part : DecoderPart.of(shape)) {
            float[] values = part.rotated() && !diffusion ? part.interleaved(weights, shape.headSize()) : part.values(weights);
            TensorType stored = part.rows() == 1 ? TensorType.F32 : type;
            List<Long> shape = part.rows() == 1
                    ? List.of((long) part.columns())
                    : List.of((long) part.rows(), (long) part.columns());
            gguf.tensor(part.gguf(), stored, shape, out -> out.accept(encoded(values, stored)));
            if (diffusion && part.gguf().matches(".*attn_[qkv]\\.weight")) {
                float[] bias = new float[part.rows()];
                gguf.tensor(Tensor.of(part.gguf().replace("weight", "bias"), bias, part.rows()));
            }
        }
        gguf.write(file);
    }

    /** Writes a Hugging Face folder: float32 weights, configuration, tokenizer and chat template. */
    void safetensors(Path folder) {
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        for (DecoderPart part : DecoderPart.of(shape))
            writer.tensor(
                    part.rows() == 1
                            ? Tensor.of(part.huggingFace(), part.values(weights), part.columns())
                            : Tensor.of(part.huggingFace(), part.values(weights), part.rows(), part.columns()));
        writer.writeFolder(folder, Long.MAX_VALUE);
        ChatFormat format = new ChatFormat(vocabulary);
        json(
                folder.resolve("config.json"),
                TokenizerFiles.object(
                        "architectures", List.of("LlamaForCausalLM"),
                        "model_type", "llama",
                        "hidden_size", shape.width(),
                        "intermediate_size", shape.hidden(),
                        "num_hidden_layers", shape.layers(),
                        "num_attention_heads", shape.heads(),
                        "num_key_value_heads", shape.kvHeads(),
                        "head_dim", shape.headSize(),
                        "hidden_act", "silu",
                        "max_position_embeddings", context,
                        "rms_norm_eps", shape.epsilon(),
                        "rope_theta", shape.ropeBase(),
                        "tie_word_embeddings", true,
                        "attention_bias", false,
                        "mlp_bias", false,
                        "vocab_size", shape.vocabulary(),
                        "bos_token_id", format.begin,
                        "eos_token_id", format.end,
                        "pad_token_id", format.pad,
                        "torch_dtype", "float32"));
        json(folder.resolve("tokenizer.json"), TokenizerFiles.tokenizer(vocabulary));
        json(folder.resolve("tokenizer_config.json"), TokenizerFiles.configuration(context));
    }

    private static void json(Path file, Map<String, Object> content) {
        try {
            Files.write(file, JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(content));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private static MemorySegment encoded(float[] values, TensorType type) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(type.bytes(values.length))]);
        Blocks.encoder(type).encode(values, 0, values.length, bytes, 0);
        return bytes;
    }
}
