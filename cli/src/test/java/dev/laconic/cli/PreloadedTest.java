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

/** What the launcher has Java preload: {@code src/main/native/start.c}. */
class PreloadedTest {
    private static final int BYTES = 5_000_001;

    @TempDir
    private Path folder;

    private Path library;
    private Path file;

    @BeforeEach
    void compile() throws IOException, InterruptedException {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "only Linux preloads it");
        library = folder.resolve("start.so");
        try {
            assertThat(output("cc", "-std=gnu11", "-O2", "-fPIC", "-fvisibility=hidden", "-shared", "-Wall", "-Wextra", "-Werror",
                    "src/main/native/start.c", "-o", library.toString())).isEmpty();
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

    @Test
    void theLauncherRunsInJavasPlaceWhereSourcesAreNewer() throws IOException, InterruptedException {
        Path launcher = Files.writeString(folder.resolve("launcher"), """
                #!/bin/sh
                for each; do printf '(%s)' "$each"; done
                echo " $LACONIC_LOOK, $0, ${LD_PRELOAD-}${LACONIC_NEWER-}${LACONIC_LAUNCHER-}"
                """);
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        assertThat(told("printf Main.java", launcher)).isEqualTo("(--version)(two  words)() 1, " + launcher + ", \n");
    }

    @Test
    void javaGoesOnWhereNoSourceIsNewer() throws IOException, InterruptedException {
        assertThat(told("true", folder.resolve("launcher"))).startsWith("laconic ");
    }

    @Test
    void javaGoesOnWhereTheLauncherIsGone() throws IOException, InterruptedException {
        assertThat(told("echo Main.java", folder.resolve("launcher"))).startsWith("laconic ");
    }

    /** What the program says, or who runs in its place, when a command tells of newer sources. */
    private String told(String news, Path launcher) throws IOException, InterruptedException {
        String program = "exec 3< <(" + news + "); export LD_PRELOAD=\"$1\" LACONIC_ARCHIVE=\"$2\" LACONIC_LAUNCHER=\"$3\""
                + "; export LACONIC_NEWER=3; shift 3; exec \"$@\"";
        return output("bash", "-c", program, "bash", library.toString(), file.toString(), launcher.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xlog:disable",
                "-cp", System.getProperty("java.class.path"), Main.class.getName(), "--version", "two  words", "");
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
