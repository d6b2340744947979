package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.L;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Attention's loops: a few entries are decoded into scratch that stays in the nearest cache and meet all queries there.
 * The steps that lead to one score or one sum do not depend on how many queries or entries a call has.
 */
final class VectorKvKernel implements KvKernel {
    private static final int ENTRIES = 16;
    private static final int QUERIES = 16;
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private final KvType type;
    private final ScalarKvKernel scalar;
    private final VectorKvDecoder decoder;

    VectorKvKernel(KvType type) {
        this.type = type;
        this.scalar = new ScalarKvKernel(type);
        this.decoder = new VectorKvDecoder(type);
    }

    @Override
    public KvType type() {
        return type;
    }

    @Override
    public void write(float[] x, int xOffset, int xStride, int n, MemorySegment page, long base, int at, int dimension) {
        scalar.write(x, xOffset, xStride, n, page, base, at, dimension);
    }

    @Override
    public void read(MemorySegment page, long base, int at, int n, int dimension, float[] x, int xOffset, int xStride) {
        if (!page.isNative()) {
            scalar.read(page, base, at, n, dimension, x, xOffset, xStride);
            return;
        }
        Scratch scratch = scratch();
        int stride = PackedKv.padded(dimension);
        float[] y = scratch.entries(ENTRIES * stride);
        for (int j = 0; j < n; j += ENTRIES) {
            int rows = Math.min(ENTRIES, n - j);
            decoder.decode(page, base, at + j, rows, dimension, y, 0, scratch.shared);
            for (int i = 0; i < rows; i++) System.arraycopy(y, i * stride, x, xOffset + (j + i) * xStride, dimension);
        }
    }

