package dev.laconic.format.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StringArrayTest {
    private static final int MOST = 1 << 20;

    @Test
    void readsAnyNumberOfStrings() {
        for (int count : new int[] {0, 1, 2, 3, 17, 1000}) {
            List<String> strings = new ArrayList<>();
            for (int i = 0; i < count; i++) strings.add("é".repeat(i % 97));
            StringArray read = new StringArray(bytes(strings, 5), count, MOST);
            assertThat(read.isWhole()).isTrue();
            assertThat(read.toList()).isEqualTo(strings);
            assertThat(read.bytes()).isEqualTo(bytes(strings, 0).byteSize());
        }
    }

    @Test
    void stopsAtALengthThatIsNone() {
        MemorySegment whole = bytes(List.of("one", "two"), 0);
        for (long size = 0; size < whole.byteSize(); size++) {
            StringArray read = new StringArray(whole.asSlice(0, size), 2, MOST);
            assertThat(read.isWhole()).isFalse();
            assertThat(read.bytes()).isEqualTo(size < 11 ? 0 : 11);
        }
        StringArray negative = new StringArray(MemorySegment.ofArray(new long[] {-1, 0}), 1, MOST);
        assertThat(negative.isWhole()).isFalse();
        assertThat(negative.bytes()).isZero();
    }

    @Test
    void stopsWhereTheyAreTooMany() {
        StringArray read = new StringArray(bytes(List.of("a".repeat(100), "b".repeat(100)), 0), 2, 150);
        assertThat(read.isWhole()).isFalse();
        assertThat(read.bytes()).isEqualTo(151);
    }

    private static MemorySegment bytes(List<String> strings, int behind) {
        int size = behind;
        for (String string : strings) size += Long.BYTES + string.getBytes(StandardCharsets.UTF_8).length;
        ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        for (String string : strings) {
            byte[] content = string.getBytes(StandardCharsets.UTF_8);
            buffer.putLong(content.length).put(content);
        }
        return MemorySegment.ofArray(buffer.array());
    }
}
