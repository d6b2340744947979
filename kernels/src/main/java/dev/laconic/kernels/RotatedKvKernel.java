package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Attention over vectors that are stored turned: {@code (H q) . (H k) = q . k} and {@code sum w v = H sum w (H v)}. */
final class RotatedKvKernel implements KvKernel {
    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[1][0]);

    /** Turns a vector in place, as {@link Hadamard#turn} does to the last bit. */
    @FunctionalInterface
    interface Turn {
        void turn(float[] x, int offset, int n);
    }

    private final KvKernel turned;
    private final Turn hadamard;

    RotatedKvKernel(KvKernel turned, Turn hadamard) {
        this.turned = turned;
        this.hadamard = hadamard;
    }

    @Override
    public KvType type() {
        return turned.type();
    }

    @Override
    public void write(float[] x, int xOffset, int xStride, int n, MemorySegment page, long base, int at, int dimension) {
        float[] copy = copy(x, xOffset, xStride, n, dimension);
        turned.write(copy, 0, dimension, n, page, base, at, dimension);
    }

    @Override
    public void read(MemorySegment page, long base, int at, int n, int dimension, float[] x, int xOffset, int xStride) {
        turned.read(page, base, at, n, dimension, x, xOffset, xStride);
        for (int j = 0; j < n; j++) hadamard.turn(x, xOffset + j * xStride, dimension);
    }

    @Override
    public void scores(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] queries, int queriesOffset, int queriesStride, int n, float scale,
            float[] scores, int scoresOffset, int scoresStride) {
        float[] copy = copy(queries, queriesOffset, queriesStride, n, dimension);
        turned.scores(page, base, from, to, dimension, copy, 0, dimension, n, scale, scores, scoresOffset, scoresStride);
    }

    @Override
    public void accumulate(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] weights, int weightsOffset, int weightsStride, int n,
            float[] y, int yOffset, int yStride) {
        float[] sums = zeros(n * dimension);
        turned.accumulate(
                page, base, from, to, dimension, weights, weightsOffset, weightsStride, n, sums, 0, dimension);
        addTurned(sums, n, dimension, y, yOffset, yStride);
    }

    @Override
    public void scores(
            MemorySegment[] pages, long base, int[] entries, int count, int dimension,
            float[] queries, int queriesOffset, int queriesStride, int n, float scale,
            float[] scores, int scoresOffset, int scoresStride) {
        float[] copy = copy(queries, queriesOffset, queriesStride, n, dimension);
        turned.scores(
                pages, base, entries, count, dimension, copy, 0, dimension, n, scale, scores, scoresOffset, scoresStride);
    }

    @Override
    public void accumulate(
            MemorySegment[] pages, long base, int[] entries, int count, int dimension,
            float[] weights, int weightsOffset, int weightsStride, int n,
            float[] y, int yOffset, int yStride) {
        float[] sums = zeros(n * dimension);
        turned.accumulate(
                pages, base, entries, count, dimension, weights, weightsOffset, weightsStride, n, sums, 0, dimension);
        addTurned(sums, n, dimension, y, yOffset, yStride);
    }

    private void addTurned(float[] sums, int n, int dimension, float[] y, int yOffset, int yStride) {
        for (int q = 0; q < n; q++) {
            hadamard.turn(sums, q * dimension, dimension);
            for (int i = 0; i < dimension; i++) y[yOffset + q * yStride + i] += sums[q * dimension + i];
        }
    }

    /** The vectors side by side, turned, in this thread's scratch. */
    private float[] copy(float[] x, int offset, int stride, int n, int dimension) {
        float[] copy = scratch(n * dimension);
        for (int j = 0; j < n; j++) {
            System.arraycopy(x, offset + j * stride, copy, j * dimension, dimension);
            hadamard.turn(copy, j * dimension, dimension);
        }
        return copy;
    }

    private static float[] zeros(int size) {
        float[] zeros = scratch(size);
        Arrays.fill(zeros, 0, size, 0);
        return zeros;
    }

    private static float[] scratch(int size) {
        float[][] scratch = SCRATCH.get();
        if (scratch[0].length < size) scratch[0] = new float[size];
        return scratch[0];
    }
}
