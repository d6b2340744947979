package dev.laconic.bench.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.bench.workload.Task;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilesTest {
    @TempDir
    Path folder;

    private final CacheRow row = new CacheRow(
            "snapkv", "snapkv:budget=25%", "25%", "needle", "aware", 512, Map.of("accuracy", 0.5, "n", 4));

    @Test
    void rowsComeBackAsTheyWereAdded() {
        ResultsFile file = new ResultsFile(folder.resolve("results.jsonl"));
        assertThat(file.read()).isEmpty();
        file.append(row);
        assertThat(file.read()).containsExactly(row);
    }

    @Test
    void theLaterOfTwoRowsCounts() {
        ResultsFile file = new ResultsFile(folder.resolve("results.jsonl"));
        file.append(new CacheRow("snapkv", row.config(), "25%", "needle", "aware", 512, Map.of("error", "no")));
        file.append(row);
        assertThat(file.read()).containsExactly(row);
    }

    @Test
    void aLineThatWasNotFinishedIsDropped() throws IOException {
        Path path = folder.resolve("results.jsonl");
        ResultsFile file = new ResultsFile(path);
        file.append(row);
        Files.writeString(path, "{\"technique\":\"h2", StandardOpenOption.APPEND);
        assertThat(file.read()).containsExactly(row);
        CacheRow next = new CacheRow("h2o", "h2o", "default", "needle", "aware", 512, Map.of());
        file.append(next);
        assertThat(file.read()).containsExactly(row, next);
    }

    @Test
    void ownTasksAreNamedLikeTheirFile() throws IOException {
        Path path = folder.resolve("mine.jsonl");
        Files.writeString(path, "{\"context\":\"c\",\"question\":\"q\",\"answer\":\" a \",\"source\":7}\n\n"
                + "{\"context\":\"\",\"question\":\"r\",\"answer\":\"b\"}");
        List<Task> tasks = OwnTasks.read(path);
        assertThat(tasks).hasSize(2).allMatch(task -> task.workload().equals("mine"));
        assertThat(tasks.getFirst().prompt()).isEqualTo("c\n\nq");
        assertThat(tasks.getFirst().question().accepts("a\n")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"context\":\"c\",\"question\":\"q\"} | line 2: answer: found nothing, expected text",
                "{\"context\":3,\"question\":\"q\",\"answer\":\"a\"} | line 2: context: found 3, expected text",
                "{\"context\":\"c\",\"question\":\"q\",\"answer\":\"  \"} | line 2: answer: found nothing but space",
                "{\"context\":\"c\" | line 2: JSON",
                "[1] | line 2: JSON",
                "null | line 2: JSON"
            })
    void whatIsWrongIsNamedWithFileLineAndField(String line, String message) throws IOException {
        Path path = folder.resolve("mine.jsonl");
        Files.writeString(path, "{\"context\":\"c\",\"question\":\"q\",\"answer\":\"a\"}\n" + line + "\n");
        assertThatThrownBy(() -> OwnTasks.read(path))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("mine.jsonl")
                .hasMessageContaining(message);
    }

    @Test
    void filesThatAreEmptyMissingOrNoTextAreRefused() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.jsonl"));
        assertThatThrownBy(() -> OwnTasks.read(empty)).hasMessageContaining("found none");
        assertThatThrownBy(() -> OwnTasks.read(folder.resolve("absent"))).isInstanceOf(UsageException.class);
        Path bytes = Files.write(folder.resolve("bytes.jsonl"), new byte[] {(byte) 0xFF, (byte) 0xC0});
        assertThatThrownBy(() -> OwnTasks.read(bytes)).hasMessageContaining("not UTF-8");
    }
}
