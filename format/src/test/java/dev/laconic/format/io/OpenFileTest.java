package dev.laconic.format.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFileTest {

    private static byte[] bytes(OpenFile file, long position, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment into = arena.allocate(count);
            file.read(position, into);
            return into.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Test
    void bytesAreReadWhereTheyAreAskedFor(@TempDir Path folder) throws IOException {
        Path path = Files.write(folder.resolve("file"), new byte[] {1, 2, 3, 4, 5});
        try (OpenFile file = new OpenFile(path)) {
            assertThat(bytes(file, 3, 2)).containsExactly(4, 5);
            assertThat(bytes(file, 0, 3)).containsExactly(1, 2, 3);
            assertThat(bytes(file, 5, 0)).isEmpty();
        }
    }

    @Test
    void anInterruptIsKeptAndDoesNotEndTheRead(@TempDir Path folder) throws IOException {
        Path path = Files.write(folder.resolve("file"), new byte[] {1, 2, 3});
        try (OpenFile file = new OpenFile(path)) {
            for (int i = 0; i < 2; i++) {
                Thread.currentThread().interrupt();
                assertThat(bytes(file, 0, 3)).containsExactly(1, 2, 3);
                assertThat(Thread.interrupted()).isTrue();
            }
        }
    }

    @Test
    void aFileThatEndsTooSoonIsTold(@TempDir Path folder) throws IOException {
        Path path = Files.write(folder.resolve("file"), new byte[] {1, 2, 3});
        try (OpenFile file = new OpenFile(path)) {
            assertThatThrownBy(() -> bytes(file, 1, 3))
                    .isInstanceOf(MalformedInputException.class)
                    .hasMessageContaining(path.toString())
                    .hasMessageContaining("3 bytes")
                    .hasMessageContaining("4 bytes");
        }
        assertThatThrownBy(() -> new OpenFile(folder.resolve("none")))
                .isInstanceOf(LaconicException.class)
                .hasMessageContaining("no such file");
    }
}
