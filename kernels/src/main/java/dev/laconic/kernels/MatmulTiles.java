package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.L;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of matrix products with a few tokens. Each pair of a weight row and an activation row has one accumulator, a
 * vector whose lane l sums the products of elements l, l + L, l + 2L ... in this order: the shape of a tile decides how often an
 * element is loaded, never the result, and {@link SlicedTiles} come to the same. Tiles have as many rows as leave all sums in
 * registers: arrays begin in the middle of a cache line, so that each load takes two, and the more a load is used the better.
 * Rows come in whole tiles, the last ones perhaps padded.
 */
final class MatmulTiles {
    /** Weight rows of a tile. */
    static final int ROWS = 6;

    /** Whether there are registers for 24 sums. */
    private static final boolean WIDE = L != 8;

    private MatmulTiles() {}

    /**
     * Adds {@code n} elements to the accumulators of every pair of {@code rows} weight rows, whole tiles, and {@code tokens}
     * activation rows. Both row strides and n are whole vectors; acc has a vector for each pair.
     */
    static void multiply(
            float[] w, int wStride, int rows, float[] x, int xOffset, int xStride, int tokens, int n, float[] acc) {
        int at = 0;
        for (int t = 0; t < tokens; ) {
            int x0 = xOffset + t * xStride;
            int step = step(tokens - t);
            for (int r = 0; r < rows; r += ROWS, at += ROWS * step * L) {
                int w0 = r * wStride;
                if (step == 4) tile6x4(w, w0, wStride, x, x0, xStride, n, acc, at);
                else if (step == 2) tile6x2(w, w0, wStride, x, x0, xStride, n, acc, at);
                else tile6x1(w, w0, wStride, x, x0, n, acc, at);
            }
            t += step;
        }
    }

    private static int step(int tokens) {
        return WIDE && tokens >= 4 ? 4 : tokens >= 2 ? 2 : 1;
    }

    /** {@code y[yOffset + t * yStride + r] = sum} of the first {@code present} of the rows that multiply filled. */
    static void reduce(float[] acc, int rows, int present, int tokens, float[] y, int yOffset, int yStride) {
        int at = 0;
        for (int t = 0; t < tokens; ) {
            int step = step(tokens - t);
            for (int r = 0; r < rows; r++)
                for (int j = 0; j < step; j++, at += L)
                    if (r < present) y[yOffset + (t + j) * yStride + r] = Lanes.sum(acc, at);
            t += step;
        }
    }

