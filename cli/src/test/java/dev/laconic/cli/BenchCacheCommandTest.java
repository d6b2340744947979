package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.bench.synthetic.RandomLlama;
import dev.laconic.bench.synthetic.Shape;
import dev.laconic.core.tensor.TensorType;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code laconic bench cache} as a user runs it, on a model with random weights. */
class BenchCacheCommandTest {
    @TempDir
    Path folder;

    private Path model;
    private Path results;

    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void write() {
        model = folder.resolve("random.gguf");
        results = folder.resolve("results.jsonl");
        RandomLlama.write(new Shape(2, 48, 4, 2, 96, 1_500, 1_024, 10_000), TensorType.F32, 5, model);
    }

    private Ran run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("bench", "cache", "--model", model.toString(), "--quick", "-t", "1"));
        all.addAll(List.of(arguments));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(all.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err, true));
        return new Ran(code, out.toString(), err.toString());
    }

    @Test
    void rowsArePrintedKeptNotMeasuredAgainAndReported() throws IOException {
        String[] arguments = {
            "--only", "kivi", "--lengths", "160", "-n", "1", "--cached", "70", "--json", "--out", results.toString(), "--report",
            folder.toString()
        };
        Ran first = run(arguments);
        assertThat(first.code).as(first.err).isZero();
        List<JsonNode> rows = first.out.lines().map(JsonMapper.shared()::readTree).toList();
        assertThat(rows).anySatisfy(row -> {
            assertThat(row.get("technique").asString()).isEqualTo("kivi");
            assertThat(row.get("config").asString()).isEqualTo("kivi:bits=2");
            assertThat(row.get("task").asString()).isEqualTo("speed");
            assertThat(row.get("length").asInt()).isEqualTo(70);
            assertThat(row.get("bytes").asLong()).isPositive();
            assertThat(row.has("tptRatio") && row.has("ttftRatio") && row.has("bytesRatio")).isTrue();
        });
        assertThat(Files.readAllLines(results)).hasSize(rows.size());
        assertThat(folder.resolve("cache.md")).content().contains("kivi");
        assertThat(folder.resolve("cache.html")).content().contains("kivi:bits=2");
        Ran second = run(arguments);
        assertThat(second.out.lines().filter(line -> line.contains("kivi")).filter(line -> line.contains("speed"))).isEmpty();
    }

    @Test
    void mistakesAreNamed() throws IOException {
        Path tasks = folder.resolve("mine.jsonl");
        Files.writeString(tasks, "{\"context\":\"c\",\"question\":\"q\"}\n");
        Ran ran = run("--tasks", tasks.toString());
        assertThat(ran.code).isEqualTo(1);
        assertThat(ran.err).contains("mine.jsonl: line 1: answer: found nothing, expected text");
        assertThat(run("--only", "kivy").err).contains("kivi");
        assertThat(run("--cache", "kivi:bits=3").code).isEqualTo(2);
        assertThat(run("--from", results.toString()).err).contains("--report");
        assertThat(run("--measure", "joules").err).contains("tasks, perplexity, speed");
        assertThat(run("--budgets", "256").err).contains("shares");
    }
}
