package dev.laconic.format.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.testkit.Seeds;
import dev.laconic.testkit.SharedData;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {
    private static final GgufType[] INTEGERS = {
        GgufType.UINT8, GgufType.INT8, GgufType.UINT16, GgufType.INT16, GgufType.UINT32, GgufType.INT32, GgufType.INT64
    };

    @TempDir
    Path folder;

    @Test
    void whatWasWrittenIsRead() {
        Seeds.check(200, random -> {
            Map<String, Object> expected = new LinkedHashMap<>();
            GgufWriter writer = new GgufWriter();
            for (int i = random.nextInt(12); i >= 0; i--) putRandom(writer, expected, name(random) + i, random);
            List<Tensor> tensors = new ArrayList<>();
            for (int i = random.nextInt(6); i > 0; i--) tensors.add(randomTensor(name(random) + i, random));
            tensors.forEach(writer::tensor);
            Path path = folder.resolve("round.gguf");
            writer.write(path);
            try (GgufFile file = GgufFile.open(path)) {
                assertThat(file.metadata().asMap()).usingRecursiveComparison().isEqualTo(expected);
                assertThat(file.tensors().keySet())
                        .containsExactlyElementsOf(
                                tensors.stream().map(Tensor::name).toList());
                for (Tensor tensor : tensors)
                    assertSame(file.tensor(tensor.name()).orElseThrow(), tensor);
            }
        });
    }

    @Test
    void referenceModelsAreCopiedBitByBit() throws IOException {
        try (Stream<Path> files = Files.list(SharedData.require("parity/quant"))) {
            for (Path path :
                    files.filter(each -> each.toString().endsWith(".gguf")).toList())
                try (GgufFile original = GgufFile.open(path)) {
                    GgufWriter writer = new GgufWriter().copy(original);
                    original.tensors().values().forEach(writer::tensor);
                    Path copied = folder.resolve("copy.gguf");
                    writer.write(copied);
                    assertThat(Files.mismatch(path, copied)).isEqualTo(-1);
                }
        }
    }

    @Test
    void tensorsAreMadeOneChunkAtATime() {
        long rows = 4096;
        byte[] row = new byte[4096];
        Path path = folder.resolve("streamed.gguf");
        new GgufWriter()
                .tensor("big", TensorType.F32, List.of(rows, 1024L), out -> {
                    for (int i = 0; i < rows; i++) {
                        row[0] = (byte) i;
                        out.accept(MemorySegment.ofArray(row));
                    }
                })
                .write(path);
        try (GgufFile file = GgufFile.open(path)) {
            Tensor big = file.tensor("big").orElseThrow();
            assertThat(big.slice(77).data().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 77);
        }
    }

    @Test
    void aFailingTensorLeavesTheTargetAndNoTemporaryFile() throws IOException {
        Path path = folder.resolve("kept.gguf");
        Files.writeString(path, "before");
        GgufWriter tooShort = new GgufWriter()
                .tensor("a", TensorType.F32, List.of(8L), out -> out.accept(MemorySegment.ofArray(new byte[31])));
        assertThatThrownBy(() -> tooShort.write(path))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a: 31 bytes handed over, expected 32");
        assertThat(path).hasContent("before");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(path);
        }
        assertThatThrownBy(() -> new GgufWriter().write(folder.resolve("no/such/folder.gguf")))
                .isInstanceOf(LaconicException.class)
                .hasMessageEndingWith("its folder does not exist");
    }

    @Test
    void refusesWhatTheFormatCannotHold() {
        GgufWriter writer = new GgufWriter();
        assertThatThrownBy(() -> writer.uint32("k", -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.int32("general.alignment", 64)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.tensor("t", TensorType.Q8_0, List.of(33L), out -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.tensor("t", TensorType.F32, List.of(1L, 1L, 1L, 1L, 1L), out -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.tensor("t", TensorType.F32, List.of(0L), out -> {}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSplitModelOpensAsOneThroughAnyPart() {
        List<Path> parts = writeParts(3, 5);
        for (Path part : parts)
            try (GgufFile file = GgufFile.open(part)) {
                assertThat(file.metadata().requireString("general.name")).isEqualTo("part 0");
                assertThat(file.tensors().keySet()).containsExactly("t0", "t1", "t2", "t3", "t4");
            }
    }

    @Test
    void missingPartsAreNamed() throws IOException {
        List<Path> parts = writeParts(3, 5);
        Files.delete(parts.get(1));
        Files.delete(parts.get(2));
        assertThatThrownBy(() -> GgufFile.open(parts.getFirst()))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("m-00002-of-00003.gguf, m-00003-of-00003.gguf");
    }

    @Test
    void partsThatDoNotBelongTogetherAreRefused() throws IOException {
        List<Path> parts = writeParts(3, 5);
        Path stranger = parts.get(2);
        Files.copy(parts.get(1), stranger, StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> GgufFile.open(parts.getFirst()))
                .hasMessageContaining("found part 2 of 3, expected part 3 of 3");
        List<Path> wrongTotal = writeParts(2, 9);
        assertThatThrownBy(() -> GgufFile.open(wrongTotal.getFirst())).hasMessageContaining("split.tensors.count");
    }

    private List<Path> writeParts(int count, int total) {
        List<Path> paths = new ArrayList<>();
        int tensor = 0;
        for (int i = 0; i < count; i++) {
            Path path = folder.resolve(String.format("m-%05d-of-%05d.gguf", i + 1, count));
            GgufWriter writer = new GgufWriter()
                    .string("general.name", "part " + i)
                    .put("split.no", GgufEncoder.scalar(GgufType.UINT16, i))
                    .put("split.count", GgufEncoder.scalar(GgufType.UINT16, count))
                    .int32("split.tensors.count", total);
            for (int end = (i + 1) * 5 / count; tensor < end; tensor++)
                writer.tensor(Tensor.of("t" + tensor, new float[] {tensor}, 1));
            writer.write(path);
            paths.add(path);
        }
        return paths;
    }

    private static void assertSame(Tensor found, Tensor expected) {
        assertThat(found.type()).isEqualTo(expected.type());
        assertThat(found.shape()).isEqualTo(expected.shape());
        assertThat(found.data().mismatch(expected.data())).isEqualTo(-1);
    }

    private static void putRandom(GgufWriter writer, Map<String, Object> expected, String key, RandomGenerator random) {
        int size = random.nextInt(20);
        switch (random.nextInt(12)) {
            case 0 -> {
                String text = text(random);
                writer.string(key, text);
                expected.put(key, text);
            }
            case 1 -> {
                boolean value = random.nextBoolean();
                writer.bool(key, value);
                expected.put(key, value);
            }
            case 2 -> {
                long value = random.nextLong();
                writer.put(key, GgufEncoder.scalar(GgufType.UINT64, value));
                expected.put(key, value >= 0 ? (Object) value : new BigInteger(Long.toUnsignedString(value)));
            }
            case 3 -> {
                GgufType type = INTEGERS[random.nextInt(INTEGERS.length)];
                long value = random(type, random);
                writer.put(key, GgufEncoder.scalar(type, value));
                expected.put(key, value);
            }
            case 4 -> {
                float value = (float) random.nextGaussian();
                writer.float32(key, value);
                expected.put(key, (double) value);
            }
            case 5 -> {
                double value = random.nextGaussian();
                writer.put(key, GgufEncoder.scalar(GgufType.FLOAT64, Double.doubleToRawLongBits(value)));
                expected.put(key, value);
            }
            case 6 -> {
                List<String> value =
                        IntStream.range(0, size).mapToObj(i -> text(random)).toList();
                writer.strings(key, value);
                expected.put(key, value);
            }
            case 7 -> {
                GgufType type = INTEGERS[random.nextInt(INTEGERS.length)];
                long[] value =
                        LongStream.range(0, size).map(i -> random(type, random)).toArray();
                writer.put(key, GgufEncoder.array(type, LongStream.of(value)));
                expected.put(key, value);
            }
            case 8 -> {
                float[] value = new float[size];
                for (int i = 0; i < size; i++) value[i] = (float) random.nextGaussian();
                writer.float32s(key, value);
                expected.put(key, value);
            }
            case 9 -> {
                double[] value = random.doubles(size).toArray();
                writer.put(key, GgufEncoder.value(value));
                expected.put(key, value);
            }
            case 10 -> {
                boolean[] value = new boolean[size];
                for (int i = 0; i < size; i++) value[i] = random.nextBoolean();
                writer.bools(key, value);
                expected.put(key, value);
            }
            default -> {
                List<Object> value = List.of(
                        List.of(text(random), text(random)), List.of(new long[] {random.nextInt()}), new float[] {1});
                writer.put(key, GgufEncoder.value(value));
                expected.put(key, value);
            }
        }
    }

    private static long random(GgufType type, RandomGenerator random) {
        long bits = random.nextLong();
        return switch (type) {
            case UINT8 -> bits & 0xFF;
            case INT8 -> (byte) bits;
            case UINT16 -> bits & 0xFFFF;
            case INT16 -> (short) bits;
            case UINT32 -> bits & 0xFFFFFFFFL;
            case INT32 -> (int) bits;
            default -> bits;
        };
    }

    private static Tensor randomTensor(String name, RandomGenerator random) {
        TensorType type = TensorType.values()[random.nextInt(TensorType.values().length)];
        long[] shape = new long[random.nextInt(5)];
        for (int i = 0; i < shape.length; i++) shape[i] = 1 + random.nextInt(3);
        if (shape.length == 0 && type.quantised()) type = TensorType.BF16;
        if (shape.length > 0) shape[shape.length - 1] *= type.blockElements();
        byte[] data = new byte[(int) type.bytes(LongStream.of(shape).reduce(1, Math::multiplyExact))];
        random.nextBytes(data);
        return Tensor.of(name, type, MemorySegment.ofArray(data), shape);
    }

    private static String name(RandomGenerator random) {
        return "key." + Long.toString(random.nextLong(), 36) + ".é";
    }

    private static String text(RandomGenerator random) {
        return random.ints(random.nextInt(10), 0, 0x10FFFF)
                .filter(each -> each < 0xD800 || each > 0xDFFF)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
