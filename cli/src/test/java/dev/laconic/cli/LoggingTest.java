package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoggingTest {

    @Test
    void warningsGoToStderrAndTheRestNowhere() {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
            LoggerFactory.getLogger("some.Place").info("quiet");
            LoggerFactory.getLogger("some.Place").warn("loud");
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(logged.toString(StandardCharsets.UTF_8)).isEqualToNormalizingNewlines("WARN  Place: loud\n");
    }
}
