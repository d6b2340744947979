package dev.laconic.kernels.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.laconic.core.tensor.TensorType;
import dev.laconic.testkit.SharedData;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks decode to the very bits that the formats' own implementation gives. */
class BlocksParityTest {

    static Stream<Path> files() throws IOException {
        Path folder = SharedData.require("parity/dequant");
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".blocks")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void decodesBitIdentically(Path blocks) throws IOException {
        String name = blocks.getFileName().toString().replace(".blocks", "");
        TensorType type = TensorType.valueOf(name.toUpperCase(Locale.ROOT));
        float[] expected = floats(blocks.resolveSibling(name + ".f32"));
        float[] found = new float[expected.length];
        Blocks.codec(type).decode(MemorySegment.ofArray(Files.readAllBytes(blocks)), 0, found.length, found, 0);
        assertThat(bits(found)).isEqualTo(bits(expected));
    }

    @ParameterizedTest
    @MethodSource("files")
    void encodesBitIdentically(Path blocks) throws IOException {
        String name = blocks.getFileName().toString().replace(".blocks", "");
        TensorType type = TensorType.valueOf(name.toUpperCase(Locale.ROOT));
        assumeThat(Blocks.encodable()).contains(type);
        float[] source = floats(blocks.resolveSibling(name + ".src.f32"));
        byte[] found = new byte[Math.toIntExact(type.bytes(source.length))];
        Blocks.encoder(type).encode(source, 0, source.length, MemorySegment.ofArray(found), 0);
        assertThat(found).isEqualTo(Files.readAllBytes(blocks));
    }

    static float[] floats(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) bits[i] = Float.floatToRawIntBits(values[i]);
        return bits;
    }
}
