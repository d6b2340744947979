package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;
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

    /** picocli takes texts of help for formats, and only warns where one is none. */
    @Test
    void textsOfHelpAreFormats() {
        texts(Main.commandLine()).forEach(text -> assertThatCode(() -> String.format(text)).as(text).doesNotThrowAnyException());
    }

    private static Stream<String> texts(CommandLine command) {
        UsageMessageSpec help = command.getCommandSpec().usageMessage();
        Stream<String> own = Stream.of(help.header(), help.description(), help.footer()).flatMap(Stream::of);
        return Stream.concat(own, command.getSubcommands().values().stream().flatMap(MainTest::texts));
    }

    private int run(String... arguments) {
        return Main.run(arguments, new PrintWriter(out), new PrintWriter(err, true));
    }
}
