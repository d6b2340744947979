package dev.laconic.kernels;

import static dev.laconic.kernels.Int16Panels.BLOCK;
import static dev.laconic.kernels.Int16Panels.VECTOR;
import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.I;
import static dev.laconic.kernels.Lanes.L;
import static dev.laconic.kernels.Lanes.LE;
import static dev.laconic.kernels.Panels.ROWS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of {@link Int16Panels} with {@link Int16Activations} in lanes of 16 bits: {@code sum((n - 8) x)} over a block of 32
 * columns, n in [0, 15] and x in [-127, 127], is at most 32,512 in magnitude, so that it is right modulo 2^16 whatever the sums on
 * the way to it. A row's sums of blocks are scaled and added in float32, block after block, whether one token is computed or
 * four: {@code y = fma(sum, d * 2^112 * (2^-112 * scale), y)}. A scale d is read as the bits of d * 2^-112 and made
 * d * 2^112, which is infinite where d is not a number.
 *
 * <p>Each loop counts groups of four columns, over all blocks, and does what ends a block in a branch: another loop around it
 * would check addresses anew for each block. An activation is broadcast as 32 bits, which are loaded into all lanes where 16
 * would take an operation, and meets two panels or more, since the compiler takes one that is used once through a register.
 * What takes or gives vectors is written out, as in {@link VectorBlockDots}.
 */
