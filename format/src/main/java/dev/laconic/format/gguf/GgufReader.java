package dev.laconic.format.gguf;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.core.tensor.FileMapping;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.Metadata;
import dev.laconic.format.io.ByteReader;
import dev.laconic.format.io.Quoted;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Reads one GGUF file, which may be a part of a split one, and checks everything that does not need to know models. */
final class GgufReader {
    static final int MAGIC = 0x46554747;
    static final int DEFAULT_ALIGNMENT = 32;
    static final String ALIGNMENT_KEY = "general.alignment";

    private static final int MAX_NAME_BYTES = 65535;
    private static final int MAX_DIMENSIONS = 4;
    private static final int MAX_ENTRIES = 1 << 18;
    private static final int MAX_TENSORS = 1 << 18;
    private static final int MAX_ARRAY_DEPTH = 8;
    private static final int MAX_ARRAY_ELEMENTS = 1 << 23;
    private static final int MAX_TEXT_BYTES = 1 << 26;
    private static final int LEAST_ENTRY_BYTES = 8 + 1 + 4 + 1;
    private static final int LEAST_TENSOR_BYTES = 8 + 1 + 4 + 4 + 8;

    private final String source;
    private final MemorySegment file;
    private final Optional<FileMapping> mapping;
    private final Consumer<Metadata> described;
    private final ByteReader in;
    private final SequencedMap<String, Object> values = new LinkedHashMap<>();
    private final SequencedMap<String, MemorySegment> encoded = new LinkedHashMap<>();

    private GgufReader(String source, MemorySegment file, Optional<FileMapping> mapping, Consumer<Metadata> described) {
        this.source = source;
        this.file = file;
        this.mapping = mapping;
        this.described = described;
        this.in = new ByteReader(source, file);
    }

    /**
     * What one file holds.
     *
     * @param encoded every metadata value as it lies in the file: its type, then its content
     */
    record Part(Metadata metadata, SequencedMap<String, MemorySegment> encoded, SequencedMap<String, Tensor> tensors) {}

    private record Info(String name, TensorType type, long[] shape, long offset, long bytes) {
        long end() {
            return offset + bytes;
        }
    }

    static Part read(String source, MemorySegment file) {
        return new GgufReader(source, file, Optional.empty(), metadata -> {}).read();
    }

    /** @param described is told the metadata before the tensors are read */
    static Part read(String source, FileMapping file, Consumer<Metadata> described) {
        return new GgufReader(source, file.bytes(), Optional.of(file), described).read();
    }

    private Part read() {
        readMagic();
        readVersion();
        int tensorCount = count(LEAST_TENSOR_BYTES, MAX_TENSORS, "tensor count");
        int entryCount = count(LEAST_ENTRY_BYTES, MAX_ENTRIES, "metadata count");
        for (int i = 0; i < entryCount; i++) readEntry(i);
        Metadata metadata = new Metadata(source, values);
        described.accept(metadata);
        long alignment = alignment(metadata);
        SequencedMap<String, Info> infos = new LinkedHashMap<>();
        for (int i = 0; i < tensorCount; i++) {
            Info info = readInfo(i, alignment);
            if (infos.put(info.name, info) != null)
                throw malformed("tensor " + Quoted.of(info.name), "it twice", "each tensor once");
        }
        long dataStart = Math.min(Math.ceilDiv(in.position(), alignment) * alignment, file.byteSize());
        return new Part(metadata, encoded, tensors(infos, file.asSlice(dataStart)));
    }

    private void readMagic() {
        int magic = in.int32("magic");
        if (magic != MAGIC) throw malformed("magic", String.format("%08x", Integer.reverseBytes(magic)), "GGUF");
    }

    private void readVersion() {
        int version = in.int32("version");
        if (version == 2 || version == 3) return;
        int swapped = Integer.reverseBytes(version);
        if (swapped == 2 || swapped == 3)
            throw new UnsupportedModelException(
                    source, "version", "big-endian version " + swapped, List.of("little-endian versions 2 and 3"));
        throw new UnsupportedModelException(source, "version", Integer.toUnsignedString(version), List.of("2", "3"));
    }

    private void readEntry(int index) {
        String key = readName(new Numbered("metadata key", index));
        long start = in.position();
        Field field = new Field("metadata", key, "");
        Object value = readValue(readType(field), field, 0);
        if (values.put(key, value) != null) throw malformed(field, "the key twice", "each key once");
        encoded.put(key, file.asSlice(start, in.position() - start));
    }

    private String readName(Object field) {
        int length = count(1, MAX_NAME_BYTES, field);
        if (length == 0) throw malformed(field, "an empty name", "1 to " + MAX_NAME_BYTES + " bytes");
        return in.utf8(length, field);
    }

    private int count(int bytesEach, int most, Object field) {
        long count = in.count(bytesEach, field);
        if (count > most) throw malformed(field, count, "at most " + most);
        return (int) count;
    }

