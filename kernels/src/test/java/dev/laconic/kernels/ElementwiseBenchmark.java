package dev.laconic.kernels;

import dev.laconic.kernels.KernelOptions.Activations;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Norms, softmax, activations and rotary positions on rows of 4096. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ElementwiseBenchmark {
    private static final int N = 4096;

    @Param({"auto"})
    String provider;

    private Kernels kernels;
    private Rope rope;
    private float[] x;
    private float[] up;
    private float[] y;
    private float[] cos;
    private float[] sin;

    @Setup
    public void setUp() {
        kernels = Kernels.of(new KernelOptions(provider, 1, Activations.F32));
        rope = new Rope(Rope.Pairing.HALVES, Rope.frequencies(128, 10000), 1);
        Samples samples = new Samples(1);
        x = samples.normal(N);
        up = samples.normal(N);
        y = new float[N];
        cos = new float[64];
        sin = new float[64];
        rope.angles(77, cos, sin, 0);
    }

    @Benchmark
    public float[] rmsNorm() {
        kernels.rmsNorm(x, 0, up, 1e-5f, y, 0, N);
        return y;
    }

    @Benchmark
    public float[] softmax() {
        System.arraycopy(x, 0, y, 0, N);
        kernels.softmax(y, 0, N);
        return y;
    }

    @Benchmark
    public float[] swiglu() {
        kernels.gate(Activation.SILU, x, 0, up, 0, y, 0, N);
        return y;
    }

    @Benchmark
    public float[] gelu() {
        kernels.activate(Activation.GELU, x, 0, y, 0, N);
        return y;
    }

    @Benchmark
    public float[] rope() {
        for (int head = 0; head < N; head += 128) rope.apply(x, head, cos, sin, 0);
        return x;
    }

    @Benchmark
    public void team() {
        kernels.team().run((part, parts) -> {});
    }
}
