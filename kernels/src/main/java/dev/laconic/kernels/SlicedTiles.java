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
import static dev.laconic.kernels.Panels.ROWS;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of matrix products with many tokens. An output is what {@link MatmulTiles} make of it, bit for bit: L sums, of
 * which sum l takes elements l, l + L, l + 2L ... in this order, then the sum of these. But a lane is a row of a panel here, and
 * sum l of all outputs is computed before sum l + 1: slice l of weights has elements l, l + L ... of all rows of a panel, those
 * of an element beside each other, and slice l of activations those of one token after the other. So an activation is broadcast,
 * which takes a single load of a single line of the cache, wherever the array begins, and two vectors of weights serve twelve
 * tokens.
 */
final class SlicedTiles {
    /** Tokens whose number is a multiple of this are computed together. */
    static final int TOKENS = 4;

    /** Whether there are registers for 24 sums. */
    private static final boolean WIDE = L != 8;

    private static final float[] ZEROS = new float[24 * L];

    private SlicedTiles() {}

    /** {@code target[to + c * step + r] = source[from + r * stride + c]} for r and c below L. */
    static void transpose(float[] source, int from, int stride, float[] target, int to, int step) {
        for (int i = 0; i < L / 4; i++) {
            int at = from + i * stride;
            FloatVector a = FloatVector.fromArray(F, source, at);
            FloatVector b = FloatVector.fromArray(F, source, at + L / 4 * stride);
            FloatVector c = FloatVector.fromArray(F, source, at + L / 2 * stride);
            FloatVector d = FloatVector.fromArray(F, source, at + 3 * L / 4 * stride);
            FloatVector t;
            t = c.blend(a, HALF).rearrange(SWAP_HALF);
            a = a.blend(t, HALF);
            c = t.blend(c, HALF);
            t = d.blend(b, HALF).rearrange(SWAP_HALF);
            b = b.blend(t, HALF);
            d = t.blend(d, HALF);
            t = b.blend(a, QUARTER).rearrange(SWAP_QUARTER);
            a = a.blend(t, QUARTER);
            b = t.blend(b, QUARTER);
            t = d.blend(c, QUARTER).rearrange(SWAP_QUARTER);
            c = c.blend(t, QUARTER);
            d = t.blend(d, QUARTER);
            int y = to + i * step;
            a.intoArray(target, y);
            b.intoArray(target, y + L / 4 * step);
            c.intoArray(target, y + L / 2 * step);
            d.intoArray(target, y + 3 * L / 4 * step);
        }
        if (L == 8) pairs(target, to, step);
        if (L == 16) fours(target, to, step);
    }

    private static void pairs(float[] y, int y0, int step) {
        for (int i = 0; i < L; i += 2) {
            FloatVector a = FloatVector.fromArray(F, y, y0 + i * step);
            FloatVector b = FloatVector.fromArray(F, y, y0 + i * step + step);
            FloatVector t = b.blend(a, EIGHTH).rearrange(SWAP_EIGHTH);
            a.blend(t, EIGHTH).intoArray(y, y0 + i * step);
            t.blend(b, EIGHTH).intoArray(y, y0 + i * step + step);
        }
    }

    private static void fours(float[] y, int y0, int step) {
        for (int i = 0; i < L; i += 4) {
            int at = y0 + i * step;
            FloatVector a = FloatVector.fromArray(F, y, at);
            FloatVector b = FloatVector.fromArray(F, y, at + step);
            FloatVector c = FloatVector.fromArray(F, y, at + 2 * step);
            FloatVector d = FloatVector.fromArray(F, y, at + 3 * step);
            FloatVector t;
            t = c.blend(a, EIGHTH).rearrange(SWAP_EIGHTH);
            a = a.blend(t, EIGHTH);
            c = t.blend(c, EIGHTH);
            t = d.blend(b, EIGHTH).rearrange(SWAP_EIGHTH);
            b = b.blend(t, EIGHTH);
            d = t.blend(d, EIGHTH);
            t = b.blend(a, SIXTEENTH).rearrange(SWAP_SIXTEENTH);
            a = a.blend(t, SIXTEENTH);
            b = t.blend(b, SIXTEENTH);
            t = d.blend(c, SIXTEENTH).rearrange(SWAP_SIXTEENTH);
            c = c.blend(t, SIXTEENTH);
            d = t.blend(d, SIXTEENTH);
            a.intoArray(y, at);
            b.intoArray(y, at + step);
            c.intoArray(y, at + 2 * step);
            d.intoArray(y, at + 3 * step);
        }
    }

