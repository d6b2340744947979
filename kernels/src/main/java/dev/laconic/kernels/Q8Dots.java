package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.I;
import static dev.laconic.kernels.Lanes.L;
import static dev.laconic.kernels.Lanes.LE;
import static dev.laconic.kernels.Lanes.NARROW;
import static dev.laconic.kernels.Panels.ROWS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Products of {@link Q8Panels} with activations in float32, a lane for each row: the products of a block's 32 quants are added
 * up in order, and {@code y = fma(sum, scale, y)}, block after block, whether one token is computed or twelve. An activation is
 * broadcast: that takes a single load of a single line of the cache, wherever the array begins, where a vector of 64 bytes may
 * lie on two. What takes or gives vectors is written out, as in {@link VectorBlockDots}.
 */
final class Q8Dots {
    /** Tokens whose number is a multiple of this are computed together. */
    static final int TOKENS = 4;

    /** Columns that are taken apart at once, and the distance of tokens in activations. */
    static final int COLUMNS = 128;

    /** Whether there are registers for 24 sums. */
    private static final boolean WIDE = L != 8;

    /** Sign, and exponent and fraction of an f16 number three bits further down. */
    private static final int HALF = 0x8FFFE000;

    private static final float UP = 0x1p112f;
    private static final float DOWN = 0x1p-112f;

    private Q8Dots() {}

    /**
     * {@code sums[i * ROWS + r]} = row r of the panel at the i-th of four addresses, times a token. The panels lie far apart:
     * the processor reads four streams ahead of where one is waited for.
     */
    static void one(
            MemorySegment s, long a, long b, long c, long d, int blocks, float[] x, int xOffset, float[] sums) {
        Lanes.requireNative(s.isNative());
        FloatVector lowA = FloatVector.zero(F);
        FloatVector highA = lowA;
        FloatVector yLowA = lowA;
        FloatVector yHighA = lowA;
        FloatVector lowB = lowA;
        FloatVector highB = lowA;
        FloatVector yLowB = lowA;
        FloatVector yHighB = lowA;
        FloatVector lowC = lowA;
        FloatVector highC = lowA;
        FloatVector yLowC = lowA;
        FloatVector yHighC = lowA;
        FloatVector lowD = lowA;
        FloatVector highD = lowA;
        FloatVector yLowD = lowA;
        FloatVector yHighD = lowA;
        int columns = 32 * blocks;
        for (int i = 0; i < columns; i++) {
            long at = (long) ROWS * (i + 2 * (i >> 5));
            FloatVector u = FloatVector.broadcast(F, x[xOffset + i]);
            lowA = ((FloatVector) ByteVector.fromMemorySegment(NARROW, s, a + at, LE).convertShape(B2F, F, 0))
                    .fma(u, lowA);
            highA = ((FloatVector) ByteVector.fromMemorySegment(NARROW, s, a + at + L, LE).convertShape(B2F, F, 0))
                    .fma(u, highA);
            lowB = ((FloatVector) ByteVector.fromMemorySegment(NARROW, s, b + at, LE).convertShape(B2F, F, 0))
                    .fma(u, lowB);
            highB = ((FloatVector) ByteVector.fromMemorySegment(NARROW, s, b + at + L, LE).convertShape(B2F, F, 0))
                    .fma(u, highB);
            lowC = ((FloatVector) ByteVector.fromMemorySegment(NARROW, s, c + at, LE).convertShape(B2F, F, 0))
                    .fma(u, lowC);
            highC = ((FloatVector) ByteVector.fromMemorySegment(NARROW, s, c + at + L, LE).convertShape(B2F, F, 0))
                    .fma(u, highC);
            lowD = ((FloatVector) ByteVector.fromMemorySegment(NARROW, s, d + at, LE).convertShape(B2F, F, 0))
                    .fma(u, lowD);
            highD = ((FloatVector) ByteVector.fromMemorySegment(NARROW, s, d + at + L, LE).convertShape(B2F, F, 0))
                    .fma(u, highD);
            if ((i & 31) == 31) {
                long head = at + ROWS;
                IntVector half;
                FloatVector scale;
                half = IntVector.fromMemorySegment(I, s, a + head, LE);
                scale = half.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
                yLowA = lowA.fma(scale.mul(UP).mul(UP).mul(DOWN), yLowA);
                scale = half.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
                yHighA = highA.fma(scale.mul(UP).mul(UP).mul(DOWN), yHighA);
                lowA = FloatVector.zero(F);
                highA = FloatVector.zero(F);
                half = IntVector.fromMemorySegment(I, s, b + head, LE);
                scale = half.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
                yLowB = lowB.fma(scale.mul(UP).mul(UP).mul(DOWN), yLowB);
                scale = half.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
                yHighB = highB.fma(scale.mul(UP).mul(UP).mul(DOWN), yHighB);
                lowB = FloatVector.zero(F);
                highB = FloatVector.zero(F);
                half = IntVector.fromMemorySegment(I, s, c + head, LE);
                scale = half.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
                yLowC = lowC.fma(scale.mul(UP).mul(UP).mul(DOWN), yLowC);
                scale = half.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
                yHighC = highC.fma(scale.mul(UP).mul(UP).mul(DOWN), yHighC);
                lowC = FloatVector.zero(F);
                highC = FloatVector.zero(F);
                half = IntVector.fromMemorySegment(I, s, d + head, LE);
                scale = half.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
                yLowD = lowD.fma(scale.mul(UP).mul(UP).mul(DOWN), yLowD);
                scale = half.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
                yHighD = highD.fma(scale.mul(UP).mul(UP).mul(DOWN), yHighD);
                lowD = FloatVector.zero(F);
                highD = FloatVector.zero(F);
            }
        }
        yLowA.intoArray(sums, 0);
        yHighA.intoArray(sums, L);
        yLowB.intoArray(sums, 2 * L);
        yHighB.intoArray(sums, 3 * L);
        yLowC.intoArray(sums, 4 * L);
        yHighC.intoArray(sums, 5 * L);
        yLowD.intoArray(sums, 6 * L);
        yHighD.intoArray(sums, 7 * L);
    }

