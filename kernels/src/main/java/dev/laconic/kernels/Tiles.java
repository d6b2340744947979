package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.L;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of matrix products. Each pair of a weight row and an activation row has one accumulator, a vector
 * whose lane l sums the products of elements l, l + L, l + 2L ... in this order. A tile adds {@code n} further elements
 * (whole vectors) to the accumulators of several pairs at once, kept at {@code acc[at]}: the shape of a tile decides how
 * often an element is loaded, never the result.
 */
final class Tiles {
    private Tiles() {}

    /** Whether 16 accumulators fit into the vector registers. */
    private static final boolean WIDE = L != 8;

    /**
     * Adds {@code n} elements to the accumulators of every pair of {@code rows} weight rows and {@code tokens} activation
     * rows. Both row strides and n are whole vectors; acc has a vector for each pair.
     */
    static void multiply(
            float[] w, int wStride, int rows, float[] x, int xOffset, int xStride, int tokens, int n, float[] acc) {
        int whole = rows & ~3;
        for (int t = 0; t < tokens; ) {
            int x0 = xOffset + t * xStride;
            int step = WIDE && tokens - t >= 4 ? 4 : tokens - t >= 2 ? 2 : 1;
            for (int r = 0; r < whole; r += 4) {
                int at = (r * tokens + t * 4) * L;
                if (step == 4) tile4x4(w, r * wStride, wStride, x, x0, xStride, n, acc, at);
                else if (step == 2) tile4x2(w, r * wStride, wStride, x, x0, xStride, n, acc, at);
                else tile4x1(w, r * wStride, wStride, x, x0, n, acc, at);
            }
            t += step;
        }
        for (int r = whole; r < rows; r++)
            for (int t = 0; t < tokens; t++)
                tile1x1(w, r * wStride, x, xOffset + t * xStride, n, acc, (r * tokens + t) * L);
    }

    /** {@code y[yOffset + t * yStride + r] = scale * sum} of each accumulator that {@link #multiply} filled. */
    static void reduce(float[] acc, int rows, int tokens, float scale, float[] y, int yOffset, int yStride) {
        int whole = rows & ~3;
        for (int t = 0; t < tokens; ) {
            int step = WIDE && tokens - t >= 4 ? 4 : tokens - t >= 2 ? 2 : 1;
            for (int r = 0; r < whole; r += 4) {
                int at = (r * tokens + t * 4) * L;
                for (int i = 0; i < 4; i++)
                    for (int j = 0; j < step; j++, at += L)
                        y[yOffset + (t + j) * yStride + r + i] = scale * Lanes.sum(acc, at);
            }
            t += step;
        }
        for (int r = whole; r < rows; r++)
            for (int t = 0; t < tokens; t++)
                y[yOffset + t * yStride + r] = scale * Lanes.sum(acc, (r * tokens + t) * L);
    }