    private static void tile6x4(
            float[] w, int w0, int wStride, float[] x, int x0, int xStride, int n, float[] acc, int at) {
        int w1 = w0 + wStride;
        int w2 = w1 + wStride;
        int w3 = w2 + wStride;
        int w4 = w3 + wStride;
        int w5 = w4 + wStride;
        int x1 = x0 + xStride;
        int x2 = x1 + xStride;
        int x3 = x2 + xStride;
        FloatVector a00 = FloatVector.fromArray(F, acc, at);
        FloatVector a01 = FloatVector.fromArray(F, acc, at + L);
        FloatVector a02 = FloatVector.fromArray(F, acc, at + 2 * L);
        FloatVector a03 = FloatVector.fromArray(F, acc, at + 3 * L);
        FloatVector a10 = FloatVector.fromArray(F, acc, at + 4 * L);
        FloatVector a11 = FloatVector.fromArray(F, acc, at + 5 * L);
        FloatVector a12 = FloatVector.fromArray(F, acc, at + 6 * L);
        FloatVector a13 = FloatVector.fromArray(F, acc, at + 7 * L);
        FloatVector a20 = FloatVector.fromArray(F, acc, at + 8 * L);
        FloatVector a21 = FloatVector.fromArray(F, acc, at + 9 * L);
        FloatVector a22 = FloatVector.fromArray(F, acc, at + 10 * L);
        FloatVector a23 = FloatVector.fromArray(F, acc, at + 11 * L);
        FloatVector a30 = FloatVector.fromArray(F, acc, at + 12 * L);
        FloatVector a31 = FloatVector.fromArray(F, acc, at + 13 * L);
        FloatVector a32 = FloatVector.fromArray(F, acc, at + 14 * L);
        FloatVector a33 = FloatVector.fromArray(F, acc, at + 15 * L);
        FloatVector a40 = FloatVector.fromArray(F, acc, at + 16 * L);
        FloatVector a41 = FloatVector.fromArray(F, acc, at + 17 * L);
        FloatVector a42 = FloatVector.fromArray(F, acc, at + 18 * L);
        FloatVector a43 = FloatVector.fromArray(F, acc, at + 19 * L);
        FloatVector a50 = FloatVector.fromArray(F, acc, at + 20 * L);
        FloatVector a51 = FloatVector.fromArray(F, acc, at + 21 * L);
        FloatVector a52 = FloatVector.fromArray(F, acc, at + 22 * L);
        FloatVector a53 = FloatVector.fromArray(F, acc, at + 23 * L);
        for (int k = 0; k < n; k += L) {
            FloatVector u0 = FloatVector.fromArray(F, x, x0 + k);
            FloatVector u1 = FloatVector.fromArray(F, x, x1 + k);
            FloatVector u2 = FloatVector.fromArray(F, x, x2 + k);
            FloatVector u3 = FloatVector.fromArray(F, x, x3 + k);
            FloatVector v = FloatVector.fromArray(F, w, w0 + k);
            a00 = v.fma(u0, a00);
            a01 = v.fma(u1, a01);
            a02 = v.fma(u2, a02);
            a03 = v.fma(u3, a03);
            v = FloatVector.fromArray(F, w, w1 + k);
            a10 = v.fma(u0, a10);
            a11 = v.fma(u1, a11);
            a12 = v.fma(u2, a12);
            a13 = v.fma(u3, a13);
            v = FloatVector.fromArray(F, w, w2 + k);
            a20 = v.fma(u0, a20);
            a21 = v.fma(u1, a21);
            a22 = v.fma(u2, a22);
            a23 = v.fma(u3, a23);
            v = FloatVector.fromArray(F, w, w3 + k);
            a30 = v.fma(u0, a30);
            a31 = v.fma(u1, a31);
            a32 = v.fma(u2, a32);
            a33 = v.fma(u3, a33);
            v = FloatVector.fromArray(F, w, w4 + k);
            a40 = v.fma(u0, a40);
            a41 = v.fma(u1, a41);
            a42 = v.fma(u2, a42);
            a43 = v.fma(u3, a43);
            v = FloatVector.fromArray(F, w, w5 + k);
            a50 = v.fma(u0, a50);
            a51 = v.fma(u1, a51);
            a52 = v.fma(u2, a52);
            a53 = v.fma(u3, a53);
        }
        a00.intoArray(acc, at);
        a01.intoArray(acc, at + L);
        a02.intoArray(acc, at + 2 * L);
        a03.intoArray(acc, at + 3 * L);
        a10.intoArray(acc, at + 4 * L);
        a11.intoArray(acc, at + 5 * L);
        a12.intoArray(acc, at + 6 * L);
        a13.intoArray(acc, at + 7 * L);
        a20.intoArray(acc, at + 8 * L);
        a21.intoArray(acc, at + 9 * L);
        a22.intoArray(acc, at + 10 * L);
        a23.intoArray(acc, at + 11 * L);
        a30.intoArray(acc, at + 12 * L);
        a31.intoArray(acc, at + 13 * L);
        a32.intoArray(acc, at + 14 * L);
        a33.intoArray(acc, at + 15 * L);
        a40.intoArray(acc, at + 16 * L);
        a41.intoArray(acc, at + 17 * L);
        a42.intoArray(acc, at + 18 * L);
        a43.intoArray(acc, at + 19 * L);
        a50.intoArray(acc, at + 20 * L);
        a51.intoArray(acc, at + 21 * L);
        a52.intoArray(acc, at + 22 * L);
        a53.intoArray(acc, at + 23 * L);
    }