    /** Takes some blocks apart: quants by columns, and a scale for each row of a block. */
    static void decode(MemorySegment s, long at, int blocks, float[] w, float[] d) {
        Lanes.requireNative(s.isNative());
        for (int i = 0; i < 32 * blocks; i++) {
            long from = at + (long) ROWS * (i + 2 * (i >> 5));
            Lanes.signed(s, from).intoArray(w, ROWS * i);
            Lanes.signed(s, from + L).intoArray(w, ROWS * i + L);
        }
        for (int b = 0; b < blocks; b++) {
            IntVector half = IntVector.fromMemorySegment(I, s, at + 32L * ROWS + (long) Q8Panels.BLOCK * b, LE);
            scales(half.lanewise(LSHL, 16)).intoArray(d, ROWS * b);
            scales(half).intoArray(d, ROWS * b + L);
        }
    }

    /** The f16 numbers in the upper halves; what is no number becomes infinite. */
    private static FloatVector scales(IntVector half) {
        return half.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(UP).mul(UP).mul(DOWN);
    }

    /**
     * Adds products of some blocks, taken apart, to outputs of {@code tokens} tokens, a multiple of {@link #TOKENS}.
     *
     * @param x0 where the first token's activations are; the next one's are {@link #COLUMNS} further on
     */
    static void multiply(float[] w, float[] d, int blocks, float[] x, int x0, int tokens, float[] y, int y0) {
        int t = 0;
        if (WIDE)
            for (; t <= tokens - 12; t += 12)
                for (int b = 0; b < blocks; b++)
                    tile12(w, 32 * ROWS * b, d, ROWS * b, x, x0 + t * COLUMNS + 32 * b, y, y0 + t * ROWS);
        for (; t < tokens; t += 4)
            for (int b = 0; b < blocks; b++)
                tile4(w, 32 * ROWS * b, d, ROWS * b, x, x0 + t * COLUMNS + 32 * b, y, y0 + t * ROWS);
    }