    private static void tile4x4(
            float[] w, int w0, int wStride, float[] x, int x0, int xStride, int n, float[] acc, int at) {
        int w1 = w0 + wStride;
        int w2 = w1 + wStride;
        int w3 = w2 + wStride;
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
        for (int k = 0; k < n; k += L) {
            FloatVector v0 = FloatVector.fromArray(F, w, w0 + k);
            FloatVector v1 = FloatVector.fromArray(F, w, w1 + k);
            FloatVector v2 = FloatVector.fromArray(F, w, w2 + k);
            FloatVector v3 = FloatVector.fromArray(F, w, w3 + k);
            FloatVector u = FloatVector.fromArray(F, x, x0 + k);
            a00 = v0.fma(u, a00);
            a10 = v1.fma(u, a10);
            a20 = v2.fma(u, a20);
            a30 = v3.fma(u, a30);
            u = FloatVector.fromArray(F, x, x1 + k);
            a01 = v0.fma(u, a01);
            a11 = v1.fma(u, a11);
            a21 = v2.fma(u, a21);
            a31 = v3.fma(u, a31);
            u = FloatVector.fromArray(F, x, x2 + k);
            a02 = v0.fma(u, a02);
            a12 = v1.fma(u, a12);
            a22 = v2.fma(u, a22);
            a32 = v3.fma(u, a32);
            u = FloatVector.fromArray(F, x, x3 + k);
            a03 = v0.fma(u, a03);
            a13 = v1.fma(u, a13);
            a23 = v2.fma(u, a23);
            a33 = v3.fma(u, a33);
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
    }

    private static void tile4x2(
            float[] w, int w0, int wStride, float[] x, int x0, int xStride, int n, float[] acc, int at) {
        int w1 = w0 + wStride;
        int w2 = w1 + wStride;
        int w3 = w2 + wStride;
        int x1 = x0 + xStride;
        FloatVector a00 = FloatVector.fromArray(F, acc, at);
        FloatVector a01 = FloatVector.fromArray(F, acc, at + L);
        FloatVector a10 = FloatVector.fromArray(F, acc, at + 2 * L);
        FloatVector a11 = FloatVector.fromArray(F, acc, at + 3 * L);
        FloatVector a20 = FloatVector.fromArray(F, acc, at + 4 * L);
        FloatVector a21 = FloatVector.fromArray(F, acc, at + 5 * L);
        FloatVector a30 = FloatVector.fromArray(F, acc, at + 6 * L);
        FloatVector a31 = FloatVector.fromArray(F, acc, at + 7 * L);
        for (int k = 0; k < n; k += L) {
            FloatVector v0 = FloatVector.fromArray(F, w, w0 + k);
            FloatVector v1 = FloatVector.fromArray(F, w, w1 + k);
            FloatVector v2 = FloatVector.fromArray(F, w, w2 + k);
            FloatVector v3 = FloatVector.fromArray(F, w, w3 + k);
            FloatVector u = FloatVector.fromArray(F, x, x0 + k);
            a00 = v0.fma(u, a00);
            a10 = v1.fma(u, a10);
            a20 = v2.fma(u, a20);
            a30 = v3.fma(u, a30);
            u = FloatVector.fromArray(F, x, x1 + k);
            a01 = v0.fma(u, a01);
            a11 = v1.fma(u, a11);
            a21 = v2.fma(u, a21);
            a31 = v3.fma(u, a31);
        }
        a00.intoArray(acc, at);
        a01.intoArray(acc, at + L);
        a10.intoArray(acc, at + 2 * L);
        a11.intoArray(acc, at + 3 * L);
        a20.intoArray(acc, at + 4 * L);
        a21.intoArray(acc, at + 5 * L);
        a30.intoArray(acc, at + 6 * L);
        a31.intoArray(acc, at + 7 * L);
    }

    private static void tile4x1(float[] w, int w0, int wStride, float[] x, int x0, int n, float[] acc, int at) {
        int w1 = w0 + wStride;
        int w2 = w1 + wStride;
        int w3 = w2 + wStride;
        FloatVector a00 = FloatVector.fromArray(F, acc, at);
        FloatVector a10 = FloatVector.fromArray(F, acc, at + L);
        FloatVector a20 = FloatVector.fromArray(F, acc, at + 2 * L);
        FloatVector a30 = FloatVector.fromArray(F, acc, at + 3 * L);
        for (int k = 0; k < n; k += L) {
            FloatVector v0 = FloatVector.fromArray(F, w, w0 + k);
            FloatVector v1 = FloatVector.fromArray(F, w, w1 + k);
            FloatVector v2 = FloatVector.fromArray(F, w, w2 + k);
            FloatVector v3 = FloatVector.fromArray(F, w, w3 + k);
            FloatVector u = FloatVector.fromArray(F, x, x0 + k);
            a00 = v0.fma(u, a00);
            a10 = v1.fma(u, a10);
            a20 = v2.fma(u, a20);
            a30 = v3.fma(u, a30);
        }
        a00.intoArray(acc, at);
        a10.intoArray(acc, at + L);
        a20.intoArray(acc, at + 2 * L);
        a30.intoArray(acc, at + 3 * L);
    }

    private static void tile1x1(float[] w, int w0, float[] x, int x0, int n, float[] acc, int at) {
        FloatVector a00 = FloatVector.fromArray(F, acc, at);
        for (int k = 0; k < n; k += L) {
            FloatVector v0 = FloatVector.fromArray(F, w, w0 + k);
            FloatVector u = FloatVector.fromArray(F, x, x0 + k);
            a00 = v0.fma(u, a00);
        }
        a00.intoArray(acc, at);
    }
}