final class Int16Dots {
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class, F.vectorShape());

    /** Sign, and exponent and fraction of an f16 number three bits further down. */
    private static final int HALF = 0x8FFFE000;

    private static final float TOP = 0x1p112f;
    private static final float DOWN = 0x1p-112f;

    private Int16Dots() {}

    /**
     * {@code sums[i * ROWS + r]} = row r of the panel at the i-th of four addresses, times a token. The panels lie far apart:
     * the processor reads four streams ahead of where one is waited for.
     */
    static void one(
            MemorySegment s, long a, long b, long c, long d, int blocks, Int16Activations x, int token, float[] sums) {
        one(s, a, b, c, d, 8 * blocks, x.quants, x.quant(token), x.starts, x.scales, x.block(token), sums);
    }

    private static void one(
            MemorySegment s, long a, long b, long c, long d, int groups,
            int[] x, int xOffset, int[] starts, float[] scales, int block, float[] sums) {
        Lanes.requireNative(s.isNative());
        ShortVector sA = ShortVector.zero(S);
        ShortVector sB = sA;
        ShortVector sC = sA;
        ShortVector sD = sA;
        FloatVector lowA = FloatVector.zero(F);
        FloatVector highA = lowA;
        FloatVector lowB = lowA;
        FloatVector highB = lowA;
        FloatVector lowC = lowA;
        FloatVector highC = lowA;
        FloatVector lowD = lowA;
        FloatVector highD = lowA;
        for (int i = 0; i < groups; i++) {
            long at = VECTOR * (i + (i >> 3) + 1L);
            ShortVector u0 = IntVector.broadcast(I, x[xOffset + 4 * i]).reinterpretAsShorts();
            ShortVector u1 = IntVector.broadcast(I, x[xOffset + 4 * i + 1]).reinterpretAsShorts();
            ShortVector u2 = IntVector.broadcast(I, x[xOffset + 4 * i + 2]).reinterpretAsShorts();
            ShortVector u3 = IntVector.broadcast(I, x[xOffset + 4 * i + 3]).reinterpretAsShorts();
            ShortVector v;
            v = ShortVector.fromMemorySegment(S, s, a + at, LE);
            sA = sA.add(v.and((short) 15).mul(u0));
            sA = sA.add(v.lanewise(LSHR, 4).and((short) 15).mul(u1));
            sA = sA.add(v.lanewise(LSHR, 8).and((short) 15).mul(u2));
            sA = sA.add(v.lanewise(LSHR, 12).mul(u3));
            v = ShortVector.fromMemorySegment(S, s, b + at, LE);
            sB = sB.add(v.and((short) 15).mul(u0));
            sB = sB.add(v.lanewise(LSHR, 4).and((short) 15).mul(u1));
            sB = sB.add(v.lanewise(LSHR, 8).and((short) 15).mul(u2));
            sB = sB.add(v.lanewise(LSHR, 12).mul(u3));
            v = ShortVector.fromMemorySegment(S, s, c + at, LE);
            sC = sC.add(v.and((short) 15).mul(u0));
            sC = sC.add(v.lanewise(LSHR, 4).and((short) 15).mul(u1));
            sC = sC.add(v.lanewise(LSHR, 8).and((short) 15).mul(u2));
            sC = sC.add(v.lanewise(LSHR, 12).mul(u3));
            v = ShortVector.fromMemorySegment(S, s, d + at, LE);
            sD = sD.add(v.and((short) 15).mul(u0));
            sD = sD.add(v.lanewise(LSHR, 4).and((short) 15).mul(u1));
            sD = sD.add(v.lanewise(LSHR, 8).and((short) 15).mul(u2));
            sD = sD.add(v.lanewise(LSHR, 12).mul(u3));
            if ((i & 7) == 7) {
                int k = block + (i >> 3);
                ShortVector start = IntVector.broadcast(I, starts[k]).reinterpretAsShorts();
                FloatVector scale = FloatVector.broadcast(F, scales[k]);
                long head = at - 8 * VECTOR;
                IntVector sum, half;
                FloatVector even, odd;
                half = IntVector.fromMemorySegment(I, s, a + head, LE);
                even = half.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(TOP).mul(TOP);
                odd = half.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(TOP).mul(TOP);
                sum = sA.add(start).reinterpretAsInts();
                sA = ShortVector.zero(S);
                lowA = ((FloatVector) sum.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(even.mul(scale), lowA);
                highA = ((FloatVector) sum.lanewise(ASHR, 16).convertShape(I2F, F, 0)).fma(odd.mul(scale), highA);
                half = IntVector.fromMemorySegment(I, s, b + head, LE);
                even = half.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(TOP).mul(TOP);
                odd = half.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(TOP).mul(TOP);
                sum = sB.add(start).reinterpretAsInts();
                sB = ShortVector.zero(S);
                lowB = ((FloatVector) sum.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(even.mul(scale), lowB);
                highB = ((FloatVector) sum.lanewise(ASHR, 16).convertShape(I2F, F, 0)).fma(odd.mul(scale), highB);
                half = IntVector.fromMemorySegment(I, s, c + head, LE);
                even = half.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(TOP).mul(TOP);
                odd = half.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(TOP).mul(TOP);
                sum = sC.add(start).reinterpretAsInts();
                sC = ShortVector.zero(S);
                lowC = ((FloatVector) sum.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(even.mul(scale), lowC);
                highC = ((FloatVector) sum.lanewise(ASHR, 16).convertShape(I2F, F, 0)).fma(odd.mul(scale), highC);
                half = IntVector.fromMemorySegment(I, s, d + head, LE);
                even = half.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(TOP).mul(TOP);
                odd = half.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(TOP).mul(TOP);
                sum = sD.add(start).reinterpretAsInts();
                sD = ShortVector.zero(S);
                lowD = ((FloatVector) sum.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(even.mul(scale), lowD);
                highD = ((FloatVector) sum.lanewise(ASHR, 16).convertShape(I2F, F, 0)).fma(odd.mul(scale), highD);
            }
        }
        lowA.intoArray(sums, 0);
        highA.intoArray(sums, L);
        lowB.intoArray(sums, 2 * L);
        highB.intoArray(sums, 3 * L);
        lowC.intoArray(sums, 4 * L);
        highC.intoArray(sums, 5 * L);
        lowD.intoArray(sums, 6 * L);
        highD.intoArray(sums, 7 * L);
    }

    /**
     * The same for some blocks of weights in Q4_K, whose heads {@link #factors} has read, added to {@code sums}.
     *
     * @param first the block at the four addresses
     * @param f factors of the four panels, {@code stride} apart
     */
    static void one(
            MemorySegment s, long a, long b, long c, long d, int first, int blocks, Int16Activations x, int token,
            float[] f, int stride, float[] sums) {
        one(s, a, b, c, d, 8 * blocks, x.quants, x.quant(token) + 32 * first, x.starts, x.scales, x.totals,
                x.block(token) + first, f, stride, sums);
    }

    private static void one(
            MemorySegment s, long a, long b, long c, long d, int groups, int[] x, int xOffset,
            int[] starts, float[] scales, float[] totals, int block, float[] f, int stride, float[] sums) {
        Lanes.requireNative(s.isNative());
        ShortVector sA = ShortVector.zero(S);
        ShortVector sB = sA;
        ShortVector sC = sA;
        ShortVector sD = sA;
        FloatVector lowA = FloatVector.fromArray(F, sums, 0);
        FloatVector highA = FloatVector.fromArray(F, sums, L);
        FloatVector lowB = FloatVector.fromArray(F, sums, 2 * L);
        FloatVector highB = FloatVector.fromArray(F, sums, 3 * L);
        FloatVector lowC = FloatVector.fromArray(F, sums, 4 * L);
        FloatVector highC = FloatVector.fromArray(F, sums, 5 * L);
        FloatVector lowD = FloatVector.fromArray(F, sums, 6 * L);
        FloatVector highD = FloatVector.fromArray(F, sums, 7 * L);
        for (int i = 0; i < groups; i++) {
            long at = VECTOR * (i + (i >> 3) + 1L);
            ShortVector u0 = IntVector.broadcast(I, x[xOffset + 4 * i]).reinterpretAsShorts();
            ShortVector u1 = IntVector.broadcast(I, x[xOffset + 4 * i + 1]).reinterpretAsShorts();
            ShortVector u2 = IntVector.broadcast(I, x[xOffset + 4 * i + 2]).reinterpretAsShorts();
            ShortVector u3 = IntVector.broadcast(I, x[xOffset + 4 * i + 3]).reinterpretAsShorts();
            ShortVector v;
            v = ShortVector.fromMemorySegment(S, s, a + at, LE);
            sA = sA.add(v.and((short) 15).mul(u0));
            sA = sA.add(v.lanewise(LSHR, 4).and((short) 15).mul(u1));
            sA = sA.add(v.lanewise(LSHR, 8).and((short) 15).mul(u2));
            sA = sA.add(v.lanewise(LSHR, 12).mul(u3));
            v = ShortVector.fromMemorySegment(S, s, b + at, LE);
            sB = sB.add(v.and((short) 15).mul(u0));
            sB = sB.add(v.lanewise(LSHR, 4).and((short) 15).mul(u1));
            sB = sB.add(v.lanewise(LSHR, 8).and((short) 15).mul(u2));
            sB = sB.add(v.lanewise(LSHR, 12).mul(u3));
            v = ShortVector.fromMemorySegment(S, s, c + at, LE);
            sC = sC.add(v.and((short) 15).mul(u0));
            sC = sC.add(v.lanewise(LSHR, 4).and((short) 15).mul(u1));
            sC = sC.add(v.lanewise(LSHR, 8).and((short) 15).mul(u2));
            sC = sC.add(v.lanewise(LSHR, 12).mul(u3));
            v = ShortVector.fromMemorySegment(S, s, d + at, LE);
            sD = sD.add(v.and((short) 15).mul(u0));
            sD = sD.add(v.lanewise(LSHR, 4).and((short) 15).mul(u1));
            sD = sD.add(v.lanewise(LSHR, 8).and((short) 15).mul(u2));
            sD = sD.add(v.lanewise(LSHR, 12).mul(u3));
            if ((i & 7) == 7) {
                int k = block + (i >> 3);
                int g = (i >> 3) * 2 * ROWS;
                ShortVector start = IntVector.broadcast(I, starts[k]).reinterpretAsShorts();
                FloatVector scale = FloatVector.broadcast(F, scales[k]);
                FloatVector total = FloatVector.broadcast(F, totals[k]);
                IntVector sum;
                sum = sA.add(start).reinterpretAsInts();
                sA = ShortVector.zero(S);
                lowA = FloatVector.fromArray(F, f, g + 2 * L).fma(total, lowA);
                highA = FloatVector.fromArray(F, f, g + 3 * L).fma(total, highA);
                lowA = ((FloatVector) sum.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(FloatVector.fromArray(F, f, g).mul(scale), lowA);
                highA = ((FloatVector) sum.lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(FloatVector.fromArray(F, f, g + L).mul(scale), highA);
                sum = sB.add(start).reinterpretAsInts();
                sB = ShortVector.zero(S);
                lowB = FloatVector.fromArray(F, f, g + stride + 2 * L).fma(total, lowB);
                highB = FloatVector.fromArray(F, f, g + stride + 3 * L).fma(total, highB);
                lowB = ((FloatVector) sum.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(FloatVector.fromArray(F, f, g + stride).mul(scale), lowB);
                highB = ((FloatVector) sum.lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(FloatVector.fromArray(F, f, g + stride + L).mul(scale), highB);
                sum = sC.add(start).reinterpretAsInts();
                sC = ShortVector.zero(S);
                lowC = FloatVector.fromArray(F, f, g + 2 * stride + 2 * L).fma(total, lowC);
                highC = FloatVector.fromArray(F, f, g + 2 * stride + 3 * L).fma(total, highC);
                lowC = ((FloatVector) sum.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(FloatVector.fromArray(F, f, g + 2 * stride).mul(scale), lowC);
                highC = ((FloatVector) sum.lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(FloatVector.fromArray(F, f, g + 2 * stride + L).mul(scale), highC);
                sum = sD.add(start).reinterpretAsInts();
                sD = ShortVector.zero(S);
                lowD = FloatVector.fromArray(F, f, g + 3 * stride + 2 * L).fma(total, lowD);
                highD = FloatVector.fromArray(F, f, g + 3 * stride + 3 * L).fma(total, highD);
                lowD = ((FloatVector) sum.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(FloatVector.fromArray(F, f, g + 3 * stride).mul(scale), lowD);
                highD = ((FloatVector) sum.lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(FloatVector.fromArray(F, f, g + 3 * stride + L).mul(scale), highD);
            }
        }
        lowA.intoArray(sums, 0);
        highA.intoArray(sums, L);
        lowB.intoArray(sums, 2 * L);
        highB.intoArray(sums, 3 * L);
        lowC.intoArray(sums, 4 * L);
        highC.intoArray(sums, 5 * L);
        lowD.intoArray(sums, 6 * L);
        highD.intoArray(sums, 7 * L);
    }

    /**
     * What sums of some blocks of weights in Q4_K are multiplied with: scales, then what is to be multiplied with sums of
     * activations, eight times the scale less the minimum; {@link Int16Panels#ROWS} of each a block in order of rows.
     *
     * @param head where what the first block's 256 columns have in common is
     * @param at where the first block is
     */
    static void factors(MemorySegment s, long head, long at, int blocks, float[] f, int fOffset) {
        Lanes.requireNative(s.isNative());
        for (int b = 0; b < blocks; b++) {
            long common = head + (b >> 3) * (long) Int16Panels.HEAD;
            scales(s, common, at + (long) BLOCK * b, f, fOffset + 2 * ROWS * b);
            minimums(s, common, at + (long) BLOCK * b, f, fOffset + 2 * ROWS * b);
        }
    }

    private static void scales(MemorySegment s, long head, long at, float[] f, int to) {
        Lanes.requireNative(s.isNative());
        IntVector codes = IntVector.fromMemorySegment(I, s, at, LE);
        IntVector half = IntVector.fromMemorySegment(I, s, head, LE);
        FloatVector even = half.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
        FloatVector odd = half.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
        even = even.mul(TOP).mul(TOP).mul(DOWN);
        odd = odd.mul(TOP).mul(TOP).mul(DOWN);
        even.mul((FloatVector) codes.and(63).convertShape(I2F, F, 0)).intoArray(f, to);
        odd.mul((FloatVector) codes.lanewise(LSHR, 16).and(63).convertShape(I2F, F, 0)).intoArray(f, to + L);
    }

    private static void minimums(MemorySegment s, long head, long at, float[] f, int to) {
        IntVector codes = IntVector.fromMemorySegment(I, s, at, LE);
        IntVector half = IntVector.fromMemorySegment(I, s, head + VECTOR, LE);
        FloatVector even = half.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
        FloatVector odd = half.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
        even = even.mul(TOP).mul(TOP).mul(DOWN).mul((FloatVector) codes.lanewise(LSHR, 8).and(63).convertShape(I2F, F, 0));
        odd = odd.mul(TOP).mul(TOP).mul(DOWN).mul((FloatVector) codes.lanewise(LSHR, 24).convertShape(I2F, F, 0));
        FloatVector.fromArray(F, f, to).mul(8f).sub(even).intoArray(f, to + 2 * L);
        FloatVector.fromArray(F, f, to + L).mul(8f).sub(odd).intoArray(f, to + 3 * L);
    }

    /** Scales of some blocks, times 2^112, {@link Int16Panels#ROWS} a block in order of rows. */
    static void scales(MemorySegment s, long at, int blocks, float[] y, int yOffset) {
        Lanes.requireNative(s.isNative());
        for (int b = 0; b < blocks; b++) {
            IntVector half = IntVector.fromMemorySegment(I, s, at + (long) BLOCK * b, LE);
            half.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(TOP).mul(TOP)
                    .intoArray(y, yOffset + ROWS * b);
            half.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats().mul(TOP).mul(TOP).intoArray(y, yOffset + ROWS * b + L);
        }
    }

    /**
     * Sums of a tile of four tokens with two panels, of blocks that begin at the addresses a and b and, in activations, at
     * xOffset. Each block has a vector for each panel, token by token, in {@code sums}; starts are not in it.
     */
    static void tile(MemorySegment s, long a, long b, int blocks, int[] x, int xOffset, short[] sums) {
        Lanes.requireNative(s.isNative());
        ShortVector sA0 = ShortVector.zero(S);
        ShortVector sB0 = sA0;
        ShortVector sA1 = sA0;
        ShortVector sB1 = sA0;
        ShortVector sA2 = sA0;
        ShortVector sB2 = sA0;
        ShortVector sA3 = sA0;
        ShortVector sB3 = sA0;
        int groups = 8 * blocks;
        for (int i = 0; i < groups; i++) {
            long at = VECTOR * (i + (i >> 3) + 1L);
            int k = xOffset + 16 * i;
            ShortVector u;
            ShortVector a3 = ShortVector.fromMemorySegment(S, s, a + at, LE);
            ShortVector a0 = a3.and((short) 15);
            ShortVector a1 = a3.lanewise(LSHR, 4).and((short) 15);
            ShortVector a2 = a3.lanewise(LSHR, 8).and((short) 15);
            a3 = a3.lanewise(LSHR, 12);
            ShortVector b3 = ShortVector.fromMemorySegment(S, s, b + at, LE);
            ShortVector b0 = b3.and((short) 15);
            ShortVector b1 = b3.lanewise(LSHR, 4).and((short) 15);
            ShortVector b2 = b3.lanewise(LSHR, 8).and((short) 15);
            b3 = b3.lanewise(LSHR, 12);
            u = IntVector.broadcast(I, x[k]).reinterpretAsShorts();
            sA0 = sA0.add(a0.mul(u));
            sB0 = sB0.add(b0.mul(u));
            u = IntVector.broadcast(I, x[k + 1]).reinterpretAsShorts();
            sA0 = sA0.add(a1.mul(u));
            sB0 = sB0.add(b1.mul(u));
            u = IntVector.broadcast(I, x[k + 2]).reinterpretAsShorts();
            sA0 = sA0.add(a2.mul(u));
            sB0 = sB0.add(b2.mul(u));
            u = IntVector.broadcast(I, x[k + 3]).reinterpretAsShorts();
            sA0 = sA0.add(a3.mul(u));
            sB0 = sB0.add(b3.mul(u));
            u = IntVector.broadcast(I, x[k + 4]).reinterpretAsShorts();
            sA1 = sA1.add(a0.mul(u));
            sB1 = sB1.add(b0.mul(u));
            u = IntVector.broadcast(I, x[k + 5]).reinterpretAsShorts();
            sA1 = sA1.add(a1.mul(u));
            sB1 = sB1.add(b1.mul(u));
            u = IntVector.broadcast(I, x[k + 6]).reinterpretAsShorts();
            sA1 = sA1.add(a2.mul(u));
            sB1 = sB1.add(b2.mul(u));
            u = IntVector.broadcast(I, x[k + 7]).reinterpretAsShorts();
            sA1 = sA1.add(a3.mul(u));
            sB1 = sB1.add(b3.mul(u));
            u = IntVector.broadcast(I, x[k + 8]).reinterpretAsShorts();
            sA2 = sA2.add(a0.mul(u));
            sB2 = sB2.add(b0.mul(u));
            u = IntVector.broadcast(I, x[k + 9]).reinterpretAsShorts();
            sA2 = sA2.add(a1.mul(u));
            sB2 = sB2.add(b1.mul(u));
            u = IntVector.broadcast(I, x[k + 10]).reinterpretAsShorts();
            sA2 = sA2.add(a2.mul(u));
            sB2 = sB2.add(b2.mul(u));
            u = IntVector.broadcast(I, x[k + 11]).reinterpretAsShorts();
            sA2 = sA2.add(a3.mul(u));
            sB2 = sB2.add(b3.mul(u));
            u = IntVector.broadcast(I, x[k + 12]).reinterpretAsShorts();
            sA3 = sA3.add(a0.mul(u));
            sB3 = sB3.add(b0.mul(u));
            u = IntVector.broadcast(I, x[k + 13]).reinterpretAsShorts();
            sA3 = sA3.add(a1.mul(u));
            sB3 = sB3.add(b1.mul(u));
            u = IntVector.broadcast(I, x[k + 14]).reinterpretAsShorts();
            sA3 = sA3.add(a2.mul(u));
            sB3 = sB3.add(b2.mul(u));
            u = IntVector.broadcast(I, x[k + 15]).reinterpretAsShorts();
            sA3 = sA3.add(a3.mul(u));
            sB3 = sB3.add(b3.mul(u));
            if ((i & 7) == 7) {
                int to = (i >> 3) * (8 * ROWS);
                sA0.intoArray(sums, to);
                sB0.intoArray(sums, to + ROWS);
                sA1.intoArray(sums, to + 2 * ROWS);
                sB1.intoArray(sums, to + 3 * ROWS);
                sA2.intoArray(sums, to + 4 * ROWS);
                sB2.intoArray(sums, to + 5 * ROWS);
                sA3.intoArray(sums, to + 6 * ROWS);
                sB3.intoArray(sums, to + 7 * ROWS);
                sA0 = ShortVector.zero(S);
                sB0 = sA0;
                sA1 = sA0;
                sB1 = sA0;
                sA2 = sA0;
                sB2 = sA0;
                sA3 = sA0;
                sB3 = sA0;
            }
        }
    }

    /**
     * Adds sums of blocks, made by {@link #tile} and found {@code 8 * ROWS} apart from sumsOffset on, to a token's outputs.
     *
     * @param block where the token's starts and scales are, four apart
     */
    static void add(
            short[] sums, int sumsOffset, int blocks, Int16Activations x, int block,
            float[] d, int dOffset, float[] y, int yOffset) {
        add(sums, sumsOffset, blocks, x.starts, x.scales, block, d, dOffset, y, yOffset);
    }

    private static void add(
            short[] sums, int sumsOffset, int blocks, int[] starts, float[] scales, int block,
            float[] d, int dOffset, float[] y, int yOffset) {
        FloatVector low = FloatVector.fromArray(F, y, yOffset);
        FloatVector high = FloatVector.fromArray(F, y, yOffset + L);
        for (int b = 0; b < blocks; b++) {
            ShortVector start = IntVector.broadcast(I, starts[block + 4 * b]).reinterpretAsShorts();
            IntVector sum = ShortVector.fromArray(S, sums, sumsOffset + 8 * ROWS * b).add(start).reinterpretAsInts();
            FloatVector scale = FloatVector.broadcast(F, scales[block + 4 * b]);
            FloatVector even = FloatVector.fromArray(F, d, dOffset + ROWS * b).mul(scale);
            FloatVector odd = FloatVector.fromArray(F, d, dOffset + ROWS * b + L).mul(scale);
            low = ((FloatVector) sum.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0)).fma(even, low);
            high = ((FloatVector) sum.lanewise(ASHR, 16).convertShape(I2F, F, 0)).fma(odd, high);
        }
        low.intoArray(y, yOffset);
        high.intoArray(y, yOffset + L);
    }

    /** The same with {@link #factors} of weights in Q4_K. */
    static void addK(
            short[] sums, int sumsOffset, int blocks, Int16Activations x, int block,
            float[] f, int fOffset, float[] y, int yOffset) {
        addK(sums, sumsOffset, blocks, x.starts, x.scales, x.totals, block, f, fOffset, y, yOffset);
    }

    private static void addK(
            short[] sums, int sumsOffset, int blocks, int[] starts, float[] scales, float[] totals, int block,
            float[] f, int fOffset, float[] y, int yOffset) {
        FloatVector low = FloatVector.fromArray(F, y, yOffset);
        FloatVector high = FloatVector.fromArray(F, y, yOffset + L);
        for (int b = 0; b < blocks; b++) {
            ShortVector start = IntVector.broadcast(I, starts[block + 4 * b]).reinterpretAsShorts();
            IntVector sum = ShortVector.fromArray(S, sums, sumsOffset + 8 * ROWS * b).add(start).reinterpretAsInts();
            FloatVector scale = FloatVector.broadcast(F, scales[block + 4 * b]);
            FloatVector total = FloatVector.broadcast(F, totals[block + 4 * b]);
            int g = fOffset + 2 * ROWS * b;
            low = FloatVector.fromArray(F, f, g + 2 * L).fma(total, low);
            high = FloatVector.fromArray(F, f, g + 3 * L).fma(total, high);
            FloatVector even = FloatVector.fromArray(F, f, g).mul(scale);
            FloatVector odd = FloatVector.fromArray(F, f, g + L).mul(scale);
            low = ((FloatVector) sum.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0)).fma(even, low);
            high = ((FloatVector) sum.lanewise(ASHR, 16).convertShape(I2F, F, 0)).fma(odd, high);
        }
        low.intoArray(y, yOffset);
        high.intoArray(y, yOffset + L);
    }
}
