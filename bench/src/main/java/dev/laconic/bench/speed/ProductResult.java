package dev.laconic.bench.speed;

import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.MachineLimits;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How fast a product of {@code n} rows of activations with a matrix of some type is.
 *
 * @param kernels the provider
 * @param operations multiplications and additions a second
 * @param bytes of weights a second
 */
public record ProductResult(String kernels, TensorType type, int n, int threads, double operations, double bytes) {

    /** Operations for each byte of weights. */
    public double intensity() {
        return operations / bytes;
    }

    /** Whether 8-bit integers are multiplied, which have a limit of their own. */
    public boolean integers() {
        return kernels.startsWith("native") && type.quantised();
    }

    /** Of what the machine could do at this intensity: the lower of computing and reading. */
    public double share(MachineLimits limits) {
        double computing = integers() ? limits.integerOps() : limits.flops();
        return operations / Math.min(computing, limits.bytes() * intensity());
    }

    public Map<String, Object> toMap(MachineLimits limits) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("kernels", kernels);
        map.put("type", type.name());
        map.put("n", n);
        map.put("threads", threads);
        map.put("operations", operations);
        map.put("bytes", bytes);
        map.put("share", share(limits));
        return map;
    }
}