    private GgufType readType(Object field) {
        int code = in.int32(field);
        if (code < 0 || code >= GgufType.COUNT)
            throw malformed(
                    field, "value type " + Integer.toUnsignedString(code), "a type from 0 to " + (GgufType.COUNT - 1));
        return GgufType.byCode(code);
    }

    private Object readValue(GgufType type, Object field, int depth) {
        return switch (type) {
            case UINT8 -> (long) Byte.toUnsignedInt(in.int8(field));
            case INT8 -> (long) in.int8(field);
            case UINT16 -> (long) Short.toUnsignedInt(in.int16(field));
            case INT16 -> (long) in.int16(field);
            case UINT32 -> in.uint32(field);
            case INT32 -> (long) in.int32(field);
            case UINT64 -> unsigned(in.int64(field));
            case INT64 -> in.int64(field);
            case FLOAT32 -> (double) in.float32(field);
            case FLOAT64 -> in.float64(field);
            case BOOL -> bool(in.int8(field), field);
            case STRING -> readString(field);
            case ARRAY -> readArray(field, depth + 1);
        };
    }

    private static Object unsigned(long value) {
        if (value >= 0) return value;
        return new BigInteger(Long.toUnsignedString(value));
    }

    private boolean bool(byte value, Object field) {
        if (value != 0 && value != 1) throw malformed(field, "a boolean of " + Byte.toUnsignedInt(value), "0 or 1");
        return value == 1;
    }

