package dev.laconic.bench.cache;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UsageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Results as JSON lines, one row a line. Rows are added at the end; of two for the same measurement the later counts. A last
 * line without an end is what an interrupted run left, and is dropped.
 */
public final class ResultsFile {
    private final Path path;

    public ResultsFile(Path path) {
        this.path = path;
    }

    /**
     * The rows that are there, none if there is no file.
     *
     * @throws MalformedInputException naming file, line and field, if it holds anything else
     */
    public List<CacheRow> read() {
        if (!Files.exists(path)) return List.of();
        Map<CacheRow.Key, CacheRow> rows = new LinkedHashMap<>();
        String text = JsonLines.text(path);
        int number = 0;
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n")) {
            number++;
            if (line.isBlank()) continue;
            CacheRow row = row(new JsonLines.Line(path, number, JsonLines.object(path, number, line)));
            rows.remove(row.key());
            rows.put(row.key(), row);
        }
        return new ArrayList<>(rows.values());
    }

    private static CacheRow row(JsonLines.Line line) {
        Map<String, Object> values = new LinkedHashMap<>(line.fields());
        for (String named : List.of("technique", "config", "setting", "task", "query", "length")) values.remove(named);
        return new CacheRow(
                line.text("technique"),
                line.text("config"),
                line.optional("setting").orElse(""),
                line.text("task"),
                line.optional("query").orElse(""),
                line.whole("length"),
                values);
    }

    /** Adds a row. */
    public void append(CacheRow row) {
        try {
            dropUnfinishedLine();
            String line = JsonMapper.shared().writeValueAsString(row.toMap()) + "\n";
            Files.writeString(path, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException | JacksonException failure) {
            throw new LaconicException(path + ": cannot be written: " + failure.getMessage(), failure);
        }
    }

    private void dropUnfinishedLine() throws IOException {
        if (!Files.exists(path)) return;
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            long end = file.length();
            while (end > 0) {
                file.seek(end - 1);
                if (file.read() == '\n') break;
                end--;
            }
            if (end < file.length()) file.setLength(end);
        }
    }

    /** @throws UsageException if rows of another model are there */
    public void requireModel(Subject subject) {
        for (CacheRow row : read()) {
            Object model = row.values().get("model");
            Object weights = row.values().get("weights");
            if (!subject.name().equals(model) || !subject.weights().equals(weights))
                throw new UsageException(path + " holds results of the model " + model + " (weights " + weights + "), this is "
                        + subject.name() + " (weights " + subject.weights() + "): give another --out");
        }
    }
}
