package dev.laconic.format.gguf;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.Metadata;
import dev.laconic.format.TensorContent;
import dev.laconic.format.io.AtomicFile;
import dev.laconic.format.io.ByteWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * Writes a GGUF version 3 file with an alignment of 32 bytes. Metadata comes first, a key that is put again replaces
 * its value; then the tensors in the order they were added, each made only when its turn to be written has come.
 */
public final class GgufWriter {
    private static final int VERSION = 3;
    private static final int ALIGNMENT = GgufReader.DEFAULT_ALIGNMENT;
    private static final int MAX_DIMENSIONS = 4;

    private final SequencedMap<String, MemorySegment> values = new LinkedHashMap<>();
    private final SequencedMap<String, Entry> tensors = new LinkedHashMap<>();

    private record Entry(String name, TensorType type, List<Long> shape, long bytes, TensorContent content) {}

    /** Takes over all metadata of {@code file}, byte for byte, but for its alignment and what says that it is split. */
    public GgufWriter copy(GgufFile file) {
        file.encodedMetadata().forEach((key, encoded) -> {
            if (!ofOneFile(key)) values.put(key, encoded);
        });
        return this;
    }

    /**
     * Takes over {@code metadata} in the types that GGUF models commonly use: integers as uint32 where they fit,
     * else int32 or int64; floats as float32; arrays of integers as int32 where they fit, else int64.
     */
    public GgufWriter copy(Metadata metadata) {
        metadata.asMap().forEach((key, value) -> {
            if (!ofOneFile(key)) values.put(key, GgufEncoder.value(value));
        });
        return this;
    }

    public GgufWriter string(String key, String value) {
        return put(key, GgufEncoder.value(value));
    }

    public GgufWriter bool(String key, boolean value) {
        return put(key, GgufEncoder.value(value));
    }

    /** @param value from 0 to 2^32 - 1 */
    public GgufWriter uint32(String key, long value) {
        if (value < 0 || value > 0xFFFFFFFFL) throw new IllegalArgumentException(key + ": " + value + " is no uint32");
        return put(key, GgufEncoder.scalar(GgufType.UINT32, value));
    }

    public GgufWriter int32(String key, int value) {
        return put(key, GgufEncoder.scalar(GgufType.INT32, value));
    }

    public GgufWriter int64(String key, long value) {
        return put(key, GgufEncoder.scalar(GgufType.INT64, value));
    }

    public GgufWriter float32(String key, float value) {
        return put(key, GgufEncoder.scalar(GgufType.FLOAT32, Float.floatToRawIntBits(value)));
    }

    public GgufWriter strings(String key, List<String> value) {
        return put(key, GgufEncoder.value(value));
    }

    public GgufWriter bools(String key, boolean[] value) {
        return put(key, GgufEncoder.value(value));
    }

    public GgufWriter uint8s(String key, byte[] value) {
        return put(
                key,
                GgufEncoder.array(
                        GgufType.UINT8, IntStream.range(0, value.length).mapToLong(i -> value[i])));
    }

    public GgufWriter int32s(String key, int[] value) {
        return put(key, GgufEncoder.array(GgufType.INT32, IntStream.of(value).asLongStream()));
    }

    public GgufWriter float32s(String key, float[] value) {
        return put(key, GgufEncoder.value(value));
    }

    public GgufWriter tensor(Tensor tensor) {
        return tensor(tensor.name(), tensor.type(), tensor.shape(), out -> out.accept(tensor.data()));
    }

    /**
     * @param shape outermost dimension first, at most four, each 1 or more
     * @param content hands over exactly the bytes that the type and the shape ask for
     */
    public GgufWriter tensor(String name, TensorType type, List<Long> shape, TensorContent content) {
        if (shape.size() > MAX_DIMENSIONS)
            throw new IllegalArgumentException(name + ": " + shape.size() + " dimensions, at most " + MAX_DIMENSIONS);
        long elements = 1;
        for (long size : shape) {
            if (size < 1) throw new IllegalArgumentException(name + ": shape " + shape + ", sizes must be 1 or more");
            elements = Math.multiplyExact(elements, size);
        }
        long columns = shape.isEmpty() ? 1 : shape.getLast();
        if (columns % type.blockElements() != 0)
            throw new IllegalArgumentException(name + ": rows of " + columns + " are not whole blocks of " + type);
        Entry entry = new Entry(name, type, List.copyOf(shape), type.bytes(elements), content);
        if (tensors.putIfAbsent(name, entry) != null) throw new IllegalArgumentException(name + ": tensor added twice");
        return this;
    }

    /**
     * Writes the file under a temporary name and moves it to {@code path} once it is whole.
     *
     * @throws dev.laconic.core.error.LaconicException if it cannot be written
     * @throws IllegalStateException if a tensor's content is not as long as its type and shape say
     */
    public void write(Path path) {
        AtomicFile.write(path, this::write);
    }

    private void write(ByteWriter out) {
        out.int32(GgufReader.MAGIC);
        out.int32(VERSION);
        out.int64(tensors.size());
        out.int64(values.size());
        values.forEach((key, encoded) -> {
            out.string(key);
            out.bytes(encoded);
        });
        long offset = 0;
        for (Entry tensor : tensors.values()) {
            out.string(tensor.name);
            out.int32(tensor.shape.size());
            for (long size : tensor.shape.reversed()) out.int64(size);
            out.int32(tensor.type.code());
            out.int64(offset);
            offset += Math.ceilDiv(tensor.bytes, ALIGNMENT) * ALIGNMENT;
        }
        out.align(ALIGNMENT);
        for (Entry tensor : tensors.values()) {
            long end = out.position() + tensor.bytes;
            tensor.content.writeTo(out::bytes);
            if (out.position() != end)
                throw new IllegalStateException(tensor.name + ": " + (tensor.bytes + out.position() - end)
                        + " bytes handed over, expected " + tensor.bytes);
            out.align(ALIGNMENT);
        }
    }

    /** @param encoded the value's type, then its content */
    GgufWriter put(String key, MemorySegment encoded) {
        if (key.isEmpty() || key.equals(GgufReader.ALIGNMENT_KEY))
            throw new IllegalArgumentException("metadata \"" + key + "\" cannot be set");
        values.put(key, encoded);
        return this;
    }

    private static boolean ofOneFile(String key) {
        return switch (key) {
            case GgufReader.ALIGNMENT_KEY,
                    GgufFile.SPLIT_NUMBER_KEY,
                    GgufFile.SPLIT_COUNT_KEY,
                    GgufFile.SPLIT_TENSORS_KEY -> true;
            default -> false;
        };
    }
}
