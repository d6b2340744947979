package dev.laconic.format.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.MalformedInputException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteReaderTest {
    @Test
    void readsWhatWasWrittenAtAnyPlace() {
        Random random = new Random(1);
        byte[] bytes = new byte[100_000];
        random.nextBytes(bytes);
        ByteBuffer expected = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        ByteReader in = new ByteReader("file", MemorySegment.ofArray(bytes));
        while (in.remaining() > 30_000) {
            switch (random.nextInt(8)) {
                case 0 -> assertThat(in.int8("a")).isEqualTo(expected.get());
                case 1 -> assertThat(in.int16("b")).isEqualTo(expected.getShort());
                case 2 -> assertThat(in.int32("c")).isEqualTo(expected.getInt());
                case 3 -> assertThat(in.uint32("d")).isEqualTo(Integer.toUnsignedLong(expected.getInt()));
                case 4 -> assertThat(in.int64("e")).isEqualTo(expected.getLong());
                case 5 -> assertThat(in.float32("f")).isEqualTo(expected.getFloat());
                case 6 -> assertThat(in.float64("g")).isEqualTo(expected.getDouble());
                default -> {
                    int many = random.nextInt(20_000);
                    in.skip(many, "h");
                    expected.position(expected.position() + many);
                }
            }
            assertThat(in.position()).isEqualTo(expected.position());
        }
    }

    @Test
    void readsTextOfAnyLength() {
        for (int length : new int[] {0, 1, 8_191, 8_192, 8_193, 50_000}) {
            String text = "ü" + "x".repeat(length);
            byte[] encoded = ("ab" + text).getBytes(StandardCharsets.UTF_8);
            ByteReader in = new ByteReader("file", MemorySegment.ofArray(encoded));
            assertThat(in.int16("letters")).isEqualTo((short) ('a' | 'b' << 8));
            assertThat(in.utf8(length + 2, "text")).isEqualTo(text);
            assertThat(in.remaining()).isZero();
        }
    }

    @Test
    void refusesTextThatIsNotUtf8() {
        ByteReader in = new ByteReader("file", MemorySegment.ofArray(new byte[] {'a', (byte) 0xC3}));
        assertThatThrownBy(() -> in.utf8(2, "name")).isInstanceOf(MalformedInputException.class).hasMessageContaining("name");
    }

    @Test
    void refusesToReadPastTheEnd() {
        ByteReader in = new ByteReader("file", MemorySegment.ofArray(new byte[9]));
        in.int64("first");
        assertThatThrownBy(() -> in.int16("second"))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("second")
                .hasMessageContaining("1 bytes until the end of the file");
        assertThat(in.int8("third")).isZero();
        assertThatThrownBy(() -> in.int8("fourth")).isInstanceOf(MalformedInputException.class);
    }
}
