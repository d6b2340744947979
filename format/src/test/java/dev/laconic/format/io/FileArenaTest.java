package dev.laconic.format.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.tensor.FileMapping;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileArenaTest {

    @Test
    void filesAreOpenForAsLongAsTheyAreMapped(@TempDir Path folder) throws IOException {
        FileArena arena = new FileArena();
        FileMapping one = arena.map(Files.write(folder.resolve("one"), new byte[] {1, 2, 3}));
        FileMapping none = arena.map(Files.createFile(folder.resolve("none")));
        assertThat(one.bytes().toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 2, 3);
        assertThat(one.offset(one.bytes().asSlice(2))).isEqualTo(2);
        assertThat(none.bytes().byteSize()).isZero();
        assertThat(one.file().valid()).isTrue();
        arena.close();
        assertThat(one.file().valid()).isFalse();
        assertThat(none.file().valid()).isFalse();
        assertThatThrownBy(() -> one.bytes().get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        arena.close();
    }

    @Test
    void whatCannotBeMappedIsNamed(@TempDir Path folder) {
        try (FileArena arena = new FileArena()) {
            Path missing = folder.resolve("missing");
            assertThatThrownBy(() -> arena.map(missing)).isInstanceOf(LaconicException.class).hasMessage(missing + ": no such file");
            assertThatThrownBy(() -> arena.map(folder)).isInstanceOf(LaconicException.class).hasMessageContaining("is a directory");
        }
    }
}
