package dev.laconic.bench.task;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How well a model predicts a text, beside what compressors make of the same bytes; all in bits per byte.
 *
 * @param text the text's name
 * @param tokens that were predicted
 * @param bytes they stand for
 * @param model cross entropy of the model
 * @param gzip at level 9
 * @param zstd at level 19
 * @param xz at preset 9
 */
public record TextResult(
        String text, long tokens, long bytes, double model, double gzip, double zstd, double xz) {

    /** As JSON has it. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("task", "bits-per-byte");
        map.put("text", text);
        map.put("tokens", tokens);
        map.put("bytes", bytes);
        map.put("bitsPerByte", model);
        map.put("gzip", gzip);
        map.put("zstd19", zstd);
        map.put("xz", xz);
        return map;
    }
}
