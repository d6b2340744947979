package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Attention of one of two layers over directions that they share: {@code q . (l d) = l (q . d)} and
 * {@code sum w (l d) = sum (w l) d}, l being how long direction d is in that layer.
 *
 * <p>A group of {@value #GROUP} entries lies as: the lower layer's lengths as f16; the upper layer's; the directions.
 */
final class PairedKvKernel implements KvKernel {
    static final int GROUP = 64;
    private static final long LENGTHS_BYTES = 2L * GROUP;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[1][0]);

    private final KvType type;
    private final KvKernel directions;
    private final long ownLengths;

    PairedKvKernel(KvType type, KvKernel directions) {
        this.type = type;
        this.directions = directions;
        ownLengths = type.grouping() == KvType.Grouping.LOWER ? 0 : LENGTHS_BYTES;
    }

    static long groupBytes(KvType type, int dimension) {
        return 2 * LENGTHS_BYTES + type.codes().bytes(dimension, GROUP);
    }

    private long group(long base, int entry, int dimension) {
        return base + entry / GROUP * groupBytes(type, dimension);
    }

    private float length(MemorySegment page, long group, int slot) {
        return Float.float16ToFloat(page.get(SHORT, group + ownLengths + 2L * slot));
    }

    @Override
    public KvType type() {
        return type;
    }

    /** Encodes vectors that are the same in both layers. */
    @Override
    public void write(float[] x, int xOffset, int xStride, int n, MemorySegment page, long base, int at, int dimension) {
        if (at != 0) throw new IllegalArgumentException("a page of " + type + " is written at once, not from entry " + at);
        float[] turned = new float[n * dimension];
        float[] lengths = new float[n];
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int c = 0; c < dimension; c++) sum += Math.pow(x[xOffset + j * xStride + c], 2);
            lengths[j] = (float) Math.sqrt(sum);
            for (int c = 0; sum > 0 && c < dimension; c++)
                turned[j * dimension + c] = x[xOffset + j * xStride + c] / lengths[j];
        }
        write(turned, lengths, lengths, 0, n, page, base, dimension);
    }

    @Override
    public void write(
            float[] all, float[] lower, float[] upper, int from, int n, MemorySegment page, long base, int dimension) {
        for (int first = 0; first < n; first += GROUP) {
            int count = Math.min(GROUP, n - first);
            long group = group(base, first, dimension);
            for (int slot = 0; slot < count; slot++) {
                page.set(SHORT, group + 2L * slot, Float.floatToFloat16(lower[from + first + slot]));
                page.set(SHORT, group + LENGTHS_BYTES + 2L * slot, Float.floatToFloat16(upper[from + first + slot]));
            }
            directions.write(
                    all, (from + first) * dimension, dimension, count, page, group + 2 * LENGTHS_BYTES, 0, dimension);
        }
    }

    @Override
    public void read(MemorySegment page, long base, int at, int n, int dimension, float[] x, int xOffset, int xStride) {
        for (int j = 0; j < n; j++) {
            long group = group(base, at + j, dimension);
            int slot = (at + j) % GROUP;
            int to = xOffset + j * xStride;
            directions.read(page, group + 2 * LENGTHS_BYTES, slot, 1, dimension, x, to, 0);
            float length = length(page, group, slot);
            for (int c = to; c < to + dimension; c++) x[c] *= length;
        }
    }

    @Override
    public void scores(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] queries, int queriesOffset, int queriesStride, int n, float scale,
            float[] scores, int scoresOffset, int scoresStride) {
        for (int start = from; start < to; start = (start / GROUP + 1) * GROUP) {
            int slot = start % GROUP;
            int count = Math.min(to - start, GROUP - slot);
            long group = group(base, start, dimension);
            int out = scoresOffset + start - from;
            directions.scores(page, group + 2 * LENGTHS_BYTES, slot, slot + count, dimension,
                    queries, queriesOffset, queriesStride, n, scale, scores, out, scoresStride);
            for (int i = 0; i < count; i++) {
                float length = length(page, group, slot + i);
                for (int q = 0; q < n; q++) scores[out + q * scoresStride + i] *= length;
            }
        }
    }

    @Override
    public void accumulate(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] weights, int weightsOffset, int weightsStride, int n,
            float[] y, int yOffset, int yStride) {
        float[] scaled = scratch(n * GROUP);
        for (int start = from; start < to; start = (start / GROUP + 1) * GROUP) {
            int slot = start % GROUP;
            int count = Math.min(to - start, GROUP - slot);
            long group = group(base, start, dimension);
            int in = weightsOffset + start - from;
            for (int i = 0; i < count; i++) {
                float length = length(page, group, slot + i);
                for (int q = 0; q < n; q++) scaled[q * GROUP + i] = length * weights[in + q * weightsStride + i];
            }
            directions.accumulate(page, group + 2 * LENGTHS_BYTES, slot, slot + count, dimension,
                    scaled, 0, GROUP, n, y, yOffset, yStride);
        }
    }

    private static float[] scratch(int size) {
        float[][] scratch = SCRATCH.get();
        if (scratch[0].length < size) scratch[0] = new float[size];
        return scratch[0];
    }
}
