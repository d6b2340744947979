package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.KernelOptions.Activations;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A product with a 2048 x 2048 matrix; for few rows enough matrices in turn that none is in a cache. */
@State(Scope.Benchmark)
public class MatmulBenchmark {
    private static final int SIZE = 2048;

    @Param({"auto"})
    String provider;

    @Param({"AUTO"})
    Activations activations;

    @Param({"0"})
    int threads;

    @Param({"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_K", "Q6_K"})
    TensorType type;

    @Param({"1", "8", "512"})
    int n;

    private Kernels kernels;
    private Tensor[] weights;
    private float[] x;
    private float[] y;
    private int turn;

    @Setup
    public void setUp() {
        kernels = Kernels.of(new KernelOptions(provider, threads, activations));
        Samples samples = new Samples(1);
        long bytes = type.bytes((long) SIZE * SIZE);
        weights = new Tensor[n > 64 ? 1 : (int) Math.max(1, 160_000_000 / bytes)];
        Tensor first = samples.weights(type, SIZE, SIZE);
        for (int i = 0; i < weights.length; i++)
            weights[i] = Tensor.of(
                    "w" + i, type, Samples.nativeSegment(bytes).copyFrom(first.data()), SIZE, SIZE);
        x = samples.normal(n * SIZE);
        y = new float[n * SIZE];
    }

    /** Multiplications and additions, and bytes of weights, per second. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Rates {
        public long flop;
        public long weightBytes;

        @Setup(Level.Iteration)
        public void clear() {
            flop = 0;
            weightBytes = 0;
        }
    }

    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public float[] matmul(Rates rates) {
        Tensor weight = weights[turn++ % weights.length];
        kernels.matmul(weight, x, 0, SIZE, n, y, 0, SIZE);
        rates.flop += 2L * n * SIZE * SIZE;
        rates.weightBytes += weight.data().byteSize();
        return y;
    }

    @TearDown
    public void tearDown() {
        kernels.close();
    }
}
