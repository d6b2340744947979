package dev.laconic.kernels;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.kernels.KernelOptions.Activations;
import dev.laconic.kernels.block.Blocks;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One way to do the arithmetic of a forward pass. Matrices are row-major {@code float[]}: row {@code r} of {@code x}
 * begins at {@code xOffset + r * xStride}. A row's result does not depend on how many rows are computed with it, so a
 * prompt may be cut anywhere. Nothing here allocates once scratch has grown to the sizes in use.
 */
public interface Kernels extends AutoCloseable {

    /**
     * The provider that the options name, over a team of its own. {@code auto} takes native kernels for 8-bit activations
     * where there are such; for all else the Vector API where Java was started with it, else the scalar reference. The
     * {@link #name} says why a faster one is missing. {@code native} is the same, but fails where {@code auto} falls back.
     *
     * @throws UsageException if the provider is asked for by name and missing
     */
    static Kernels of(KernelOptions options) {
        boolean vector = hasVectors();
        String missing = "Java runs without --add-modules jdk.incubator.vector";
        if (!vector && options.provider().equals("vector"))
            throw new UsageException("kernel provider 'vector' is not available: " + missing);
        boolean integers = options.activations() != Activations.F32
                && (options.provider().equals("auto") || options.provider().equals("native"));
        NativeLibrary library = integers ? NativeLibrary.find() : NativeLibrary.NONE;
        if (integers && library.sets() == 0 && options.provider().equals("native"))
            throw new UsageException("kernel provider 'native' is not available: " + library.missing());
        Team team = Team.of(options.threads());
        boolean natively = integers && library.sets() > 0;
        Activations activations =
                natively && options.activations() == Activations.AUTO ? Activations.F32 : options.activations();
        String note = integers && !natively ? " (no native kernels: " + library.missing() + ")" : "";
        Supplier<Kernels> java = () -> vector && !options.provider().equals("scalar")
                ? new VectorKernels(team, activations, note)
                : new ScalarKernels(team, activations, vector ? note : " (" + missing + ")" + note);
        return natively ? new NativeKernels(team, java, library, library.set()) : java.get();
    }

    /**
     * Begins to load the native kernels in a thread of its own, so that who asks for kernels soon waits less, and what
     * Java needs to tell numbers in memory apart.
     */
    static void load() {
        Thread.ofPlatform().daemon().name("laconic-library").start(() -> {
            ValueLayout.JAVA_BYTE.byteSize();
            NativeLibrary.find();
        });
    }

    /** Whether the Vector API is there, as a module or otherwise. */
    private static boolean hasVectors() {
        try {
            Class.forName("jdk.incubator.vector.Vector", false, Kernels.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /**
     * What runs, for tables and tests: {@code scalar}, {@code vector-512, Q4_0+Q4_K/int8},
     * {@code native-avx512/int8, vector-512}, ...
     */
    String name();

    /** The same of what has run so far, for receipts: {@code native-avx512/int8} while nothing else was needed. */
    default String used() {
        return name();
    }

    /** The threads that share the work. */
    Team team();

    /**
     * {@code y[r] = weight . x[r]} for {@code n} rows: {@code x} rows have {@code weight.columns()} elements, {@code y}
     * rows {@code weight.rows()}. Splits the output rows over the team.
     */
    void matmul(Tensor weight, float[] x, int xOffset, int xStride, int n, float[] y, int yOffset, int yStride);

    /**
     * Products of matrices that take in as many columns with the same rows of activations, as of {@link #matmul} with each, at
     * index 0 of the matrix's array and side by side there.
     */
    default void matmul(Tensor[] weights, float[] x, int xOffset, int xStride, int n, float[][] y) {
        for (int i = 0; i < weights.length; i++)
            matmul(weights[i], x, xOffset, xStride, n, y[i], 0, weights[i].rows());
    }

    /** Writes row {@code row} of a matrix, decoded to float32, at {@code y[yOffset]}. */
    default void row(Tensor matrix, int row, float[] y, int yOffset) {
        Blocks.codec(matrix.type()).decode(matrix.data(), row * matrix.rowBytes(), matrix.columns(), y, yOffset);
    }

    /** Writes all elements of a tensor, decoded to float32. */
    default void vector(Tensor tensor, float[] y) {
        Blocks.codec(tensor.type()).decode(tensor.data(), 0, Math.toIntExact(tensor.elements()), y, 0);
    }

    /** {@code sum(a[i] * b[i])} over {@code n} elements. */
    float dot(float[] a, int aOffset, float[] b, int bOffset, int n);

    /** {@code y[i] += factor * x[i]}. */
    default void addScaled(float factor, float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i++) y[yOffset + i] += factor * x[xOffset + i];
    }

    /**
     * Turns vectors of {@code x} that stand {@code stride} apart, all by the angles that {@link Rope#angles} wrote at index
     * {@code angles}.
     */
    default void rotate(Rope rope, float[] cos, float[] sin, int angles, float[] x, int offset, int vectors, int stride) {
        for (int v = 0; v < vectors; v++) rope.apply(x, offset + v * stride, cos, sin, angles);
    }

    /** {@code y[i] *= factor}. */
    default void scale(float factor, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i++) y[yOffset + i] *= factor;
    }

    /** {@code y = x / sqrt(mean(x^2) + epsilon) * weight}; an empty weight stands for ones. x and y may be the same. */
    void rmsNorm(float[] x, int xOffset, float[] weight, float epsilon, float[] y, int yOffset, int n);

    /** {@code y = (x - mean) / sqrt(variance + epsilon) * weight + bias}; empty weight or bias stand for ones, zeros. */
    void layerNorm(
            float[] x, int xOffset, float[] weight, float[] bias, float epsilon, float[] y, int yOffset, int n);

    /** The largest of {@code n} elements, negative infinity if there are none. */
    default float max(float[] x, int offset, int n) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = offset; i < offset + n; i++) max = Math.max(max, x[i]);
        return max;
    }

    /** {@code x[i] = exp(x[i] - max)} in place; returns the sum: one step of an online softmax. */
    default float expAndSum(float[] x, int offset, int n, float max) {
        float sum = 0;
        for (int i = offset; i < offset + n; i++) {
            x[i] = (float) Math.exp(x[i] - max);
            sum += x[i];
        }
        return sum;
    }

    /** Softmax in place; entries of negative infinity become zero. */
    void softmax(float[] x, int offset, int n);

    /** {@code y[i] = activation(x[i])}; x and y may be the same. */
    void activate(Activation activation, float[] x, int xOffset, float[] y, int yOffset, int n);

    /** {@code y[i] = activation(gate[i]) * up[i]}; y may be either input. */
    void gate(Activation activation, float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int n);

    /** The kernel for keys or values stored in this way. */
    KvKernel kv(KvType type);

    /** Attention to many entries at once, for one thread; empty where page by page is the only way. */
    default Optional<KvAttention> attention() {
        return Optional.empty();
    }

    /** Products of queries with many keys, for one thread. */
    default KvSearch search() {
        return new PagedKvSearch(this);
    }

    /** The largest of many scores, for one thread. */
    default Top top() {
        return new ScalarTop();
    }

    /** Ends the team. */
    @Override
    default void close() {
        team().close();
    }
}
