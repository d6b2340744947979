package dev.laconic.kernels.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlocksTest {

    /** CRC-32 of 64 blocks of pseudo-random bits as ggml decodes them, with 0 for NaN. */
    @ParameterizedTest
    @CsvSource({
        "Q4_1, 0x9c5d4699",
        "Q3_K, 0x2868a071",
        "Q5_K, 0x8933c915",
        "IQ4_XS, 0x8b555f09",
        "IQ3_S, 0xcbaba4b7",
        "IQ1_M, 0xa29780b7",
        "TQ1_0, 0x4c73ad7e",
        "NVFP4, 0x38a60131",
        "Q8_0, 0xfad2f1d5",
        "Q6_K, 0xd2ae5508",
        "IQ2_S, 0x473814ea",
        "MXFP4, 0x5a53f99e",
        "Q5_1, 0x4a1050e6",
        "Q2_K, 0x85464e69",
        "Q4_K, 0x054d1412",
        "IQ1_S, 0x0faeabb7",
        "IQ2_XS, 0x1b6c16b2",
        "IQ2_XXS, 0x71396706",
        "IQ3_XXS, 0xe7282123",
        "IQ4_NL, 0x5a269f3a",
        "Q4_0, 0x5cf0a7b4",
        "Q5_0, 0x29adce22",
        "TQ2_0, 0x34107bc3",
        "Q1_0, 0x774221cf",
        "Q2_0, 0xcf3145c7"
    })
    void randomBitsDecodeAsPublished(TensorType type, String crc) {
        byte[] blocks = new byte[64 * type.blockBytes()];
        int state = 12345;
        for (int i = 0; i < blocks.length; i++) {
            state = state * 1664525 + 1013904223;
            blocks[i] = (byte) (state >>> 24);
        }
        float[] values = new float[64 * type.blockElements()];
        Blocks.codec(type).decode(MemorySegment.ofArray(blocks), 0, values.length, values, 0);
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) bytes.putFloat(Float.isNaN(value) ? 0 : value);
        assertThat(crc(bytes.array())).isEqualTo(crc);
    }

    /** CRC-32 of sixteen rows of 512, some zero, constant, of one sign, tiny or sparse, as ggml encodes them. */
    @ParameterizedTest
    @CsvSource({
        "Q4_1, 0xd6ec98cb",
        "Q3_K, 0xe359d316",
        "Q5_K, 0xfc386479",
        "IQ4_XS, 0x341eb536",
        "TQ1_0, 0xd13d97c4",
        "Q8_0, 0xd38c0df5",
        "Q6_K, 0x6d08974a",
        "MXFP4, 0x560c51b5",
        "Q5_1, 0xc9124a91",
        "Q2_K, 0xcc928643",
        "Q4_K, 0x6b97d429",
        "IQ4_NL, 0xaec92dbc",
        "Q4_0, 0xaad25584",
        "Q5_0, 0x27ec8ffa",
        "TQ2_0, 0xd8f44345",
        "Q1_0, 0xa6efc6de",
        "Q2_0, 0x26845169"
    })
    void encodesAsPublished(TensorType type, String crc) {
        float[] x = new float[16 * 512];
        int state = 12345;
        for (int i = 0; i < x.length; i++) {
            state = state * 1664525 + 1013904223;
            float u = (float) state / 0x1p31f;
            x[i] = switch (i / 512) {
                case 0 -> 0;
                case 1 -> 0.25f;
                case 2 -> Math.abs(u);
                case 3 -> u * 1e-4f;
                case 4 -> -Math.abs(u);
                case 5 -> i % 32 < 16 ? u : 0;
                default -> u * u * u;
            };
        }
        byte[] blocks = new byte[Math.toIntExact(type.bytes(x.length))];
        Blocks.encoder(type).encode(x, 0, x.length, MemorySegment.ofArray(blocks), 0);
        assertThat(crc(blocks)).isEqualTo(crc);
    }

    private static String crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return "0x%08x".formatted(crc.getValue());
    }

    @Test
    void whatAnEncoderWritesDecodesToSomethingClose() {
        for (TensorType type : Blocks.encodable()) {
            float[] x = new float[512];
            for (int i = 0; i < x.length; i++) x[i] = (float) Math.sin(i * 0.7) * (1 + i / 256);
            byte[] blocks = new byte[3 + Math.toIntExact(type.bytes(x.length))];
            float[] decoded = new float[514];
            Blocks.encoder(type).encode(x, 0, x.length, MemorySegment.ofArray(blocks), 3);
            Blocks.codec(type).decode(MemorySegment.ofArray(blocks), 3, x.length, decoded, 1);
            double error = 0;
            for (int i = 0; i < x.length; i++) error += Math.pow(decoded[i + 1] - x[i], 2);
            assertThat(Math.sqrt(error / x.length)).as("%s", type).isLessThan(type.bitsPerElement() > 4.3 ? 0.15 : 1);
        }
        assertThatThrownBy(() -> Blocks.encoder(TensorType.IQ2_XXS))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("IQ4_XS");
        assertThatThrownBy(() -> Blocks.encoder(TensorType.Q4_K)
                        .encode(new float[64], 0, 64, MemorySegment.ofArray(new byte[144]), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void decodesAtAnyOffset() {
        float[] y = new float[40];
        byte[] bytes = new byte[3 + 2 * 18];
        bytes[3 + 18 + 1] = 0x3C;
        bytes[3 + 18 + 2] = 0x2F;
        Blocks.codec(TensorType.Q4_0).decode(MemorySegment.ofArray(bytes), 3 + 18, 32, y, 5);
        assertThat(y[5]).isEqualTo(7);
        assertThat(y[21]).isEqualTo(-6);
        assertThat(y[22]).isEqualTo(-8);
        assertThat(y[4]).isZero();
        assertThat(y[37]).isZero();
    }

    @Test
    void integersAreNoWeights() {
        assertThatThrownBy(() -> Blocks.codec(TensorType.I32))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("I32")
                .hasMessageContaining("Q4_K");
        assertThat(Blocks.decode(Tensor.of("t", new float[] {1, 2, 3, 4}, 2, 2))).containsExactly(1, 2, 3, 4);
    }
}
