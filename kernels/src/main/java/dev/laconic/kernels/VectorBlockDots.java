package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.B;
import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.I;
import static dev.laconic.kernels.Lanes.L;
import static dev.laconic.kernels.Lanes.LE;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Products of {@link VectorDots} for blocks of 256 and vectors of sixteen lanes, two rows at once. The compiler takes a loop
 * of this size only in a form that it likes. What takes or gives vectors is written out: methods that are not the Vector
 * API's own are not inlined into so much code, and an object is made of every vector handed over. A block is a method of its
 * own, because sums that pass through two loops become objects, too, once other types have been computed. The steps between
 * its quarters are no constants, or addresses would be checked ahead of the loop, at more cost than in it. Scales of a block
 * are made in one vector and read back one by one.
 */
final class VectorBlockDots {
    /** The values of four bits. */
    private static final FloatVector UNSIGNED = VectorDots.sixteenFrom(0);

    /** The bits of 1.5 * 2^23, whose last six may be replaced by an integer to add it. */
    private static final int MAGIC = 0x4B400000;
    private static final float MAGIC_32 = 0x1.8p23f + 32;

    /** Where a header has the codes of eight scales and eight minimums, and where the upper bits of the last four of each. */
    private static final VectorShuffle<Byte> CODES =
            VectorShuffle.fromValues(B, 4, 5, 6, 7, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
    private static final VectorShuffle<Byte> UPPER =
            VectorShuffle.fromValues(B, 4, 5, 6, 7, 4, 5, 6, 7, 8, 9, 10, 11, 8, 9, 10, 11);
    private static final IntVector CODE_SHIFTS = fours(0, 0, 0, 4);
    private static final IntVector CODE_BITS = fours(63, 15, 63, 15);
    private static final IntVector UPPER_BITS = fours(0, 48, 0, 48);
    private static final VectorMask<Float> MINS = VectorMask.fromLong(F, 0xFF00);

    private VectorBlockDots() {}

    /** Lane l is value l / 4. */
    private static IntVector fours(int... values) {
        int[] lanes = new int[16];
        for (int i = 0; i < 16; i++) lanes[i] = values[i / 4];
        return IntVector.fromArray(I, lanes, 0);
    }

    /** As for Q4_0, with values of each half of the bits. */
    static void q4k(MemorySegment s, long a, long b, int n, float[] x, int xOffset, float[] sums) {
        Arrays.fill(sums, 0, 2 * L, 0);
        for (int k = 0; k < n; k += 256, a += 144, b += 144) {
            scalesAndMins(s, a, sums, 4 * L);
            scalesAndMins(s, b, sums, 5 * L);
            q4kBlock(s, a, b, 32, x, xOffset + k, sums);
        }
    }

    private static void q4kBlock(MemorySegment s, long a, long b, int step, float[] x, int xOffset, float[] sums) {
        Lanes.requireNative(s.isNative());
        FloatVector sumA = FloatVector.fromArray(F, sums, 0);
        FloatVector sumB = FloatVector.fromArray(F, sums, L);
        long at = 16;
        for (int g = 0; g < 4; g++, at += step) {
            int scale = 4 * L + 2 * g;
            int k = xOffset + 64 * g;
            FloatVector u = FloatVector.fromArray(F, x, k);
            FloatVector v = FloatVector.fromArray(F, x, k + 16);
            FloatVector w = FloatVector.fromArray(F, x, k + 32);
            FloatVector z = FloatVector.fromArray(F, x, k + 48);
            IntVector first, second, values;
            first = (IntVector) ByteVector.fromMemorySegment(B, s, a + at, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            second = (IntVector) ByteVector.fromMemorySegment(B, s, a + at + 16, LE)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            values = UNSIGNED.fma(FloatVector.broadcast(F, sums[scale]),
                    FloatVector.broadcast(F, sums[scale + 8])).reinterpretAsInts();
            sumA = first.selectFrom(values).reinterpretAsFloats().fma(u, sumA);
            sumA = second.selectFrom(values).reinterpretAsFloats().fma(v, sumA);
            values = UNSIGNED.fma(FloatVector.broadcast(F, sums[scale + 1]),
                    FloatVector.broadcast(F, sums[scale + 9])).reinterpretAsInts();
            sumA = first.lanewise(LSHR, 4).selectFrom(values).reinterpretAsFloats().fma(w, sumA);
            sumA = second.lanewise(LSHR, 4).selectFrom(values).reinterpretAsFloats().fma(z, sumA);
            first = (IntVector) ByteVector.fromMemorySegment(B, s, b + at, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            second = (IntVector) ByteVector.fromMemorySegment(B, s, b + at + 16, LE)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            values = UNSIGNED.fma(FloatVector.broadcast(F, sums[scale + L]),
                    FloatVector.broadcast(F, sums[scale + L + 8])).reinterpretAsInts();
            sumB = first.selectFrom(values).reinterpretAsFloats().fma(u, sumB);
            sumB = second.selectFrom(values).reinterpretAsFloats().fma(v, sumB);
            values = UNSIGNED.fma(FloatVector.broadcast(F, sums[scale + L + 1]),
                    FloatVector.broadcast(F, sums[scale + L + 9])).reinterpretAsInts();
            sumB = first.lanewise(LSHR, 4).selectFrom(values).reinterpretAsFloats().fma(w, sumB);
            sumB = second.lanewise(LSHR, 4).selectFrom(values).reinterpretAsFloats().fma(z, sumB);
        }
        sumA.intoArray(sums, 0);
        sumB.intoArray(sums, L);
    }

    /** Eight scales and eight negative minimums of a block. */
    private static void scalesAndMins(MemorySegment s, long at, float[] to, int i) {
        Lanes.requireNative(s.isNative());
        ByteVector header = ByteVector.fromMemorySegment(B, s, at, LE);
        IntVector codes = (IntVector) header.rearrange(CODES).convertShape(ZERO_EXTEND_B2I, I, 0);
        IntVector upper = (IntVector) header.rearrange(UPPER).convertShape(ZERO_EXTEND_B2I, I, 0);
        codes = codes.lanewise(LSHR, CODE_SHIFTS).and(CODE_BITS).or(upper.lanewise(LSHR, 2).and(UPPER_BITS));
        FloatVector d = FloatVector.broadcast(F, VectorDecoders.half(s, at))
                .blend(-VectorDecoders.half(s, at + 2), MINS);
        Lanes.floats(codes).mul(d).intoArray(to, i);
    }

    /** As Q4_K, but thirty-two values are more than a vector holds: they are converted. */
    static void q5k(MemorySegment s, long a, long b, int n, float[] x, int xOffset, float[] sums) {
        Arrays.fill(sums, 0, 2 * L, 0);
        for (int k = 0; k < n; k += 256, a += 176, b += 176) {
            scalesAndMins(s, a, sums, 4 * L);
            scalesAndMins(s, b, sums, 5 * L);
            q5kBlock(s, a, b, 32, x, xOffset + k, sums);
        }
    }

    private static void q5kBlock(MemorySegment s, long a, long b, int step, float[] x, int xOffset, float[] sums) {
        Lanes.requireNative(s.isNative());
        FloatVector sumA = FloatVector.fromArray(F, sums, 0);
        FloatVector sumB = FloatVector.fromArray(F, sums, L);
        long at = 48;
        for (int g = 0; g < 4; g++, at += step) {
            int shift = 2 * g;
            int scale = 4 * L + 2 * g;
            int k = xOffset + 64 * g;
            FloatVector u = FloatVector.fromArray(F, x, k);
            FloatVector v = FloatVector.fromArray(F, x, k + 16);
            FloatVector w = FloatVector.fromArray(F, x, k + 32);
            FloatVector z = FloatVector.fromArray(F, x, k + 48);
            IntVector first, second, fifth, next;
            FloatVector factor, min;
            first = (IntVector) ByteVector.fromMemorySegment(B, s, a + at, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            second = (IntVector) ByteVector.fromMemorySegment(B, s, a + at + 16, LE)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            fifth = (IntVector) ByteVector.fromMemorySegment(B, s, a + 16, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            next = (IntVector) ByteVector.fromMemorySegment(B, s, a + 32, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            fifth = fifth.lanewise(LSHL, 4).lanewise(LSHR, shift);
            next = next.lanewise(LSHL, 4).lanewise(LSHR, shift);
            factor = FloatVector.broadcast(F, sums[scale]);
            min = FloatVector.broadcast(F, sums[scale + 8]);
            sumA = ((FloatVector) first.and(15).or(fifth.and(16)).convertShape(I2F, F, 0)).fma(factor, min).fma(u, sumA);
            sumA = ((FloatVector) second.and(15).or(next.and(16)).convertShape(I2F, F, 0)).fma(factor, min).fma(v, sumA);
            factor = FloatVector.broadcast(F, sums[scale + 1]);
            min = FloatVector.broadcast(F, sums[scale + 9]);
            first = first.lanewise(LSHR, 4).or(fifth.lanewise(LSHR, 1).and(16));
            second = second.lanewise(LSHR, 4).or(next.lanewise(LSHR, 1).and(16));
            sumA = ((FloatVector) first.convertShape(I2F, F, 0)).fma(factor, min).fma(w, sumA);
            sumA = ((FloatVector) second.convertShape(I2F, F, 0)).fma(factor, min).fma(z, sumA);
            first = (IntVector) ByteVector.fromMemorySegment(B, s, b + at, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            second = (IntVector) ByteVector.fromMemorySegment(B, s, b + at + 16, LE)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            fifth = (IntVector) ByteVector.fromMemorySegment(B, s, b + 16, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            next = (IntVector) ByteVector.fromMemorySegment(B, s, b + 32, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            fifth = fifth.lanewise(LSHL, 4).lanewise(LSHR, shift);
            next = next.lanewise(LSHL, 4).lanewise(LSHR, shift);
            factor = FloatVector.broadcast(F, sums[scale + L]);
            min = FloatVector.broadcast(F, sums[scale + L + 8]);
            sumB = ((FloatVector) first.and(15).or(fifth.and(16)).convertShape(I2F, F, 0)).fma(factor, min).fma(u, sumB);
            sumB = ((FloatVector) second.and(15).or(next.and(16)).convertShape(I2F, F, 0)).fma(factor, min).fma(v, sumB);
            factor = FloatVector.broadcast(F, sums[scale + L + 1]);
            min = FloatVector.broadcast(F, sums[scale + L + 9]);
            first = first.lanewise(LSHR, 4).or(fifth.lanewise(LSHR, 1).and(16));
            second = second.lanewise(LSHR, 4).or(next.lanewise(LSHR, 1).and(16));
            sumB = ((FloatVector) first.convertShape(I2F, F, 0)).fma(factor, min).fma(w, sumB);
            sumB = ((FloatVector) second.convertShape(I2F, F, 0)).fma(factor, min).fma(z, sumB);
        }
        sumA.intoArray(sums, 0);
        sumB.intoArray(sums, L);
    }

    /** A weight's six bits become a float by standing in for the last bits of one. */
    static void q6k(MemorySegment s, long a, long b, int n, float[] x, int xOffset, float[] sums) {
        Arrays.fill(sums, 0, 2 * L, 0);
        for (int k = 0; k < n; k += 256, a += 210, b += 210) {
            scales(s, a, sums, 4 * L);
            scales(s, b, sums, 5 * L);
            q6kBlock(s, a, b, 32, x, xOffset + k, sums);
        }
    }

    private static void q6kBlock(MemorySegment s, long a, long b, int step, float[] x, int xOffset, float[] sums) {
        Lanes.requireNative(s.isNative());
        FloatVector sumA = FloatVector.fromArray(F, sums, 0);
        FloatVector sumB = FloatVector.fromArray(F, sums, L);
        for (int g = 0; g < 4; g++) {
            long low = step * (g & 2);
            long high0 = 128 + (low >> 1);
            int shift = 4 * (g & 1);
            int scale = 4 * L + 4 * g;
            int k = xOffset + 64 * g;
            FloatVector u = FloatVector.fromArray(F, x, k);
            FloatVector v = FloatVector.fromArray(F, x, k + 16);
            FloatVector w = FloatVector.fromArray(F, x, k + 32);
            FloatVector z = FloatVector.fromArray(F, x, k + 48);
            IntVector high, next, q;
            high = (IntVector) ByteVector.fromMemorySegment(B, s, a + high0, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            next = (IntVector) ByteVector.fromMemorySegment(B, s, a + high0 + 16, LE)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            high = high.lanewise(LSHL, 4 - shift);
            next = next.lanewise(LSHL, 4 - shift);
            q = (IntVector) ByteVector.fromMemorySegment(B, s, a + low, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            q = q.lanewise(LSHR, shift).and(15).or(high.and(48).or(MAGIC));
            sumA = q.reinterpretAsFloats().sub(MAGIC_32).mul(sums[scale]).fma(u, sumA);
            q = (IntVector) ByteVector.fromMemorySegment(B, s, a + low + 16, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            q = q.lanewise(LSHR, shift).and(15).or(next.and(48).or(MAGIC));
            sumA = q.reinterpretAsFloats().sub(MAGIC_32).mul(sums[scale + 1]).fma(v, sumA);
            q = (IntVector) ByteVector.fromMemorySegment(B, s, a + low + 32, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            q = q.lanewise(LSHR, shift).and(15).or(high.lanewise(LSHR, 2).and(48).or(MAGIC));
            sumA = q.reinterpretAsFloats().sub(MAGIC_32).mul(sums[scale + 2]).fma(w, sumA);
            q = (IntVector) ByteVector.fromMemorySegment(B, s, a + low + 48, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            q = q.lanewise(LSHR, shift).and(15).or(next.lanewise(LSHR, 2).and(48).or(MAGIC));
            sumA = q.reinterpretAsFloats().sub(MAGIC_32).mul(sums[scale + 3]).fma(z, sumA);
            high = (IntVector) ByteVector.fromMemorySegment(B, s, b + high0, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            next = (IntVector) ByteVector.fromMemorySegment(B, s, b + high0 + 16, LE)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            high = high.lanewise(LSHL, 4 - shift);
            next = next.lanewise(LSHL, 4 - shift);
            q = (IntVector) ByteVector.fromMemorySegment(B, s, b + low, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            q = q.lanewise(LSHR, shift).and(15).or(high.and(48).or(MAGIC));
            sumB = q.reinterpretAsFloats().sub(MAGIC_32).mul(sums[scale + L]).fma(u, sumB);
            q = (IntVector) ByteVector.fromMemorySegment(B, s, b + low + 16, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            q = q.lanewise(LSHR, shift).and(15).or(next.and(48).or(MAGIC));
            sumB = q.reinterpretAsFloats().sub(MAGIC_32).mul(sums[scale + L + 1]).fma(v, sumB);
            q = (IntVector) ByteVector.fromMemorySegment(B, s, b + low + 32, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            q = q.lanewise(LSHR, shift).and(15).or(high.lanewise(LSHR, 2).and(48).or(MAGIC));
            sumB = q.reinterpretAsFloats().sub(MAGIC_32).mul(sums[scale + L + 2]).fma(w, sumB);
            q = (IntVector) ByteVector.fromMemorySegment(B, s, b + low + 48, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
            q = q.lanewise(LSHR, shift).and(15).or(next.lanewise(LSHR, 2).and(48).or(MAGIC));
            sumB = q.reinterpretAsFloats().sub(MAGIC_32).mul(sums[scale + L + 3]).fma(z, sumB);
        }
        sumA.intoArray(sums, 0);
        sumB.intoArray(sums, L);
    }

    /** Sixteen scales of a block. */
    private static void scales(MemorySegment s, long at, float[] to, int i) {
        Lanes.requireNative(s.isNative());
        Lanes.signed(s, at + 192).mul(VectorDecoders.half(s, at + 208)).intoArray(to, i);
    }
}
