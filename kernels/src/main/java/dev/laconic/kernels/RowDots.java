package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.EIGHTH;
import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.HALF;
import static dev.laconic.kernels.Lanes.L;
import static dev.laconic.kernels.Lanes.QUARTER;
import static dev.laconic.kernels.Lanes.SIXTEENTH;
import static dev.laconic.kernels.Lanes.SWAP_EIGHTH;
import static dev.laconic.kernels.Lanes.SWAP_HALF;
import static dev.laconic.kernels.Lanes.SWAP_QUARTER;
import static dev.laconic.kernels.Lanes.SWAP_SIXTEENTH;

import jdk.incubator.vector.FloatVector;

/**
 * Products of rows with vectors, as many rows at a time as a vector has lanes. A row's product has one vector of sums whose
 * lanes are added halves first, as {@link Lanes#sum} does; the lanes of several rows are added at once:
 * {@code a.blend(b, mask).add(b.blend(a, mask).rearrange(swap))} adds lanes of a that are swapped with one another and, in the
 * lanes of the mask, those of b. It is written out, since Java does not always inline a method that takes vectors, and then
 * makes objects of them.
 */
final class RowDots {
    private RowDots() {}

    /**
     * {@code y[yOffset + q * yStride + i] = scale * (w[i * stride ...] . x[xOffset + q * xStride ...])} for L rows and
     * {@code tokens} vectors of {@code n} elements, a whole number of vectors.
     *
     * @param groups scratch of {@code L / 4 * tokens} vectors
     */
    static void rows(
            float[] w, int w0, int stride, float[] x, int xOffset, int xStride, int tokens, int n, float scale,
            float[] groups, float[] y, int yOffset, int yStride) {
        for (int i = 0; i < L / 4; i++) {
            int row = w0 + i * stride;
            int at = i * tokens * L;
            int t = 0;
            for (; t < tokens - 1; t += 2, at += 2 * L)
                fourByTwo(w, row, stride, x, xOffset + t * xStride, xStride, n, groups, at);
            if (t < tokens) four(w, row, stride, x, xOffset + t * xStride, n, groups, at);
        }
        for (int t = 0; t < tokens; t++) finish(groups, t * L, tokens * L, scale, y, yOffset + t * yStride);
    }

    /** Rows 0, L/4, L/2 and 3L/4 from {@code w0} with two vectors. */
    private static void fourByTwo(
            float[] w, int w0, int stride, float[] x, int x0, int xStride, int n, float[] groups, int at) {
        int w1 = w0 + L / 4 * stride;
        int w2 = w1 + L / 4 * stride;
        int w3 = w2 + L / 4 * stride;
        int x1 = x0 + xStride;
        FloatVector a00 = FloatVector.zero(F);
        FloatVector a01 = a00;
        FloatVector a10 = a00;
        FloatVector a11 = a00;
        FloatVector a20 = a00;
        FloatVector a21 = a00;
        FloatVector a30 = a00;
        FloatVector a31 = a00;
        for (int j = 0; j < n; j += L) {
            FloatVector u0 = FloatVector.fromArray(F, x, x0 + j);
            FloatVector u1 = FloatVector.fromArray(F, x, x1 + j);
            FloatVector v = FloatVector.fromArray(F, w, w0 + j);
            a00 = v.fma(u0, a00);
            a01 = v.fma(u1, a01);
            v = FloatVector.fromArray(F, w, w1 + j);
            a10 = v.fma(u0, a10);
            a11 = v.fma(u1, a11);
            v = FloatVector.fromArray(F, w, w2 + j);
            a20 = v.fma(u0, a20);
            a21 = v.fma(u1, a21);
            v = FloatVector.fromArray(F, w, w3 + j);
            a30 = v.fma(u0, a30);
            a31 = v.fma(u1, a31);
        }
        FloatVector p = a00.blend(a20, HALF).add(a20.blend(a00, HALF).rearrange(SWAP_HALF));
        FloatVector q = a10.blend(a30, HALF).add(a30.blend(a10, HALF).rearrange(SWAP_HALF));
        p.blend(q, QUARTER).add(q.blend(p, QUARTER).rearrange(SWAP_QUARTER)).intoArray(groups, at);
        p = a01.blend(a21, HALF).add(a21.blend(a01, HALF).rearrange(SWAP_HALF));
        q = a11.blend(a31, HALF).add(a31.blend(a11, HALF).rearrange(SWAP_HALF));
        p.blend(q, QUARTER).add(q.blend(p, QUARTER).rearrange(SWAP_QUARTER)).intoArray(groups, at + L);
    }

    /** The same rows with one vector. */
    private static void four(float[] w, int w0, int stride, float[] x, int x0, int n, float[] groups, int at) {
        int w1 = w0 + L / 4 * stride;
        int w2 = w1 + L / 4 * stride;
        int w3 = w2 + L / 4 * stride;
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        for (int j = 0; j < n; j += L) {
            FloatVector u = FloatVector.fromArray(F, x, x0 + j);
            a0 = FloatVector.fromArray(F, w, w0 + j).fma(u, a0);
            a1 = FloatVector.fromArray(F, w, w1 + j).fma(u, a1);
            a2 = FloatVector.fromArray(F, w, w2 + j).fma(u, a2);
            a3 = FloatVector.fromArray(F, w, w3 + j).fma(u, a3);
        }
        FloatVector p = a0.blend(a2, HALF).add(a2.blend(a0, HALF).rearrange(SWAP_HALF));
        FloatVector q = a1.blend(a3, HALF).add(a3.blend(a1, HALF).rearrange(SWAP_HALF));
        p.blend(q, QUARTER).add(q.blend(p, QUARTER).rearrange(SWAP_QUARTER)).intoArray(groups, at);
    }

    /** Adds up the groups of lanes that four rows each left. */
    private static void finish(float[] groups, int at, int step, float scale, float[] y, int to) {
        FloatVector g0 = FloatVector.fromArray(F, groups, at);
        FloatVector g1;
        if (L == 8) {
            g1 = FloatVector.fromArray(F, groups, at + step);
            g0 = g0.blend(g1, EIGHTH).add(g1.blend(g0, EIGHTH).rearrange(SWAP_EIGHTH));
        }
        if (L == 16) {
            FloatVector g2 = FloatVector.fromArray(F, groups, at + 2 * step);
            g0 = g0.blend(g2, EIGHTH).add(g2.blend(g0, EIGHTH).rearrange(SWAP_EIGHTH));
            g1 = FloatVector.fromArray(F, groups, at + step);
            FloatVector g3 = FloatVector.fromArray(F, groups, at + 3 * step);
            g1 = g1.blend(g3, EIGHTH).add(g3.blend(g1, EIGHTH).rearrange(SWAP_EIGHTH));
            g0 = g0.blend(g1, SIXTEENTH).add(g1.blend(g0, SIXTEENTH).rearrange(SWAP_SIXTEENTH));
        }
        g0.mul(scale).intoArray(y, to);
    }
}
