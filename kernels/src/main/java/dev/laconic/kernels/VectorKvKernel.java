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
    private static final int QUERIES = 64;
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private final KvType type;
    private final ScalarKvKernel scalar;

    VectorKvKernel(KvType type) {
        this.type = type;
        this.scalar = new ScalarKvKernel(type);
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
        Scratch scratch = SCRATCH.get();
        for (int j = 0; j < n; j += ENTRIES) {
            int rows = Math.min(ENTRIES, n - j);
            int stride = decode(page, base, at + j, rows, dimension, scratch);
            for (int i = 0; i < rows; i++)
                System.arraycopy(scratch.entries, i * stride, x, xOffset + (j + i) * xStride, dimension);
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
        Scratch scratch = SCRATCH.get();
        int padded = Lanes.padded(dimension);
        for (int q = 0; q < n; q += QUERIES) {
            int some = Math.min(QUERIES, n - q);
            float[] x = queries;
            int xOffset = queriesOffset + q * queriesStride;
            int xStride = queriesStride;
            if (padded != dimension) {
                scratch.pad(queries, xOffset, queriesStride, some, dimension, padded);
                x = scratch.queries;
                xOffset = 0;
                xStride = padded;
            }
            for (int entry = from; entry < to; entry += ENTRIES) {
                int rows = Math.min(ENTRIES, to - entry);
                int stride = decode(page, base, entry, rows, dimension, scratch);
                float[] sums = scratch.sums(rows * some * L);
                Arrays.fill(sums, 0, rows * some * L, 0);
                Tiles.multiply(scratch.entries, stride, rows, x, xOffset, xStride, some, padded, sums);
                Tiles.reduce(
                        sums, rows, some, scale, scores, scoresOffset + q * scoresStride + entry - from, scoresStride);
            }
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
        Scratch scratch = SCRATCH.get();
        int pairs = dimension / (2 * L) * (2 * L);
        for (int entry = from; entry < to; entry += ENTRIES) {
            int rows = Math.min(ENTRIES, to - entry);
            int stride = decode(page, base, entry, rows, dimension, scratch);
            float[] v = scratch.entries;
            int w = weightsOffset + entry - from;
            int q = 0;
            for (; q <= n - 4; q += 4, w += 4 * weightsStride)
                for (int d = 0; d < pairs; d += 2 * L)
                    add4x2(v, d, stride, rows, weights, w, weightsStride, y, yOffset + q * yStride + d, yStride);
            for (; q < n; q++, w += weightsStride)
                for (int d = 0; d < pairs; d += 2 * L)
                    add1x2(v, d, stride, rows, weights, w, y, yOffset + q * yStride + d);
            w = weightsOffset + entry - from;
            for (q = 0; q < n; q++, w += weightsStride)
                for (int d = pairs; d < dimension; d += L)
                    addPart(v, d, stride, rows, weights, w, y, yOffset + q * yStride, dimension);
        }
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

    /** Decodes entries one after another, each padded with zeros to whole vectors, and returns their distance. */
    private int decode(MemorySegment page, long base, int entry, int rows, int dimension, Scratch scratch) {
        int stride = (dimension + 31) / 32 * 32;
        float[] y = scratch.entries(ENTRIES * stride);
        if (type.bits() > 0) scratch.packed.decode(type, page, base, entry, rows, dimension, y);
        int bytes = type.bytes(dimension);
        for (int i = 0; i < rows; i++) {
            long at = base + (long) (entry + i) * bytes;
            switch (type) {
                case F32 -> VectorDecoders.f32(page, at, dimension, y, i * stride);
                case F16 -> VectorDecoders.f16(page, at, dimension, y, i * stride);
                case BF16 -> VectorDecoders.bf16(page, at, dimension, y, i * stride);
                case Q8_0 -> VectorDecoders.q8x0(page, at, stride, y, i * stride);
                case Q4_0 -> VectorDecoders.q4x0(page, at, stride, y, i * stride);
                default -> {} // decoded above
            }
            if (dimension < stride) Arrays.fill(y, i * stride + dimension, (i + 1) * stride, 0);
        }
        return stride;
    }

    private static final class Scratch {
        final PackedKvDecoder packed = new PackedKvDecoder();
        float[] queries = {};
        float[] entries = {};
        private float[] sums = {};

        float[] entries(int size) {
            if (entries.length < size) entries = new float[size];
            return entries;
        }

        float[] sums(int size) {
            if (sums.length < size) sums = new float[size];
            return sums;
        }

        void pad(float[] source, int offset, int stride, int n, int dimension, int padded) {
            if (queries.length < n * padded) queries = new float[n * padded];
            for (int q = 0; q < n; q++) {
                System.arraycopy(source, offset + q * stride, queries, q * padded, dimension);
                Arrays.fill(queries, q * padded + dimension, (q + 1) * padded, 0);
            }
        }
    }
}
