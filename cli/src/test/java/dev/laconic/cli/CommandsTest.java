package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.testkit.SharedData;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands as a user runs them, on the story model. */
class CommandsTest {
    private record Ran(int code, String out, String err) {
        JsonNode json() {
            return JsonMapper.shared().readTree(out);
        }
    }

    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void findModel() {
        model = SharedData.require("data/models/stories260k/stories260K.bin");
    }

    private static Ran run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) texts[i] = arguments[i].toString();
        int code = Main.run(texts, new PrintWriter(out), new PrintWriter(err, true));
        return new Ran(code, out.toString(), err.toString());
    }

    private Ran story(Path file) {
        return run("generate", "--model", file, "--temperature", "0", "--max-tokens", "200");
    }

    @Test
    void generatePrintsThePublishedStoryAndAReceipt() throws Exception {
        Ran ran = story(model);
        assertThat(ran.err).contains("200 tokens in 200 forward passes");
        assertThat(ran.code).isZero();
        assertThat(ran.out).isEqualTo(expected());
    }

    private static String expected() throws Exception {
        return Files.readString(SharedData.require("data/models/stories260k/expected_greedy_200.txt"));
    }

    @Test
    void theSameModelAsGgufTellsTheSameStory() throws Exception {
        Path gguf = folder.resolve("stories.gguf");
        assertThat(run("quantize", "--model", model, "--type", "F32", "--out", gguf).code).isZero();
        assertThat(story(gguf).out).isEqualTo(expected());
        Path half = folder.resolve("stories-f16.gguf");
        JsonNode summary = run("quantize", "--model", gguf, "--type", "F16", "--out", half, "--json").json();
        assertThat(summary.get("bytesAfter").asLong()).isLessThan(summary.get("bytesBefore").asLong() * 6 / 10);
        assertThat(story(half).out).startsWith("Once upon a time, there was a little girl named Lily.");
    }

    @Test
    void generateAnswersInJson() {
        Ran ran = run("generate", "-m", model, "--prompt", "One day", "--temperature", "0", "-n", "7", "--logprobs", "2", "--json");
        JsonNode json = ran.json();
        assertThat(json.get("ids")).hasSize(7);
        assertThat(json.get("finish").asString()).isEqualTo("length");
        assertThat(json.get("logprobs").get(0).get("top")).hasSize(2);
        assertThat(json.get("receipt").get("tokensOut").asInt()).isEqualTo(7);
        assertThat(ran.err).isEmpty();
    }

    @Test
    void cacheTechniquesKeepFewerBytes() {
        Object[] plain = {"generate", "-m", model, "--temperature", "0", "-n", "150", "--ignore-eos", "--json"};
        Object[] streaming = java.util.stream.Stream.concat(
                        java.util.Arrays.stream(plain),
                        java.util.stream.Stream.of("--cache", "streaming-llm:window=60,sinks=4,slack=0"))
                .toArray();
        JsonNode all = run(plain).json().get("receipt");
        JsonNode few = run(streaming).json().get("receipt");
        assertThat(few.get("kvBytesFull")).isEqualTo(all.get("kvBytesFull"));
        assertThat(few.get("kvBytesHeld").asLong()).isLessThan(all.get("kvBytesHeld").asLong() / 2);
        assertThat(few.get("kvBytesPeak").asLong()).isLessThan(all.get("kvBytesHeld").asLong());
        Ran wrong = run("generate", "-m", model, "--cache", "streaming");
        assertThat(wrong.code).isEqualTo(2);
        assertThat(wrong.err).contains("streaming-llm", "h2o", "snapkv");
    }

    @Test
    void seedsMakeDrawsRepeatable() {
        Object[] command = {"generate", "-m", model, "--temperature", "1.2", "--seed", "7", "-n", "30"};
        assertThat(run(command).out).isEqualTo(run(command).out);
    }

    @Test
    void logitsAreFloatsRowByRow() throws Exception {
        Path whole = folder.resolve("whole.f32");
        Path chunked = folder.resolve("chunked.f32");
        assertThat(run("logits", "-m", model, "--ids", "1,403,407,10", "--out", whole).code).isZero();
        assertThat(run("logits", "-m", model, "--ids", "1,403,407,10", "--out", chunked, "--chunk", "1").code).isZero();
        float[] expected = floats(whole);
        float[] actual = floats(chunked);
        assertThat(expected).hasSize(4 * 512);
        for (int i = 0; i < expected.length; i++)
            assertThat(actual[i]).isCloseTo(expected[i], org.assertj.core.api.Assertions.within(1e-4f));
        assertThat(folder.toFile().list()).hasSize(2);
    }

    private static float[] floats(Path file) throws Exception {
        FloatBuffer buffer =
                ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    @Test
    void tokenizeShowsIdsTokensAndOffsets() {
        JsonNode json = run("tokenize", "-m", model, "--json", "Once upon").json();
        assertThat(json.get("ids").toString()).isEqualTo("[1,403,407]");
        assertThat(json.get("tokens").toString()).isEqualTo("[\"<s>\",\"▁Once\",\"▁upon\"]");
        assertThat(json.get("offsets").toString()).isEqualTo("[[0,0],[0,4],[4,9]]");
        assertThat(run("tokenize", "-m", model, "--no-special", "--count", "Once upon").out.strip()).isEqualTo("2");
    }

    @Test
    void inspectTellsWhatIsInTheFile() {
        JsonNode json = run("inspect", model, "--json").json();
        assertThat(json.get("parameters").asInt()).isEqualTo(260_032);
        assertThat(json.get("metadata").get("llama.block_count").asInt()).isEqualTo(5);
        assertThat(run("inspect", "--cpu", "--json").json().get("kernels").asString()).isNotEmpty();
    }

    @Test
    void perplexityOfItsOwnStoryIsLow() throws Exception {
        Path text = folder.resolve("story.txt");
        Files.writeString(text, expected());
        JsonNode json = run("perplexity", "-m", model, "--file", text, "--json").json();
        assertThat(json.get("perplexity").asDouble()).isBetween(1.0, 3.0);
        assertThat(json.get("bitsPerByte").asDouble()).isBetween(0.1, 1.0);
    }

    @Test
    void askPutsFileAndQuestionToTheModel() throws Exception {
        Path report = folder.resolve("report.txt");
        Files.writeString(report, "Lily has a red ball.");
        Ran ran = run("ask", report, "What does Lily have?", "-m", model, "--temperature", "0", "-n", "5", "--json");
        assertThat(ran.err).contains("no chat template");
        assertThat(ran.code).isZero();
        assertThat(ran.json().get("ids")).hasSize(5);
        assertThat(ran.json().get("receipt").get("tokensIn").asInt()).isGreaterThan(15);
        Ran unknown = run("ask", report, "What?", "-m", model, "--cache", "no-such-technique");
        assertThat(unknown.code).isEqualTo(2);
        assertThat(unknown.err).contains("no-such-technique");
    }

    @Test
    void mistakesAreToldInOneLine() {
        Ran missing = run("generate", "-m", folder.resolve("none.gguf"));
        assertThat(missing.code).isEqualTo(2);
        assertThat(missing.err).contains("none.gguf").doesNotContain("Exception").doesNotContain("\tat ");
        Ran token = run("logits", "-m", model, "--ids", "1,99999", "--out", folder.resolve("x.f32"));
        assertThat(token.code).isEqualTo(2);
        assertThat(token.err).contains("99999").contains("512");
        assertThat(folder.resolve("x.f32")).doesNotExist();
        assertThat(run("quantize", "-m", model, "--type", "Q99", "--out", folder.resolve("y.gguf")).err).contains("Q4_K");
    }

    @Test
    void whatAStoreKnowsIsNotComputedAgain() {
        Object[] plain = {
            "ask", Path.of("..", "docs", "examples", "time-machine.txt"), "What is the secret code of the golden clock?",
            "--temperature", "0", "--json"
        };
        JsonNode expected = run(plain).json();
        for (String technique : new String[] {"none", "cacheblend:ratio=15%"}) {
            Object[] stored = java.util.stream.Stream.concat(
                            java.util.Arrays.stream(plain),
                            java.util.stream.Stream.of(
                                    "--store", folder.resolve(technique.substring(0, 4)), "--cache", technique))
                    .toArray();
            JsonNode first = run(stored).json();
            JsonNode second = run(stored).json();
            assertThat(second.get("text")).isEqualTo(first.get("text"));
            assertThat(first.get("receipt").get("tokensReused").asInt()).isZero();
            JsonNode receipt = second.get("receipt");
            assertThat(receipt.get("tokensReused").asInt()).isGreaterThan(receipt.get("tokensIn").asInt() * 9 / 10);
            assertThat(receipt.get("rowsComputed").asLong()).isLessThan(receipt.get("rowsFull").asLong() / 2);
            if (technique.equals("none")) assertThat(second.get("text")).isEqualTo(expected.get("text"));
        }
        Ran wrong = run("generate", "-m", model, "--cache", "cacheblend");
        assertThat(wrong.code).isEqualTo(2);
        assertThat(wrong.err).contains("cacheblend", "ask");
    }

    @Test
    void theModelThatComesWithTheProgramRunsWhereNoneIsNamed() {
        Ran ran = run(
                "ask",
                Path.of("..", "docs", "examples", "time-machine.txt"),
                "What is the secret code of the golden clock?",
                "--json");
        assertThat(ran.code).isZero();
        assertThat(ran.json().get("text").asString().strip()).endsWith("71839");
    }
}
