package dev.laconic.bench.speed;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/**
 * What another engine, or this one at another time, reached in the same tests: llama-bench's JSON, or objects line by
 * line.
 */
public final class Peer {
    private final List<Entry> entries;

    private record Entry(SpeedTest test, double rate) {}

    private Peer(List<Entry> entries) {
        this.entries = entries;
    }

    /** @throws MalformedInputException if the file is not JSON with llama-bench's fields */
    public static Peer read(Path file) {
        if (!Files.isRegularFile(file)) throw new UsageException("there are no results at " + file);
        List<Entry> entries = new ArrayList<>();
        try (MappingIterator<JsonNode> roots =
                JsonMapper.shared().readerFor(JsonNode.class).readValues(file.toFile())) {
            while (roots.hasNext()) entries.add(entry(file, roots.next()));
        } catch (JacksonException e) {
            throw new MalformedInputException(file.toString(), "JSON", e.getOriginalMessage(), "llama-bench's results");
        }
        return new Peer(entries);
    }

    private static Entry entry(Path file, JsonNode result) {
        SpeedTest test = new SpeedTest(
                integer(file, result, "n_prompt"), integer(file, result, "n_gen"),
                result.has("n_depth") ? integer(file, result, "n_depth") : 0, integer(file, result, "n_threads"));
        JsonNode rate = result.path("avg_ts");
        if (!rate.isNumber())
            throw new MalformedInputException(file.toString(), "avg_ts", found(rate), "tokens a second");
        return new Entry(test, rate.asDouble());
    }

    private static int integer(Path file, JsonNode result, String field) {
        JsonNode value = result.path(field);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.asInt() < 0)
            throw new MalformedInputException(file.toString(), field, found(value), "a number of tokens or threads");
        return value.asInt();
    }

    private static String found(JsonNode value) {
        return value.isMissingNode() ? "nothing" : value.toString();
    }

    /** Tokens a second in the same test; empty if it was not run. */
    public Optional<Double> rate(SpeedTest test) {
        return entries.stream().filter(entry -> entry.test.equals(test)).map(Entry::rate).findFirst();
    }
}
