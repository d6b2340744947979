package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Commands over a masked diffusion model: its replies are filled, and it has no cache. */
class DiffusionCommandsTest {
    private static final String MODEL = "../models/house-diffusion.gguf";

    private record Ran(int code, String out, String err) {}

    private static Ran run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(arguments, new PrintWriter(out), new PrintWriter(err, true));
        return new Ran(code, out.toString(), err.toString());
    }

    @Test
    void aReplyIsFilledOneTokenAPass() {
        Ran ran = run("generate", "--model", MODEL, "--prompt", "The old man went to the", "-n", "6", "--json", "-t", "1");
        assertThat(ran.code).as(ran.err).isZero();
        assertThat(ran.err).contains("likeliest tokens");
        JsonNode answer = JsonMapper.shared().readTree(ran.out);
        assertThat(answer.get("text").asString()).doesNotContain("mask");
        assertThat(answer.get("ids").size()).isBetween(0, 6);
        int passes = answer.get("receipt").get("forwardPasses").asInt();
        assertThat(passes).isBetween(1, 6);
        // Every pass computes the whole text.
        assertThat(answer.get("receipt").get("rowsComputed").asInt())
                .isGreaterThan(6 * passes * answer.get("receipt").get("tokensIn").asInt());
    }

    @Test
    void aQuestionIsAnsweredFromWhatStandsAroundTheReply(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("text.txt"), "The magic number of the dress is 813.");
        Ran ran = run("ask", file.toString(), "What is the magic number of the dress?", "--model", MODEL, "-n", "32", "-t", "1");
        assertThat(ran.code).as(ran.err).isZero();
        assertThat(ran.out).isNotBlank();
    }

    @Test
    void whatConcernsACacheIsRefused(@TempDir Path folder) {
        for (Ran ran : new Ran[] {
            run("generate", "--model", MODEL, "--prompt", "The", "--cache", "kivi"),
            run("generate", "--model", MODEL, "--prompt", "The", "--store", folder.toString()),
            run("bench", "cache", "--model", MODEL, "--quick")
        }) {
            assertThat(ran.code).as(ran.err).isEqualTo(2);
            assertThat(ran.err).contains("masked diffusion model", "keeps no keys and values");
        }
    }
}
