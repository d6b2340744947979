package dev.laconic.bench.speed;

import dev.laconic.kernels.MachineLimits;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How fast a test ran, each time it was run.
 *
 * @param model the file's name
 * @param kernels the provider
 * @param seconds what each run took
 * @param limits of the machine with as many threads, the mean of what was measured before each run
 * @param limit the one that binds: {@code integer} or {@code fma} operations with weights for prompts, {@code bandwidth}
 *     for weights and cache read in generation
 * @param share of it that was reached
 */
public record SpeedResult(
        String model, String kernels, SpeedTest test, double[] seconds, MachineLimits limits, String limit,
        double share) {

    /** Tokens a second of each run. */
    public double[] rates() {
        return Arrays.stream(seconds).map(s -> test.tokens() / s).toArray();
    }

    public double mean() {
        return Arrays.stream(rates()).average().orElse(0);
    }

    /** The standard deviation among runs. */
    public double deviation() {
        double mean = mean();
        int n = seconds.length;
        double squares = Arrays.stream(rates()).map(r -> (r - mean) * (r - mean)).sum();
        return n < 2 ? 0 : Math.sqrt(squares / (n - 1));
    }

    /** Under llama-bench's names where it has the field, so that results of both can be read alike. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("model_filename", model);
        map.put("backends", kernels);
        map.put("n_threads", test.threads());
        map.put("n_prompt", test.prompt());
        map.put("n_gen", test.generated());
        map.put("n_depth", test.depth());
        map.put("avg_ts", mean());
        map.put("stddev_ts", deviation());
        map.put("samples_ts", rates());
        map.put("samples_ns", Arrays.stream(seconds).mapToLong(s -> Math.round(s * 1e9)).toArray());
        map.put("limit", limit);
        map.put("limit_share", share);
        map.put("fma_ops", limits.flops());
        map.put("integer_ops", limits.integerOps());
        map.put("bandwidth", limits.bytes());
        return map;
    }
}
