package dev.laconic.bench.task;

import dev.laconic.bench.workload.Score;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a model did one workload at one length.
 *
 * @param task the workload's id
 * @param length tokens of prompt and answer together, at most
 * @param score over all tasks
 * @param wordErrors words of the replies put in, left out or changed, for each word of the whole expected replies: what is
 *     left to tell where replies are long and one wrong word makes a task wrong; NaN of no tasks
 * @param facets the same tasks told apart, as {@code hops=2}
 */
public record TaskResult(String task, int length, Score score, double wordErrors, SortedMap<String, Score> facets) {

    public TaskResult {
        facets = new TreeMap<>(facets);
    }

    /** As JSON has it. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("task", task);
        map.put("length", length);
        map.put("accuracy", score.accuracy());
        map.put("n", score.total());
        map.put("low", score.low());
        map.put("high", score.high());
        map.put("wordErrors", wordErrors);
        Map<String, Object> each = new LinkedHashMap<>();
        facets.forEach((name, of) -> each.put(name, Map.of("accuracy", of.accuracy(), "n", of.total())));
        map.put("facets", each);
        return map;
    }
}
