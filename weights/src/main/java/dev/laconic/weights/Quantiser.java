package dev.laconic.weights;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.ModelFile;
import dev.laconic.format.TensorContent;
import dev.laconic.format.gguf.GgufFile;
import dev.laconic.format.gguf.GgufWriter;
import dev.laconic.kernels.block.BlockCodec;
import dev.laconic.kernels.block.BlockEncoder;
import dev.laconic.kernels.block.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Rewrites a model as GGUF with its matrices in another element type, by round-to-nearest within each block. Vectors,
 * expert routers and other small tensors that decide much stay in float32. Tensors are made one slice at a time: a model
 * larger than the heap can be written.
 */
public final class Quantiser {
    private static final int SLICE_ELEMENTS = 1 << 20;
    private static final Set<TensorType> FLOATS = EnumSet.of(TensorType.F32, TensorType.F16, TensorType.BF16);

    /** GGUF's numbers for {@code general.file_type}. */
    private static final Map<TensorType, Integer> FILE_TYPES = Map.ofEntries(
            Map.entry(TensorType.F32, 0), Map.entry(TensorType.F16, 1), Map.entry(TensorType.Q4_0, 2),
            Map.entry(TensorType.Q4_1, 3), Map.entry(TensorType.Q8_0, 7), Map.entry(TensorType.Q5_0, 8),
            Map.entry(TensorType.Q5_1, 9), Map.entry(TensorType.Q2_K, 10), Map.entry(TensorType.Q3_K, 12),
            Map.entry(TensorType.Q4_K, 15), Map.entry(TensorType.Q5_K, 17), Map.entry(TensorType.Q6_K, 18),
            Map.entry(TensorType.IQ4_NL, 25), Map.entry(TensorType.IQ4_XS, 30), Map.entry(TensorType.BF16, 32),
            Map.entry(TensorType.TQ1_0, 36), Map.entry(TensorType.TQ2_0, 37));

    private final TensorType type;
    private final boolean pure;

    /** What a conversion did. */
    public record Summary(int tensors, int converted, long bytesBefore, long bytesAfter) {}

    /** Told how many elements are written. */
    @FunctionalInterface
    public interface Progress {
        void at(long done, long total);
    }

    /**
     * @param type what matrices become
     * @param pure also the token embedding and the output head; otherwise these keep at least 6 bits, since they decide
     *     most of the loss
     * @throws UsageException for a type that nothing can be encoded as
     */
    public Quantiser(TensorType type, boolean pure) {
        if (!Blocks.encodable().contains(type))
            throw new UsageException("cannot encode " + type + "; possible are " + Blocks.encodable());
        this.type = type;
        this.pure = pure;
    }

    /** The type with this name, in either case. */
    public static TensorType type(String name) {
        for (TensorType candidate : Blocks.encodable())
            if (candidate.name().equalsIgnoreCase(name)) return candidate;
        throw new UsageException("--type: found " + name + ", expected one of " + Blocks.encodable());
    }

    /** Writes the model to {@code target}, which appears only when it is whole. */
    public Summary write(ModelFile source, Path target, Progress progress) {
        GgufWriter writer = new GgufWriter();
        if (source instanceof GgufFile gguf) writer.copy(gguf);
        else writer.copy(source.metadata());
        writer.uint32("general.file_type", FILE_TYPES.getOrDefault(type, 0));
        if (type.quantised()) writer.uint32("general.quantization_version", 2);
        long total = source.tensors().values().stream().mapToLong(Tensor::elements).sum();
        long[] done = new long[1];
        long before = 0;
        long after = 0;
        int converted = 0;
        for (Tensor tensor : source.tensors().values()) {
            TensorType wanted = typeOf(tensor);
            before += tensor.data().byteSize();
            after += wanted.bytes(tensor.elements());
            if (wanted != tensor.type()) converted++;
            TensorContent content = out -> {
                convert(tensor, wanted, out);
                done[0] += tensor.elements();
                progress.at(done[0], total);
            };
            writer.tensor(tensor.name(), wanted, tensor.shape(), content);
        }
        writer.write(target);
        return new Summary(source.tensors().size(), converted, before, after);
    }

    /** What a tensor becomes. */
    TensorType typeOf(Tensor tensor) {
        String name = tensor.name().toLowerCase(Locale.ROOT);
        boolean matrix = tensor.shape().size() >= 2 && tensor.rows() > 1;
        if (!matrix || isKept(name)) return FLOATS.contains(tensor.type()) || tensor.type().quantised() ? TensorType.F32 : tensor.type();
        if (!Blocks.types().contains(tensor.type())) return tensor.type();
        boolean ends = name.equals("token_embd.weight") || name.equals("output.weight");
        List<TensorType> choices = ends && !pure && type.bitsPerElement() < TensorType.Q6_K.bitsPerElement()
                ? List.of(TensorType.Q6_K, TensorType.Q8_0, TensorType.F16)
                : List.of(type, TensorType.Q8_0, TensorType.F16);
        return choices.stream()
                .filter(choice -> tensor.columns() % choice.blockElements() == 0)
                .findFirst()
                .orElseThrow();
    }

    /** Norms, routers, and tables of positions and of rotary factors. */
    private static boolean isKept(String name) {
        return name.contains("norm") || name.contains("ffn_gate_inp") || name.startsWith("position_embd")
                || name.startsWith("token_types") || name.startsWith("rope_") || name.contains("attn_rel_b");
    }

    private static void convert(Tensor tensor, TensorType wanted, Consumer<MemorySegment> out) {
        if (wanted == tensor.type()) {
            out.accept(tensor.data());
            return;
        }
        BlockCodec codec = Blocks.codec(tensor.type());
        BlockEncoder encoder = Blocks.encoder(wanted);
        int columns = tensor.columns();
        int rowsAtOnce = Math.max(1, SLICE_ELEMENTS / columns);
        float[] values = new float[Math.multiplyExact(rowsAtOnce, columns)];
        long rows = tensor.elements() / columns;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment encoded = arena.allocate(wanted.bytes(values.length));
            for (long row = 0; row < rows; row += rowsAtOnce) {
                int count = (int) Math.min(rowsAtOnce, rows - row) * columns;
                codec.decode(tensor.data(), tensor.type().bytes(row * columns), count, values, 0);
                encoder.encode(values, 0, count, encoded, 0);
                out.accept(encoded.asSlice(0, wanted.bytes(count)));
            }
        }
    }
}