    private String readString(Object field) {
        int length = count(1, MAX_TEXT_BYTES, field);
        return new String(in.take(length, field).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    private Object readArray(Object field, int depth) {
        if (depth > MAX_ARRAY_DEPTH)
            throw malformed(field, "arrays nested deeper than " + MAX_ARRAY_DEPTH, "at most " + MAX_ARRAY_DEPTH);
        GgufType type = readType(field);
        int count = count(type.leastBytes(), MAX_ARRAY_ELEMENTS, field);
        return switch (type) {
            case STRING -> readStrings(field, count);
            case ARRAY -> {
                List<Object> arrays = new ArrayList<>(count);
                for (int i = 0; i < count; i++) arrays.add(readArray(field, depth + 1));
                yield arrays;
            }
            case FLOAT32 -> {
                float[] floats = new float[count];
                copy(in.take(count * 4L, field), ByteReader.FLOAT, MemorySegment.ofArray(floats), ValueLayout.JAVA_FLOAT, count);
                yield floats;
            }
            case FLOAT64 -> {
                double[] doubles = new double[count];
                copy(in.take(count * 8L, field), ByteReader.DOUBLE, MemorySegment.ofArray(doubles), ValueLayout.JAVA_DOUBLE, count);
                yield doubles;
            }
            case BOOL -> {
                byte[] bytes = in.take(count, field).toArray(ValueLayout.JAVA_BYTE);
                boolean[] booleans = new boolean[count];
                for (int i = 0; i < count; i++) booleans[i] = bool(bytes[i], field);
                yield booleans;
            }
            default -> readIntegers(type, field, count);
        };
    }

    private List<String> readStrings(Object field, int count) {
        StringArray strings = new StringArray(file.asSlice(in.position()), count, MAX_TEXT_BYTES);
        in.skip(strings.bytes(), field);
        if (strings.isWhole()) return strings.toList();
        if (strings.bytes() > MAX_TEXT_BYTES)
            throw malformed(field, "strings of more than " + MAX_TEXT_BYTES + " bytes", "less");
        throw new IllegalStateException("an array that ends before a length of " + in.count(1, field)); // refused first
    }

    /** Copies elements to an array on the heap, in its order of bytes. */
    private static void copy(MemorySegment from, ValueLayout layout, MemorySegment array, ValueLayout own, long count) {
        MemorySegment.copy(from, layout, 0, array, own, 0, count);
    }

    private long[] readIntegers(GgufType type, Object field, int count) {
        MemorySegment content = in.take((long) count * type.leastBytes(), field);
        long[] integers = new long[count];
        if (type == GgufType.UINT32 || type == GgufType.INT32) { // one for each token of a vocabulary
            int[] ints = new int[count];
            copy(content, ByteReader.INT, MemorySegment.ofArray(ints), ValueLayout.JAVA_INT, count);
            long mask = type == GgufType.UINT32 ? 0xFFFFFFFFL : -1;
            for (int i = 0; i < count; i++) integers[i] = ints[i] & mask;
            return integers;
        }
        for (int i = 0; i < count; i++)
            integers[i] = switch (type) {
                case UINT8 -> Byte.toUnsignedLong(content.get(ValueLayout.JAVA_BYTE, i));
                case INT8 -> content.get(ValueLayout.JAVA_BYTE, i);
                case UINT16 -> Short.toUnsignedLong(content.getAtIndex(ByteReader.SHORT, i));
                case INT16 -> content.getAtIndex(ByteReader.SHORT, i);
                default -> content.getAtIndex(ByteReader.LONG, i);
            };
        if (type == GgufType.UINT64)
            for (long integer : integers)
                if (integer < 0) throw malformed(field, Long.toUnsignedString(integer), "at most " + Long.MAX_VALUE);
        return integers;
    }

    private long alignment(Metadata metadata) {
        long alignment = metadata.integer(ALIGNMENT_KEY).orElse((long) DEFAULT_ALIGNMENT);
        if (alignment < 8 || Long.bitCount(alignment) != 1 || alignment > 1L << 32)
            throw malformed(ALIGNMENT_KEY, alignment, "a power of two from 8");
        return alignment;
    }

    /** One of many things, which becomes a text where something is wrong with it. */
    private record Numbered(String kind, int number) {
        @Override
        public String toString() {
            return kind + " " + number;
        }
    }

    /** Part of a named thing, likewise. */
    private record Field(String kind, String name, String part) {
        Field part(String newPart) {
            return new Field(kind, name, newPart);
        }

        @Override
        public String toString() {
            return kind + " " + Quoted.of(name) + part;
        }
    }

    private Info readInfo(int index, long alignment) {
        String name = readName(new Numbered("tensor name", index));
        Field field = new Field("tensor", name, "");
        long[] shape = readShape(field);
        TensorType type = readTensorType(field.part(" type"));
        long bytes = bytes(field, type, shape);
        Field offsetField = field.part(" offset");
        long offset = in.int64(offsetField);
        if (offset < 0 || offset % alignment != 0)
            throw malformed(offsetField, Long.toUnsignedString(offset), "a multiple of the alignment " + alignment);
        return new Info(name, type, shape, offset, bytes);
    }

    private long[] readShape(Field field) {
        Field count = field.part(" dimensions");
        long dimensions = in.uint32(count);
        if (dimensions > MAX_DIMENSIONS) throw malformed(count, dimensions, "at most " + MAX_DIMENSIONS);
        long[] shape = new long[(int) dimensions];
        Field each = field.part(" dimension");
        for (int i = shape.length - 1; i >= 0; i--) {
            shape[i] = in.int64(each);
            if (shape[i] <= 0)
                throw malformed(
                        each + " " + (shape.length - 1 - i), Long.toUnsignedString(shape[i]), "1 to " + Long.MAX_VALUE);
        }
        return shape;
    }

    private TensorType readTensorType(Field field) {
        int code = in.int32(field);
        Optional<TensorType> type = TensorType.byCode(code);
        if (type.isEmpty())
            throw new UnsupportedModelException(
                    source, field.toString(), named(code), Stream.of(TensorType.values()).map(TensorType::name).toList());
        return type.get();
    }

    private static String named(int code) {
        return switch (code) {
            case 4 -> "4 (Q4_2, removed from the format)";
            case 5 -> "5 (Q4_3, removed from the format)";
            case 31, 32, 33 -> code + " (repacked Q4_0, removed from the format)";
            case 36, 37, 38 -> code + " (repacked IQ4_NL, removed from the format)";
            case 40 -> "40 (NVFP4)";
            default -> Integer.toUnsignedString(code);
        };
    }

    private long bytes(Object field, TensorType type, long[] shape) {
        long columns = shape.length == 0 ? 1 : shape[shape.length - 1];
        if (columns % type.blockElements() != 0)
            throw malformed(
                    field,
                    "rows of " + columns + " elements of " + type,
                    "a multiple of the block of " + type.blockElements());
        try {
            long elements = 1;
            for (long size : shape) elements = Math.multiplyExact(elements, size);
            return type.bytes(elements);
        } catch (ArithmeticException e) {
            throw malformed(field, "shape " + Arrays.toString(shape), "less than 2^63 bytes");
        }
    }

    private SequencedMap<String, Tensor> tensors(SequencedMap<String, Info> infos, MemorySegment data) {
        checkDisjoint(infos, data.byteSize());
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (Info info : infos.values()) {
            MemorySegment bytes = data.asSlice(info.offset, info.bytes);
            tensors.put(info.name, new Tensor(info.name, info.type, Tensor.shape(info.shape), bytes, mapping));
        }
        return tensors;
    }

    private void checkDisjoint(SequencedMap<String, Info> infos, long available) {
        for (Info info : infos.values())
            if (info.bytes > available || info.offset > available - info.bytes)
                throw malformed(
                        "tensor " + Quoted.of(info.name),
                        info.bytes + " bytes at offset " + info.offset,
                        "them to lie within the " + available + " bytes of tensor data; the file may be truncated");
        List<Info> byOffset = new ArrayList<>(infos.values());
        byOffset.sort((a, b) -> Long.compare(a.offset, b.offset));
        for (int i = 1; i < byOffset.size(); i++) {
            Info before = byOffset.get(i - 1);
            Info after = byOffset.get(i);
            if (after.offset < before.end())
                throw malformed(
                        "tensor " + Quoted.of(after.name) + " offset",
                        after.offset + ", within tensor " + Quoted.of(before.name),
                        before.end() + " or more");
        }
    }

    private MalformedInputException malformed(Object field, Object found, String expected) {
        return new MalformedInputException(source, field.toString(), found, expected);
    }
}
