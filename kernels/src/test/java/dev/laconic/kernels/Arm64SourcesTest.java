package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The native sources as a compiler for arm64 reads them, on a machine of any kind; {@code .ci/arm} runs what it makes of them. */
class Arm64SourcesTest {
    private static final String COMPILER = "aarch64-linux-gnu-gcc";

    @Test
    void theyAreUnderstood() throws InterruptedException {
        try {
            Process compiler = new ProcessBuilder(COMPILER, "-std=gnu11", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
                            "-Wno-missing-field-initializers", "kernels.c")
                    .directory(Path.of("src/main/native").toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(compiler.waitFor()).as(said).isZero();
        } catch (IOException e) {
            abort("there is no " + COMPILER + " here: " + e.getMessage());
        }
    }
}