    private static void tile12(float[] w, int w0, float[] d, int d0, float[] x, int x0, float[] y, int y0) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector b0 = a0;
        FloatVector a1 = a0;
        FloatVector b1 = a0;
        FloatVector a2 = a0;
        FloatVector b2 = a0;
        FloatVector a3 = a0;
        FloatVector b3 = a0;
        FloatVector a4 = a0;
        FloatVector b4 = a0;
        FloatVector a5 = a0;
        FloatVector b5 = a0;
        FloatVector a6 = a0;
        FloatVector b6 = a0;
        FloatVector a7 = a0;
        FloatVector b7 = a0;
        FloatVector a8 = a0;
        FloatVector b8 = a0;
        FloatVector a9 = a0;
        FloatVector b9 = a0;
        FloatVector a10 = a0;
        FloatVector b10 = a0;
        FloatVector a11 = a0;
        FloatVector b11 = a0;
        for (int k = 0; k < 32; k++) {
            FloatVector low = FloatVector.fromArray(F, w, w0 + ROWS * k);
            FloatVector high = FloatVector.fromArray(F, w, w0 + ROWS * k + L);
            FloatVector u;
            u = FloatVector.broadcast(F, x[x0 + k]);
            a0 = low.fma(u, a0);
            b0 = high.fma(u, b0);
            u = FloatVector.broadcast(F, x[x0 + COLUMNS + k]);
            a1 = low.fma(u, a1);
            b1 = high.fma(u, b1);
            u = FloatVector.broadcast(F, x[x0 + 2 * COLUMNS + k]);
            a2 = low.fma(u, a2);
            b2 = high.fma(u, b2);
            u = FloatVector.broadcast(F, x[x0 + 3 * COLUMNS + k]);
            a3 = low.fma(u, a3);
            b3 = high.fma(u, b3);
            u = FloatVector.broadcast(F, x[x0 + 4 * COLUMNS + k]);
            a4 = low.fma(u, a4);
            b4 = high.fma(u, b4);
            u = FloatVector.broadcast(F, x[x0 + 5 * COLUMNS + k]);
            a5 = low.fma(u, a5);
            b5 = high.fma(u, b5);
            u = FloatVector.broadcast(F, x[x0 + 6 * COLUMNS + k]);
            a6 = low.fma(u, a6);
            b6 = high.fma(u, b6);
            u = FloatVector.broadcast(F, x[x0 + 7 * COLUMNS + k]);
            a7 = low.fma(u, a7);
            b7 = high.fma(u, b7);
            u = FloatVector.broadcast(F, x[x0 + 8 * COLUMNS + k]);
            a8 = low.fma(u, a8);
            b8 = high.fma(u, b8);
            u = FloatVector.broadcast(F, x[x0 + 9 * COLUMNS + k]);
            a9 = low.fma(u, a9);
            b9 = high.fma(u, b9);
            u = FloatVector.broadcast(F, x[x0 + 10 * COLUMNS + k]);
            a10 = low.fma(u, a10);
            b10 = high.fma(u, b10);
            u = FloatVector.broadcast(F, x[x0 + 11 * COLUMNS + k]);
            a11 = low.fma(u, a11);
            b11 = high.fma(u, b11);
        }
        FloatVector dA = FloatVector.fromArray(F, d, d0);
        FloatVector dB = FloatVector.fromArray(F, d, d0 + L);
        a0.fma(dA, FloatVector.fromArray(F, y, y0)).intoArray(y, y0);
        b0.fma(dB, FloatVector.fromArray(F, y, y0 + L)).intoArray(y, y0 + L);
        a1.fma(dA, FloatVector.fromArray(F, y, y0 + 2 * L)).intoArray(y, y0 + 2 * L);
        b1.fma(dB, FloatVector.fromArray(F, y, y0 + 3 * L)).intoArray(y, y0 + 3 * L);
        a2.fma(dA, FloatVector.fromArray(F, y, y0 + 4 * L)).intoArray(y, y0 + 4 * L);
        b2.fma(dB, FloatVector.fromArray(F, y, y0 + 5 * L)).intoArray(y, y0 + 5 * L);
        a3.fma(dA, FloatVector.fromArray(F, y, y0 + 6 * L)).intoArray(y, y0 + 6 * L);
        b3.fma(dB, FloatVector.fromArray(F, y, y0 + 7 * L)).intoArray(y, y0 + 7 * L);
        a4.fma(dA, FloatVector.fromArray(F, y, y0 + 8 * L)).intoArray(y, y0 + 8 * L);
        b4.fma(dB, FloatVector.fromArray(F, y, y0 + 9 * L)).intoArray(y, y0 + 9 * L);
        a5.fma(dA, FloatVector.fromArray(F, y, y0 + 10 * L)).intoArray(y, y0 + 10 * L);
        b5.fma(dB, FloatVector.fromArray(F, y, y0 + 11 * L)).intoArray(y, y0 + 11 * L);
        a6.fma(dA, FloatVector.fromArray(F, y, y0 + 12 * L)).intoArray(y, y0 + 12 * L);
        b6.fma(dB, FloatVector.fromArray(F, y, y0 + 13 * L)).intoArray(y, y0 + 13 * L);
        a7.fma(dA, FloatVector.fromArray(F, y, y0 + 14 * L)).intoArray(y, y0 + 14 * L);
        b7.fma(dB, FloatVector.fromArray(F, y, y0 + 15 * L)).intoArray(y, y0 + 15 * L);
        a8.fma(dA, FloatVector.fromArray(F, y, y0 + 16 * L)).intoArray(y, y0 + 16 * L);
        b8.fma(dB, FloatVector.fromArray(F, y, y0 + 17 * L)).intoArray(y, y0 + 17 * L);
        a9.fma(dA, FloatVector.fromArray(F, y, y0 + 18 * L)).intoArray(y, y0 + 18 * L);
        b9.fma(dB, FloatVector.fromArray(F, y, y0 + 19 * L)).intoArray(y, y0 + 19 * L);
        a10.fma(dA, FloatVector.fromArray(F, y, y0 + 20 * L)).intoArray(y, y0 + 20 * L);
        b10.fma(dB, FloatVector.fromArray(F, y, y0 + 21 * L)).intoArray(y, y0 + 21 * L);
        a11.fma(dA, FloatVector.fromArray(F, y, y0 + 22 * L)).intoArray(y, y0 + 22 * L);
        b11.fma(dB, FloatVector.fromArray(F, y, y0 + 23 * L)).intoArray(y, y0 + 23 * L);
    }

    private static void tile4(float[] w, int w0, float[] d, int d0, float[] x, int x0, float[] y, int y0) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector b0 = a0;
        FloatVector a1 = a0;
        FloatVector b1 = a0;
        FloatVector a2 = a0;
        FloatVector b2 = a0;
        FloatVector a3 = a0;
        FloatVector b3 = a0;
        for (int k = 0; k < 32; k++) {
            FloatVector low = FloatVector.fromArray(F, w, w0 + ROWS * k);
            FloatVector high = FloatVector.fromArray(F, w, w0 + ROWS * k + L);
            FloatVector u;
            u = FloatVector.broadcast(F, x[x0 + k]);
            a0 = low.fma(u, a0);
            b0 = high.fma(u, b0);
            u = FloatVector.broadcast(F, x[x0 + COLUMNS + k]);
            a1 = low.fma(u, a1);
            b1 = high.fma(u, b1);
            u = FloatVector.broadcast(F, x[x0 + 2 * COLUMNS + k]);
            a2 = low.fma(u, a2);
            b2 = high.fma(u, b2);
            u = FloatVector.broadcast(F, x[x0 + 3 * COLUMNS + k]);
            a3 = low.fma(u, a3);
            b3 = high.fma(u, b3);
        }
        FloatVector dA = FloatVector.fromArray(F, d, d0);
        FloatVector dB = FloatVector.fromArray(F, d, d0 + L);
        a0.fma(dA, FloatVector.fromArray(F, y, y0)).intoArray(y, y0);
        b0.fma(dB, FloatVector.fromArray(F, y, y0 + L)).intoArray(y, y0 + L);
        a1.fma(dA, FloatVector.fromArray(F, y, y0 + 2 * L)).intoArray(y, y0 + 2 * L);
        b1.fma(dB, FloatVector.fromArray(F, y, y0 + 3 * L)).intoArray(y, y0 + 3 * L);
        a2.fma(dA, FloatVector.fromArray(F, y, y0 + 4 * L)).intoArray(y, y0 + 4 * L);
        b2.fma(dB, FloatVector.fromArray(F, y, y0 + 5 * L)).intoArray(y, y0 + 5 * L);
        a3.fma(dA, FloatVector.fromArray(F, y, y0 + 6 * L)).intoArray(y, y0 + 6 * L);
        b3.fma(dB, FloatVector.fromArray(F, y, y0 + 7 * L)).intoArray(y, y0 + 7 * L);
    }
}
