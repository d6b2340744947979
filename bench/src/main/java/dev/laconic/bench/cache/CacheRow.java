package dev.laconic.bench.cache;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * One result: what was judged, at what, and what came out.
 *
 * @param technique id, or ids joined by {@code +}
 * @param config the chain, as {@code --cache} takes it
 * @param setting what tells the technique's candidates apart
 * @param task a workload, {@code perplexity} or {@code speed}
 * @param query {@code aware} or {@code agnostic}; empty where nothing is asked
 * @param length tokens of prompt and answer, of the text, or in the cache
 * @param values what came out, by name; what was not measured has no key
 */
public record CacheRow(
        String technique, String config, String setting, String task, String query, int length, Map<String, Object> values) {
    public static final String PERPLEXITY = "perplexity";
    public static final String SPEED = "speed";

    /** What makes two rows results of the same measurement. */
    public record Key(String config, String task, String query, int length) {}

    public CacheRow {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    public Key key() {
        return new Key(config, task, query, length);
    }

    /** Whether the technique could not be run. */
    public boolean failed() {
        return values.containsKey("error");
    }

    /** A number that came out, if it was measured. */
    public OptionalDouble number(String name) {
        return values.get(name) instanceof Number number ? OptionalDouble.of(number.doubleValue()) : OptionalDouble.empty();
    }

    /** As JSON has it. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("technique", technique);
        map.put("config", config);
        map.put("setting", setting);
        map.put("task", task);
        if (!query.isEmpty()) map.put("query", query);
        map.put("length", length);
        map.putAll(values);
        return map;
    }
}
