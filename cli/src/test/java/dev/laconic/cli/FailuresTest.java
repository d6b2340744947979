package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FailuresTest {

    @Test
    void eachFailureSaysWhatToDo() {
        assertReport(new UsageException("no such thing"), 2, "no such thing");
        assertReport(
                new MalformedInputException("m.gguf", "version", 9, "2 or 3"),
                1,
                "m.gguf: version: found 9, expected 2 or 3");
        assertReport(new UncheckedIOException(new NoSuchFileException("m.gguf")), 1, "m.gguf: no such file");
        assertReport(new FileSystemException("m.gguf"), 1, "m.gguf: cannot be read or written");
        assertReport(new UncheckedIOException(new IOException("disk full")), 1, "disk full");
        assertReport(
                new IllegalStateException("x"),
                1,
                "internal error: java.lang.IllegalStateException: x; LACONIC_DEBUG=1 shows where");
        assertReport(new UsageException("a\u001b[2J\r\nb"), 2, "a [2J b");
    }

    @Test
    void stackTracesAreForDebugging() {
        StringWriter err = new StringWriter();
        new Failures(new PrintWriter(err), true).report(new UsageException("u"));
        assertThat(err.toString().lines()).hasSizeGreaterThan(2);
    }

    private static void assertReport(Throwable failure, int code, String line) {
        StringWriter err = new StringWriter();
        assertThat(new Failures(new PrintWriter(err), false).report(failure)).isEqualTo(code);
        assertThat(err.toString()).isEqualToNormalizingNewlines("laconic: " + line + "\n");
    }
}
