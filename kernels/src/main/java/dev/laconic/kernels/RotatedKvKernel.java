package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Attention over vectors that are stored turned: {@code (H q) . (H k) = q . k} and {@code sum w v = H sum w (H v)}. */
final class RotatedKvKernel implements KvKernel {
    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[1][0]);

    private final KvKernel turned;

    RotatedKvKernel(KvKernel turned) {
        this.turned = turned;
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
        for (int j = 0; j < n; j++) Hadamard.turn(x, xOffset + j * xStride, dimension);
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
        float[] sums = scratch(n * dimension);
        Arrays.fill(sums, 0, n * dimension, 0);
        turned.accumulate(
                page, base, from, to, dimension, weights, weightsOffset, weightsStride, n, sums, 0, dimension);
        for (int q = 0; q < n; q++) {
            Hadamard.turn(sums, q * dimension, dimension);
            for (int i = 0; i < dimension; i++) y[yOffset + q * yStride + i] += sums[q * dimension + i];
        }
    }

    /** The vectors side by side, turned, in this thread's scratch. */
    private static float[] copy(float[] x, int offset, int stride, int n, int dimension) {
        float[] copy = scratch(n * dimension);
        for (int j = 0; j < n; j++) {
            System.arraycopy(x, offset + j * stride, copy, j * dimension, dimension);
            Hadamard.turn(copy, j * dimension, dimension);
        }
        return copy;
    }

    private static float[] scratch(int size) {
        float[][] scratch = SCRATCH.get();
        if (scratch[0].length < size) scratch[0] = new float[size];
        return scratch[0];
    }
}
