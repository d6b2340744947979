package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library that the launcher has read the archive of a start: {@code src/main/native/archive.c}. */
class ArchiveReaderTest {
    private static final int BYTES = 5_000_001;

    @TempDir
    private Path folder;

    private Path library;
    private Path file;

    @BeforeEach
    void compile() throws IOException, InterruptedException {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "only Linux preloads it");
        library = folder.resolve("archive.so");
        try {
            assertThat(output("cc", "-std=gnu11", "-O2", "-fPIC", "-fvisibility=hidden", "-shared", "-Wall", "-Wextra", "-Werror",
                    "src/main/native/archive.c", "-o", library.toString())).isEmpty();
        } catch (IOException e) {
            abort("there is no C compiler here: " + e.getMessage());
        }
        byte[] bytes = new byte[BYTES];
        new Random(7).nextBytes(bytes);
        file = Files.write(folder.resolve("classes"), bytes);
    }

    @Test
    void theArchiveIsReadAndNotMapped() throws IOException, InterruptedException {
        assertThat(map(file)).isEqualTo("same bytes, not mapped, nothing to hand on\n");
    }

    @Test
    void otherFilesAreMapped() throws IOException, InterruptedException {
        assertThat(map(folder.resolve("missing"))).isEqualTo("same bytes, mapped, nothing to hand on\n");
        assertThat(map(library)).isEqualTo("same bytes, mapped, nothing to hand on\n");
    }

    /** What a JVM says that has the library take {@code archive} for the archive, and maps the file. */
    private String map(Path archive) throws IOException, InterruptedException {
        return output("env", "LD_PRELOAD=" + library, "LACONIC_ARCHIVE=" + archive,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"),
                Mapper.class.getName(), file.toString());
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    /** Maps a file that it may change. */
    static final class Mapper {
        public static void main(String[] arguments) throws IOException {
            Path file = Path.of(arguments[0]);
            byte[] found = new byte[BYTES];
            MappedByteBuffer mapped;
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                mapped = channel.map(MapMode.PRIVATE, 0, BYTES);
            }
            mapped.get(0, found);
            mapped.put(0, (byte) ~found[0]);
            boolean same = Arrays.equals(found, Files.readAllBytes(file));
            boolean named = Files.readString(Path.of("/proc/self/maps")).contains(file.toString());
            boolean nothing = System.getenv("LD_PRELOAD") == null && System.getenv("LACONIC_ARCHIVE") == null;
            System.out.println((same ? "same bytes, " : "other bytes, ") + (named ? "mapped, " : "not mapped, ")
                    + (nothing ? "nothing to hand on" : "handed on"));
        }
    }
}