    @Override
    public void scores(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] queries, int queriesOffset, int queriesStride, int n, float scale,
            float[] scores, int scoresOffset, int scoresStride) {
        if (!page.isNative()) {
            scalar.scores(
                    page, base, from, to, dimension, queries, queriesOffset, queriesStride, n, scale,
                    scores, scoresOffset, scoresStride);
            return;
        }
        Scratch scratch = scratch();
        int stride = PackedKv.padded(dimension);
        float[] decoded = scratch.entries(ENTRIES * stride);
        for (int entry = from; entry < to; entry += ENTRIES) {
            int rows = Math.min(ENTRIES, to - entry);
            decoder.decode(page, base, entry, rows, dimension, decoded, 0, scratch.shared);
            multiply(scratch, rows, dimension, queries, queriesOffset, queriesStride, n, scale,
                    scores, scoresOffset + entry - from, scoresStride);
        }
    }

    @Override
    public void scores(
            MemorySegment[] pages, long base, int[] entries, int count, int dimension,
            float[] queries, int queriesOffset, int queriesStride, int n, float scale,
            float[] scores, int scoresOffset, int scoresStride) {
        Scratch scratch = scratch();
        for (int i = 0; i < count; i += ENTRIES) {
            int rows = Math.min(ENTRIES, count - i);
            decode(scratch, pages, base, entries, i, rows, dimension);
            multiply(scratch, rows, dimension, queries, queriesOffset, queriesStride, n, scale,
                    scores, scoresOffset + i, scoresStride);
        }
    }

    /** Products of the entries in scratch with all queries. */
    private static void multiply(
            Scratch scratch, int rows, int dimension, float[] queries, int queriesOffset, int queriesStride, int n,
            float scale, float[] scores, int scoresOffset, int scoresStride) {
        int stride = PackedKv.padded(dimension);
        int padded = Lanes.padded(dimension);
        for (int q = 0; q < n; q += QUERIES) {
            int some = Math.min(QUERIES, n - q);
            float[] x = queries;
            int xOffset = queriesOffset + q * queriesStride;
            int xStride = queriesStride;
            int yOffset = scoresOffset + q * scoresStride;
            if (padded != dimension) {
                x = scratch.pad(queries, xOffset, queriesStride, some, dimension, padded);
                xOffset = 0;
                xStride = padded;
            }
            int row = 0;
            for (; row <= rows - L; row += L)
                RowDots.rows(scratch.entries, row * stride, stride, x, xOffset, xStride, some, padded, scale,
                        scratch.groups, scores, yOffset + row, scoresStride);
            if (row == rows) continue;
            RowDots.rows(scratch.entries, row * stride, stride, x, xOffset, xStride, some, padded, scale,
                    scratch.groups, scratch.products, 0, L);
            for (int t = 0; t < some; t++)
                System.arraycopy(scratch.products, t * L, scores, yOffset + t * scoresStride + row, rows - row);
        }
    }

    @Override
    public void accumulate(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] weights, int weightsOffset, int weightsStride, int n,
            float[] y, int yOffset, int yStride) {
        if (!page.isNative()) {
            scalar.accumulate(
                    page, base, from, to, dimension, weights, weightsOffset, weightsStride, n, y, yOffset, yStride);
            return;
        }
        Scratch scratch = scratch();
        float[] decoded = scratch.entries(ENTRIES * PackedKv.padded(dimension));
        for (int entry = from; entry < to; entry += ENTRIES) {
            int rows = Math.min(ENTRIES, to - entry);
            decoder.decode(page, base, entry, rows, dimension, decoded, 0, scratch.shared);
            add(decoded, rows, dimension, weights, weightsOffset + entry - from, weightsStride, n, y, yOffset, yStride);
        }
    }

    @Override
    public void accumulate(
            MemorySegment[] pages, long base, int[] entries, int count, int dimension,
            float[] weights, int weightsOffset, int weightsStride, int n,
            float[] y, int yOffset, int yStride) {
        Scratch scratch = scratch();
        for (int i = 0; i < count; i += ENTRIES) {
            int rows = Math.min(ENTRIES, count - i);
            decode(scratch, pages, base, entries, i, rows, dimension);
            add(scratch.entries, rows, dimension, weights, weightsOffset + i, weightsStride, n, y, yOffset, yStride);
        }
    }

    private void decode(
            Scratch scratch, MemorySegment[] pages, long base, int[] entries, int from, int rows, int dimension) {
        int stride = PackedKv.padded(dimension);
        float[] decoded = scratch.entries(ENTRIES * stride);
        for (int i = 0; i < rows; i++)
            decoder.decode(pages[from + i], base, entries[from + i], 1, dimension, decoded, i * stride, scratch.shared);
    }

    /** Adds decoded entries, weighted, to all sums. */
    private static void add(
            float[] v, int rows, int dimension, float[] weights, int weightsOffset, int weightsStride, int n,
            float[] y, int yOffset, int yStride) {
        int stride = PackedKv.padded(dimension);
        int pairs = dimension / (2 * L) * (2 * L);
        int w = weightsOffset;
        int q = 0;
        for (; q <= n - 4; q += 4, w += 4 * weightsStride)
            for (int d = 0; d < pairs; d += 2 * L)
                add4x2(v, d, stride, rows, weights, w, weightsStride, y, yOffset + q * yStride + d, yStride);
        for (; q < n; q++, w += weightsStride)
            for (int d = 0; d < pairs; d += 2 * L)
                add1x2(v, d, stride, rows, weights, w, y, yOffset + q * yStride + d);
        w = weightsOffset;
        for (q = 0; q < n; q++, w += weightsStride)
            for (int d = pairs; d < dimension; d += L)
                addPart(v, d, stride, rows, weights, w, y, yOffset + q * yStride, dimension);
    }

    private static void add4x2(
            float[] v, int v0, int stride, int rows, float[] w, int w0, int wStride, float[] y, int y0, int yStride) {
        int w1 = w0 + wStride;
        int w2 = w1 + wStride;
        int w3 = w2 + wStride;
        int y1 = y0 + yStride;
        int y2 = y1 + yStride;
        int y3 = y2 + yStride;
        FloatVector a00 = FloatVector.fromArray(F, y, y0);
        FloatVector a01 = FloatVector.fromArray(F, y, y0 + L);
        FloatVector a10 = FloatVector.fromArray(F, y, y1);
        FloatVector a11 = FloatVector.fromArray(F, y, y1 + L);
        FloatVector a20 = FloatVector.fromArray(F, y, y2);
        FloatVector a21 = FloatVector.fromArray(F, y, y2 + L);
        FloatVector a30 = FloatVector.fromArray(F, y, y3);
        FloatVector a31 = FloatVector.fromArray(F, y, y3 + L);
        for (int i = 0; i < rows; i++) {
            FloatVector u0 = FloatVector.fromArray(F, v, v0 + i * stride);
            FloatVector u1 = FloatVector.fromArray(F, v, v0 + i * stride + L);
            FloatVector weight = FloatVector.broadcast(F, w[w0 + i]);
            a00 = weight.fma(u0, a00);
            a01 = weight.fma(u1, a01);
            weight = FloatVector.broadcast(F, w[w1 + i]);
            a10 = weight.fma(u0, a10);
            a11 = weight.fma(u1, a11);
            weight = FloatVector.broadcast(F, w[w2 + i]);
            a20 = weight.fma(u0, a20);
            a21 = weight.fma(u1, a21);
            weight = FloatVector.broadcast(F, w[w3 + i]);
            a30 = weight.fma(u0, a30);
            a31 = weight.fma(u1, a31);
        }
        a00.intoArray(y, y0);
        a01.intoArray(y, y0 + L);
        a10.intoArray(y, y1);
        a11.intoArray(y, y1 + L);
        a20.intoArray(y, y2);
        a21.intoArray(y, y2 + L);
        a30.intoArray(y, y3);
        a31.intoArray(y, y3 + L);
    }

    private static void add1x2(float[] v, int v0, int stride, int rows, float[] w, int w0, float[] y, int y0) {
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y0 + L);
        for (int i = 0; i < rows; i++) {
            FloatVector weight = FloatVector.broadcast(F, w[w0 + i]);
            a0 = weight.fma(FloatVector.fromArray(F, v, v0 + i * stride), a0);
            a1 = weight.fma(FloatVector.fromArray(F, v, v0 + i * stride + L), a1);
        }
        a0.intoArray(y, y0);
        a1.intoArray(y, y0 + L);
    }

    private static void addPart(
            float[] v, int d, int stride, int rows, float[] w, int w0, float[] y, int y0, int dimension) {
        VectorMask<Float> mask = F.indexInRange(d, dimension);
        FloatVector a = FloatVector.fromArray(F, y, y0 + d, mask);
        for (int i = 0; i < rows; i++)
            a = FloatVector.broadcast(F, w[w0 + i]).fma(FloatVector.fromArray(F, v, d + i * stride), a);
        a.intoArray(y, y0 + d, mask);
    }

    private static Scratch scratch() {
        Scratch scratch = SCRATCH.get();
        scratch.shared.forget();
        return scratch;
    }

    private static final class Scratch {
        final VectorKvDecoder.Shared shared = new VectorKvDecoder.Shared();
        final float[] groups = new float[L / 4 * QUERIES * L];
        final float[] products = new float[QUERIES * L];
        float[] entries = {};
        private float[] queries = {};

        float[] entries(int size) {
            if (entries.length < size) entries = new float[size];
            return entries;
        }

        /** Vectors side by side, with zeros up to {@code padded} elements each. */
        float[] pad(float[] source, int offset, int stride, int n, int dimension, int padded) {
            if (queries.length < n * padded) queries = new float[n * padded];
            for (int q = 0; q < n; q++) {
                System.arraycopy(source, offset + q * stride, queries, q * padded, dimension);
                Arrays.fill(queries, q * padded + dimension, (q + 1) * padded, 0);
            }
            return queries;
        }
    }
}
