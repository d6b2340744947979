package dev.laconic.kernels;

import dev.laconic.kernels.KernelOptions.Activations;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One KV head's attention over 32,768 entries of 128 elements, for the queries of its group. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class AttentionBenchmark {
    private static final int ENTRIES = 32768;
    private static final int DIMENSION = 128;
    private static final int PAGE = 64;

    @Param({"auto"})
    String provider;

    @Param({"F32", "F16", "Q8_0", "Q4_0"})
    KvType type;

    @Param({"1", "4"})
    int queries;

    private Kernels kernels;
    private KvKernel kv;
    private MemorySegment keys;
    private MemorySegment values;
    private float[] query;
    private float[] scores;
    private float[] y;

    @Setup
    public void setUp() {
        kernels = Kernels.of(new KernelOptions(provider, 1, Activations.F32));
        kv = kernels.kv(type);
        Samples samples = new Samples(1);
        keys = Samples.nativeSegment(type.bytes(DIMENSION, ENTRIES));
        values = Samples.nativeSegment(type.bytes(DIMENSION, ENTRIES));
        float[] x = samples.normal(DIMENSION);
        kv.write(x, 0, 0, ENTRIES, keys, 0, 0, DIMENSION);
        kv.write(x, 0, 0, ENTRIES, values, 0, 0, DIMENSION);
        query = samples.normal(queries * DIMENSION);
        scores = new float[queries * PAGE];
        y = new float[queries * DIMENSION];
    }

    @Benchmark
    public float[] attention() {
        for (int from = 0; from < ENTRIES; from += PAGE) {
            kv.scores(keys, 0, from, from + PAGE, DIMENSION, query, 0, DIMENSION, queries, 0.1f, scores, 0, PAGE);
            for (int q = 0; q < queries; q++) kernels.expAndSum(scores, q * PAGE, PAGE, 10);
            kv.accumulate(values, 0, from, from + PAGE, DIMENSION, scores, 0, PAGE, queries, y, 0, DIMENSION);
        }
        return y;
    }
}
