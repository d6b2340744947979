package dev.laconic.bench.speed;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What attention took for one way to store a cache and one way to select from it.
 *
 * @param length cached tokens
 * @param codec how keys and values are stored
 * @param selection which entries are attended to
 * @param kernels the provider that computed
 * @param bytesPerToken of the cache, over all layers of the model
 * @param ms median milliseconds of a decoded token's attention, over all layers of the model
 * @param ratio how many times faster than f16 and all entries, in the same run
 */
public record AttentionResult(
        int length, String codec, String selection, String kernels, int threads, double bytesPerToken, double ms,
        double ratio) {

    /** As JSON has it. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("length", length);
        map.put("codec", codec);
        map.put("selection", selection);
        map.put("kernels", kernels);
        map.put("threads", threads);
        map.put("bytesPerToken", bytesPerToken);
        map.put("ms", ms);
        map.put("ratio", ratio);
        return map;
    }
}
