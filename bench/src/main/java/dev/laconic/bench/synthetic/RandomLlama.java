package dev.laconic.bench.synthetic;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.TensorContent;
import dev.laconic.format.gguf.GgufWriter;
import dev.laconic.kernels.block.BlockEncoder;
import dev.laconic.kernels.block.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Writes a llama model with random weights as GGUF, a slice at a time: a model larger than the heap can be written. It
 * says nothing that makes sense, but it computes what a trained model of its shape and weight type computes. The same
 * seed gives the same file. Logits have a standard deviation of about 2, so that distributions are neither flat nor
 * certain.
 */
public final class RandomLlama {
    /** The control tokens, a token for each byte and the letters. */
    public static final int FEWEST_TOKENS = 3 + 256 + 1 + 26;

    private static final int SLICE_ELEMENTS = 1 << 20;
    private static final int POOL = 1 << 20;
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int BYTE = 6;

    private final Shape shape;
    private final TensorType type;
    private final SplittableRandom random;
    private final GgufWriter writer = new GgufWriter();
    private float[] pool = {};

    private RandomLlama(Shape shape, TensorType type, long seed) {
        this.shape = shape;
        this.type = type;
        random = new SplittableRandom(seed);
    }

    /**
     * Writes the model to {@code target}, which appears only when it is whole.
     *
     * @param type of the matrices; those whose rows are not whole blocks of it are Q8_0 or F16
     * @throws UsageException for a type that nothing can be encoded as
     */
    public static void write(Shape shape, TensorType type, long seed, Path target) {
        if (!Blocks.encodable().contains(type))
            throw new UsageException("cannot encode " + type + "; possible are " + Blocks.encodable());
        new RandomLlama(shape, type, seed).write(target);
    }

    private void write(Path target) {
        parameters();
        vocabulary();
        pool = new float[POOL + Math.max(shape.width(), shape.feedForward())];
        for (int i = 0; i < pool.length; i++) pool[i] = (float) random.nextGaussian();
        double in = 1 / Math.sqrt(shape.width());
        int width = shape.width();
        int kvWidth = shape.kvHeads() * shape.headSize();
        matrix("token_embd.weight", 2 * in, shape.vocabulary(), width);
        for (int layer = 0; layer < shape.layers(); layer++) {
            String block = "blk." + layer + ".";
            norm(block + "attn_norm.weight");
            matrix(block + "attn_q.weight", 2 * in, width, width);
            matrix(block + "attn_k.weight", 2 * in, kvWidth, width);
            matrix(block + "attn_v.weight", in, kvWidth, width);
            matrix(block + "attn_output.weight", in, width, width);
            norm(block + "ffn_norm.weight");
            matrix(block + "ffn_gate.weight", in, shape.feedForward(), width);
            matrix(block + "ffn_up.weight", in, shape.feedForward(), width);
            matrix(block + "ffn_down.weight", 1 / Math.sqrt(shape.feedForward()), width, shape.feedForward());
        }
        norm("output_norm.weight");
        writer.write(target);
    }

    private void parameters() {
        writer.string("general.architecture", "llama");
        writer.string("general.name", "random weights");
        writer.uint32("llama.block_count", shape.layers());
        writer.uint32("llama.context_length", shape.context());
        writer.uint32("llama.embedding_length", shape.width());
        writer.uint32("llama.feed_forward_length", shape.feedForward());
        writer.uint32("llama.attention.head_count", shape.heads());
        writer.uint32("llama.attention.head_count_kv", shape.kvHeads());
        writer.float32("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        writer.uint32("llama.rope.dimension_count", shape.headSize());
        writer.float32("llama.rope.freq_base", shape.ropeBase());
        writer.uint32("llama.vocab_size", shape.vocabulary());
        if (type.quantised()) writer.uint32("general.quantization_version", 2);
    }

    /** SentencePiece BPE: bytes, then all strings of one letter, of two letters and so on, with and without a space. */
    private void vocabulary() {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        for (int b = 0; b < 256; b++) tokens.add("<0x%02X>".formatted(b));
        tokens.add("▁");
        int shorter = tokens.size() - 1;
        for (char letter = 'a'; letter <= 'z'; letter++) tokens.add(String.valueOf(letter));
        for (int from = shorter; tokens.size() < shape.vocabulary(); from++)
            for (char letter = 'a'; letter <= 'z' && tokens.size() < shape.vocabulary(); letter++)
                tokens.add(tokens.get(from) + letter);
        int[] types = new int[tokens.size()];
        float[] scores = new float[tokens.size()];
        for (int id = 0; id < types.length; id++) {
            types[id] = id == 0 ? UNKNOWN : id < 3 ? CONTROL : id < 3 + 256 ? BYTE : NORMAL;
            scores[id] = types[id] == NORMAL ? -id : 0;
        }
        writer.string("tokenizer.ggml.model", "llama");
        writer.strings("tokenizer.ggml.tokens", tokens);
        writer.float32s("tokenizer.ggml.scores", scores);
        writer.int32s("tokenizer.ggml.token_type", types);
        writer.bool("tokenizer.ggml.add_space_prefix", false);
        writer.uint32("tokenizer.ggml.unknown_token_id", 0);
        writer.uint32("tokenizer.ggml.bos_token_id", 1);
        writer.uint32("tokenizer.ggml.eos_token_id", 2);
    }

    private void norm(String name) {
        writer.tensor(name, TensorType.F32, List.of((long) shape.width()), out -> {
            float[] values = new float[shape.width()];
            for (int i = 0; i < values.length; i++) values[i] = (float) (1 + 0.1 * random.nextGaussian());
            out.accept(MemorySegment.ofArray(values));
        });
    }

    /** Rows are pieces of the pool from random places on: all are different, and a large model is made in seconds. */
    private void matrix(String name, double deviation, int rows, int columns) {
        TensorType wanted = typeOf(columns);
        TensorContent content = out -> encode(wanted, (float) deviation, rows, columns, out);
        writer.tensor(name, wanted, List.of((long) rows, (long) columns), content);
    }

    private TensorType typeOf(int columns) {
        for (TensorType choice : List.of(type, TensorType.Q8_0))
            if (columns % choice.blockElements() == 0) return choice;
        return TensorType.F16;
    }

    private void encode(TensorType wanted, float deviation, int rows, int columns, Consumer<MemorySegment> out) {
        BlockEncoder encoder = Blocks.encoder(wanted);
        int rowsAtOnce = Math.clamp(SLICE_ELEMENTS / columns, 1, rows);
        float[] values = new float[Math.multiplyExact(rowsAtOnce, columns)];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment encoded = arena.allocate(wanted.bytes(values.length));
            for (int row = 0; row < rows; row += rowsAtOnce) {
                int count = Math.min(rowsAtOnce, rows - row) * columns;
                for (int at = 0; at < count; at += columns) {
                    int from = random.nextInt(POOL);
                    for (int i = 0; i < columns; i++) values[at + i] = deviation * pool[from + i];
                }
                encoder.encode(values, 0, count, encoded, 0);
                out.accept(encoded.asSlice(0, wanted.bytes(count)));
            }
        }
    }
}