    private static void tile6x2(
            float[] w, int w0, int wStride, float[] x, int x0, int xStride, int n, float[] acc, int at) {
        int w1 = w0 + wStride;
        int w2 = w1 + wStride;
        int w3 = w2 + wStride;
        int w4 = w3 + wStride;
        int w5 = w4 + wStride;
        int x1 = x0 + xStride;
        FloatVector a00 = FloatVector.fromArray(F, acc, at);
        FloatVector a01 = FloatVector.fromArray(F, acc, at + L);
        FloatVector a10 = FloatVector.fromArray(F, acc, at + 2 * L);
        FloatVector a11 = FloatVector.fromArray(F, acc, at + 3 * L);
        FloatVector a20 = FloatVector.fromArray(F, acc, at + 4 * L);
        FloatVector a21 = FloatVector.fromArray(F, acc, at + 5 * L);
        FloatVector a30 = FloatVector.fromArray(F, acc, at + 6 * L);
        FloatVector a31 = FloatVector.fromArray(F, acc, at + 7 * L);
        FloatVector a40 = FloatVector.fromArray(F, acc, at + 8 * L);
        FloatVector a41 = FloatVector.fromArray(F, acc, at + 9 * L);
        FloatVector a50 = FloatVector.fromArray(F, acc, at + 10 * L);
        FloatVector a51 = FloatVector.fromArray(F, acc, at + 11 * L);
        for (int k = 0; k < n; k += L) {
            FloatVector u0 = FloatVector.fromArray(F, x, x0 + k);
            FloatVector u1 = FloatVector.fromArray(F, x, x1 + k);
            FloatVector v = FloatVector.fromArray(F, w, w0 + k);
            a00 = v.fma(u0, a00);
            a01 = v.fma(u1, a01);
            v = FloatVector.fromArray(F, w, w1 + k);
            a10 = v.fma(u0, a10);
            a11 = v.fma(u1, a11);
            v = FloatVector.fromArray(F, w, w2 + k);
            a20 = v.fma(u0, a20);
            a21 = v.fma(u1, a21);
            v = FloatVector.fromArray(F, w, w3 + k);
            a30 = v.fma(u0, a30);
            a31 = v.fma(u1, a31);
            v = FloatVector.fromArray(F, w, w4 + k);
            a40 = v.fma(u0, a40);
            a41 = v.fma(u1, a41);
            v = FloatVector.fromArray(F, w, w5 + k);
            a50 = v.fma(u0, a50);
            a51 = v.fma(u1, a51);
        }
        a00.intoArray(acc, at);
        a01.intoArray(acc, at + L);
        a10.intoArray(acc, at + 2 * L);
        a11.intoArray(acc, at + 3 * L);
        a20.intoArray(acc, at + 4 * L);
        a21.intoArray(acc, at + 5 * L);
        a30.intoArray(acc, at + 6 * L);
        a31.intoArray(acc, at + 7 * L);
        a40.intoArray(acc, at + 8 * L);
        a41.intoArray(acc, at + 9 * L);
        a50.intoArray(acc, at + 10 * L);
        a51.intoArray(acc, at + 11 * L);
    }

    private static void tile6x1(
            float[] w, int w0, int wStride, float[] x, int x0, int n, float[] acc, int at) {
        int w1 = w0 + wStride;
        int w2 = w1 + wStride;
        int w3 = w2 + wStride;
        int w4 = w3 + wStride;
        int w5 = w4 + wStride;
        FloatVector a00 = FloatVector.fromArray(F, acc, at);
        FloatVector a10 = FloatVector.fromArray(F, acc, at + L);
        FloatVector a20 = FloatVector.fromArray(F, acc, at + 2 * L);
        FloatVector a30 = FloatVector.fromArray(F, acc, at + 3 * L);
        FloatVector a40 = FloatVector.fromArray(F, acc, at + 4 * L);
        FloatVector a50 = FloatVector.fromArray(F, acc, at + 5 * L);
        for (int k = 0; k < n; k += L) {
            FloatVector u0 = FloatVector.fromArray(F, x, x0 + k);
            FloatVector v = FloatVector.fromArray(F, w, w0 + k);
            a00 = v.fma(u0, a00);
            v = FloatVector.fromArray(F, w, w1 + k);
            a10 = v.fma(u0, a10);
            v = FloatVector.fromArray(F, w, w2 + k);
            a20 = v.fma(u0, a20);
            v = FloatVector.fromArray(F, w, w3 + k);
            a30 = v.fma(u0, a30);
            v = FloatVector.fromArray(F, w, w4 + k);
            a40 = v.fma(u0, a40);
            v = FloatVector.fromArray(F, w, w5 + k);
            a50 = v.fma(u0, a50);
        }
        a00.intoArray(acc, at);
        a10.intoArray(acc, at + L);
        a20.intoArray(acc, at + 2 * L);
        a30.intoArray(acc, at + 3 * L);
        a40.intoArray(acc, at + 4 * L);
        a50.intoArray(acc, at + 5 * L);
    }
}
