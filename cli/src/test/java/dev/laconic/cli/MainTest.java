package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void techniquesAreListedAsJsonAndNothingElse() {
        assertThat(run("techniques", "--json")).isZero();
        assertThat(JsonMapper.shared().readTree(out.toString()).isArray()).isTrue();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void wrongUsageIsOneLineAndCodeTwo() {
        assertThat(run("techniques", "--jso")).isEqualTo(2);
        assertThat(err.toString())
                .isEqualToNormalizingNewlines("laconic: Unknown option: '--jso'; see laconic techniques --help\n");
        assertThat(run()).isEqualTo(2);
        assertThat(run("techniques", "--stage", "\u001b[31m\ncache")).isEqualTo(2);
        assertThat(err.toString().lines()).hasSize(3).noneMatch(line -> line.contains("\u001b"));
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void argumentsAreTakenAsTheyAre() {
        run("techniques", "@file");
        assertThat(err.toString()).contains("'@file'");
    }

    @Test
    void helpGoesToStdout() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("techniques");
        assertThat(err.toString()).isEmpty();
    }

    private int run(String... arguments) {
        return Main.run(arguments, new PrintWriter(out), new PrintWriter(err, true));
    }
}