    /**
     * Adds products with a slice to one sum of the outputs of {@code tokens} tokens, a multiple of {@link #TOKENS}, or begins it.
     *
     * @param stride the distance of tokens in the slice of activations
     * @param y a row of a panel after the other, for a token after the other
     */
    static void multiply(
            float[] w, int w0, int steps, float[] x, int x0, int stride, int tokens, boolean begin, float[] y, int y0) {
        int t = 0;
        if (WIDE)
            for (; t <= tokens - 12; t += 12) {
                int at = y0 + t * ROWS;
                tile12(w, w0, steps, x, x0 + t * stride, stride, begin ? ZEROS : y, begin ? 0 : at, y, at);
            }
        for (; t < tokens; t += 4) {
            int at = y0 + t * ROWS;
            tile4(w, w0, steps, x, x0 + t * stride, stride, begin ? ZEROS : y, begin ? 0 : at, y, at);
        }
    }

    /** Adds L sums of each of {@code outputs} outputs into the first ones, as {@link Lanes#sum} does. */
    static void reduce(float[] sums, int outputs) {
        for (int i = 0; i < L / 4 * outputs; i += L)
            FloatVector.fromArray(F, sums, i)
                    .add(FloatVector.fromArray(F, sums, i + L / 2 * outputs))
                    .add(FloatVector.fromArray(F, sums, i + L / 4 * outputs)
                            .add(FloatVector.fromArray(F, sums, i + 3 * L / 4 * outputs)))
                    .intoArray(sums, i);
        for (int i = 0; L == 8 && i < outputs; i += L)
            FloatVector.fromArray(F, sums, i).add(FloatVector.fromArray(F, sums, i + outputs)).intoArray(sums, i);
        for (int i = 0; L == 16 && i < outputs; i += L)
            FloatVector.fromArray(F, sums, i)
                    .add(FloatVector.fromArray(F, sums, i + 2 * outputs))
                    .add(FloatVector.fromArray(F, sums, i + outputs).add(FloatVector.fromArray(F, sums, i + 3 * outputs)))
                    .intoArray(sums, i);
    }

    private static void tile12(
            float[] w, int w0, int steps, float[] x, int x0, int stride, float[] from, int f0, float[] y, int y0) {
        FloatVector a0 = FloatVector.fromArray(F, from, f0);
        FloatVector b0 = FloatVector.fromArray(F, from, f0 + L);
        FloatVector a1 = FloatVector.fromArray(F, from, f0 + 2 * L);
        FloatVector b1 = FloatVector.fromArray(F, from, f0 + 3 * L);
        FloatVector a2 = FloatVector.fromArray(F, from, f0 + 4 * L);
        FloatVector b2 = FloatVector.fromArray(F, from, f0 + 5 * L);
        FloatVector a3 = FloatVector.fromArray(F, from, f0 + 6 * L);
        FloatVector b3 = FloatVector.fromArray(F, from, f0 + 7 * L);
        FloatVector a4 = FloatVector.fromArray(F, from, f0 + 8 * L);
        FloatVector b4 = FloatVector.fromArray(F, from, f0 + 9 * L);
        FloatVector a5 = FloatVector.fromArray(F, from, f0 + 10 * L);
        FloatVector b5 = FloatVector.fromArray(F, from, f0 + 11 * L);
        FloatVector a6 = FloatVector.fromArray(F, from, f0 + 12 * L);
        FloatVector b6 = FloatVector.fromArray(F, from, f0 + 13 * L);
        FloatVector a7 = FloatVector.fromArray(F, from, f0 + 14 * L);
        FloatVector b7 = FloatVector.fromArray(F, from, f0 + 15 * L);
        FloatVector a8 = FloatVector.fromArray(F, from, f0 + 16 * L);
        FloatVector b8 = FloatVector.fromArray(F, from, f0 + 17 * L);
        FloatVector a9 = FloatVector.fromArray(F, from, f0 + 18 * L);
        FloatVector b9 = FloatVector.fromArray(F, from, f0 + 19 * L);
        FloatVector a10 = FloatVector.fromArray(F, from, f0 + 20 * L);
        FloatVector b10 = FloatVector.fromArray(F, from, f0 + 21 * L);
        FloatVector a11 = FloatVector.fromArray(F, from, f0 + 22 * L);
        FloatVector b11 = FloatVector.fromArray(F, from, f0 + 23 * L);
        for (int j = 0; j < steps; j++) {
            FloatVector low = FloatVector.fromArray(F, w, w0 + ROWS * j);
            FloatVector high = FloatVector.fromArray(F, w, w0 + ROWS * j + L);
            FloatVector u;
            u = FloatVector.broadcast(F, x[x0 + j]);
            a0 = low.fma(u, a0);
            b0 = high.fma(u, b0);
            u = FloatVector.broadcast(F, x[x0 + stride + j]);
            a1 = low.fma(u, a1);
            b1 = high.fma(u, b1);
            u = FloatVector.broadcast(F, x[x0 + 2 * stride + j]);
            a2 = low.fma(u, a2);
            b2 = high.fma(u, b2);
            u = FloatVector.broadcast(F, x[x0 + 3 * stride + j]);
            a3 = low.fma(u, a3);
            b3 = high.fma(u, b3);
            u = FloatVector.broadcast(F, x[x0 + 4 * stride + j]);
            a4 = low.fma(u, a4);
            b4 = high.fma(u, b4);
            u = FloatVector.broadcast(F, x[x0 + 5 * stride + j]);
            a5 = low.fma(u, a5);
            b5 = high.fma(u, b5);
            u = FloatVector.broadcast(F, x[x0 + 6 * stride + j]);
            a6 = low.fma(u, a6);
            b6 = high.fma(u, b6);
            u = FloatVector.broadcast(F, x[x0 + 7 * stride + j]);
            a7 = low.fma(u, a7);
            b7 = high.fma(u, b7);
            u = FloatVector.broadcast(F, x[x0 + 8 * stride + j]);
            a8 = low.fma(u, a8);
            b8 = high.fma(u, b8);
            u = FloatVector.broadcast(F, x[x0 + 9 * stride + j]);
            a9 = low.fma(u, a9);
            b9 = high.fma(u, b9);
            u = FloatVector.broadcast(F, x[x0 + 10 * stride + j]);
            a10 = low.fma(u, a10);
            b10 = high.fma(u, b10);
            u = FloatVector.broadcast(F, x[x0 + 11 * stride + j]);
            a11 = low.fma(u, a11);
            b11 = high.fma(u, b11);
        }
        a0.intoArray(y, y0);
        b0.intoArray(y, y0 + L);
        a1.intoArray(y, y0 + 2 * L);
        b1.intoArray(y, y0 + 3 * L);
        a2.intoArray(y, y0 + 4 * L);
        b2.intoArray(y, y0 + 5 * L);
        a3.intoArray(y, y0 + 6 * L);
        b3.intoArray(y, y0 + 7 * L);
        a4.intoArray(y, y0 + 8 * L);
        b4.intoArray(y, y0 + 9 * L);
        a5.intoArray(y, y0 + 10 * L);
        b5.intoArray(y, y0 + 11 * L);
        a6.intoArray(y, y0 + 12 * L);
        b6.intoArray(y, y0 + 13 * L);
        a7.intoArray(y, y0 + 14 * L);
        b7.intoArray(y, y0 + 15 * L);
        a8.intoArray(y, y0 + 16 * L);
        b8.intoArray(y, y0 + 17 * L);
        a9.intoArray(y, y0 + 18 * L);
        b9.intoArray(y, y0 + 19 * L);
        a10.intoArray(y, y0 + 20 * L);
        b10.intoArray(y, y0 + 21 * L);
        a11.intoArray(y, y0 + 22 * L);
        b11.intoArray(y, y0 + 23 * L);
    }

