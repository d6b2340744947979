package dev.laconic.bench.speed;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.block.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Times matrix products alone: for few rows with many matrices in turn, so that none is in a cache. */
public final class ProductBench {
    private static final int ROWS = 2048;
    private static final int COLUMNS = 2048;
    private static final long UNCACHED = 192L << 20;
    private static final int TIMES = 9;
    private static final double SECONDS = 0.08;

    private ProductBench() {}

    /** The median of some stretches of work, after a warm-up. */
    public static ProductResult run(Kernels kernels, TensorType type, int n) {
        long bytes = type.bytes((long) ROWS * COLUMNS);
        Tensor[] weights = new Tensor[n < 64 ? Math.toIntExact(Math.max(1, UNCACHED / bytes)) : 1];
        MemorySegment first = weights(type, bytes);
        for (int i = 0; i < weights.length; i++)
            weights[i] = Tensor.of("w" + i, type, Arena.ofAuto().allocate(bytes, 64).copyFrom(first), ROWS, COLUMNS);
        float[] x = normal(n * COLUMNS);
        float[] y = new float[n * ROWS];
        int products = weights.length;
        time(kernels, weights, x, n, y, products);
        double each = time(kernels, weights, x, n, y, products) / products;
        products = (int) Math.clamp(SECONDS / each, 1, 1 << 20);
        for (double warm = 0; warm < 10 * SECONDS; ) warm += time(kernels, weights, x, n, y, products);
        double[] seconds = new double[TIMES];
        for (int i = 0; i < TIMES; i++) seconds[i] = time(kernels, weights, x, n, y, products) / products;
        Arrays.sort(seconds);
        double median = seconds[TIMES / 2];
        return new ProductResult(
                kernels.name(), type, n, kernels.team().size(), 2.0 * n * ROWS * COLUMNS / median, bytes / median);
    }

    private static double time(Kernels kernels, Tensor[] weights, float[] x, int n, float[] y, int products) {
        long start = System.nanoTime();
        for (int i = 0; i < products; i++)
            kernels.matmul(weights[i % weights.length], x, 0, COLUMNS, n, y, 0, ROWS);
        return (System.nanoTime() - start) * 1e-9;
    }

    /** A few rows of random numbers, encoded, again and again. */
    private static MemorySegment weights(TensorType type, long bytes) {
        MemorySegment all = Arena.ofAuto().allocate(bytes, 64);
        int rows = 16;
        MemorySegment some = all.asSlice(0, type.bytes((long) rows * COLUMNS));
        Blocks.encoder(type).encode(normal(rows * COLUMNS), 0, rows * COLUMNS, some, 0);
        for (long at = some.byteSize(); at < bytes; at += some.byteSize())
            MemorySegment.copy(some, 0, all, at, some.byteSize());
        return all;
    }

    private static float[] normal(int n) {
        SplittableRandom random = new SplittableRandom(1);
        float[] x = new float[n];
        for (int i = 0; i < n; i++) x[i] = (float) random.nextGaussian();
        return x;
    }
}