    private static void tile4(
            float[] w, int w0, int steps, float[] x, int x0, int stride, float[] from, int f0, float[] y, int y0) {
        FloatVector a0 = FloatVector.fromArray(F, from, f0);
        FloatVector b0 = FloatVector.fromArray(F, from, f0 + L);
        FloatVector a1 = FloatVector.fromArray(F, from, f0 + 2 * L);
        FloatVector b1 = FloatVector.fromArray(F, from, f0 + 3 * L);
        FloatVector a2 = FloatVector.fromArray(F, from, f0 + 4 * L);
        FloatVector b2 = FloatVector.fromArray(F, from, f0 + 5 * L);
        FloatVector a3 = FloatVector.fromArray(F, from, f0 + 6 * L);
        FloatVector b3 = FloatVector.fromArray(F, from, f0 + 7 * L);
        for (int j = 0; j < steps; j++) {
            FloatVector low = FloatVector.fromArray(F, w, w0 + ROWS * j);
            FloatVector high = FloatVector.fromArray(F, w, w0 + ROWS * j + L);
            FloatVector u;
            u = FloatVector.broadcast(F, x[x0 + j]);
            a0 = low.fma(u, a0);
            b0 = high.fma(u, b0);
            u = FloatVector.broadcast(F, x[x0 + stride + j]);
            a1 = low.fma(u, a1);
            b1 = high.fma(u, b1);
            u = FloatVector.broadcast(F, x[x0 + 2 * stride + j]);
            a2 = low.fma(u, a2);
            b2 = high.fma(u, b2);
            u = FloatVector.broadcast(F, x[x0 + 3 * stride + j]);
            a3 = low.fma(u, a3);
            b3 = high.fma(u, b3);
        }
        a0.intoArray(y, y0);
        b0.intoArray(y, y0 + L);
        a1.intoArray(y, y0 + 2 * L);
        b1.intoArray(y, y0 + 3 * L);
        a2.intoArray(y, y0 + 4 * L);
        b2.intoArray(y, y0 + 5 * L);
        a3.intoArray(y, y0 + 6 * L);
        b3.intoArray(y, y0 + 7 * L);
    }
}
