package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.L;
import static dev.laconic.kernels.Lanes.LE;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Products with a single activation row that decode weights in registers, for the common types in native memory: the
 * steps are those of {@link VectorDecoders} and {@link MatmulTiles}, so the bits are, too. Some types take several weight
 * rows at once to hide latencies; more in one loop than here would be too much for the compiler. Such rows lie far apart,
 * each at the same place of a run of rows of its own: every run is then read from its beginning to its end, as the
 * processor foresees, where neighbouring rows in step are read several times slower.
 */
final class VectorDots {
    /** The values of four bits. */
    private static final FloatVector SIGNED = sixteenFrom(-8);

    /** Vectors of sums, and of scales of two rows. */
    static final int SUMS = 6;

    private VectorDots() {}

    static FloatVector sixteenFrom(int first) {
        float[] values = new float[16];
        for (int i = 0; i < 16; i++) values[i] = first + i;
        return FloatVector.fromArray(F, values, 0);
    }

    /** Whether {@link #multiply} knows how. */
    static boolean knows(TensorType type, MemorySegment data, int columns) {
        if (columns % L != 0 || !data.isNative()) return false;
        return switch (type) {
            case F32, F16, BF16, Q4_0, Q4_K, Q5_K, Q6_K -> true;
            default -> false;
        };
    }

    private static int together(TensorType type) {
        return switch (type) {
            case F32 -> 4;
            case F16, BF16, Q4_0 -> 2;
            default -> L == 16 ? 2 : 1;
        };
    }

    /** {@code y[yOffset + r] = row r . x} for rows {@code from} to {@code to}; needs {@link #SUMS} vectors. */
    static void multiply(
            TensorType type, MemorySegment s, int columns, int from, int to,
            float[] x, int xOffset, float[] y, int yOffset, float[] sums) {
        long bytes = type.bytes(columns);
        int together = together(type);
        int run = (to - from + together - 1) / together;
        for (int i = 0; i < run; i++) {
            int b = Math.min(from + run + i, to - 1);
            int c = Math.min(from + 2 * run + i, to - 1);
            int d = Math.min(from + 3 * run + i, to - 1);
            dots(type, s, (from + i) * bytes, b * bytes, c * bytes, d * bytes, columns, x, xOffset, sums);
            for (int r = 0, row = from + i; r < together && row < to; r++, row += run)
                y[yOffset + row] = Lanes.sum(sums, r * L);
        }
    }

    private static void dots(
            TensorType type, MemorySegment s, long a, long b, long c, long d, int n,
            float[] x, int xOffset, float[] sums) {
        switch (type) {
            case F32 -> f32(s, a, b, c, d, n, x, xOffset, sums);
            case F16 -> f16(s, a, b, n, x, xOffset, sums);
            case BF16 -> bf16(s, a, b, n, x, xOffset, sums);
            case Q4_0 -> {
                if (L == 16) q4x0(s, a, b, n, x, xOffset, sums);
                else q4x0Narrow(s, a, b, n, x, xOffset, sums);
            }
            case Q4_K -> {
                if (L == 16) VectorBlockDots.q4k(s, a, b, n, x, xOffset, sums);
                else q4kNarrow(s, a, n, x, xOffset, sums);
            }
            case Q5_K -> {
                if (L == 16) VectorBlockDots.q5k(s, a, b, n, x, xOffset, sums);
                else q5kNarrow(s, a, n, x, xOffset, sums);
            }
            case Q6_K -> {
                if (L == 16) VectorBlockDots.q6k(s, a, b, n, x, xOffset, sums);
                else q6kNarrow(s, a, n, x, xOffset, sums);
            }
            default -> throw new AssertionError(type);
        }
    }

    private static void f32(
            MemorySegment s, long a, long b, long c, long d, int n, float[] x, int xOffset, float[] sums) {
        Lanes.requireNative(s.isNative());
        FloatVector sumA = FloatVector.zero(F);
        FloatVector sumB = sumA;
        FloatVector sumC = sumA;
        FloatVector sumD = sumA;
        for (int k = 0; k < n; k += L) {
            FloatVector u = FloatVector.fromArray(F, x, xOffset + k);
            sumA = FloatVector.fromMemorySegment(F, s, a + 4L * k, LE).fma(u, sumA);
            sumB = FloatVector.fromMemorySegment(F, s, b + 4L * k, LE).fma(u, sumB);
            sumC = FloatVector.fromMemorySegment(F, s, c + 4L * k, LE).fma(u, sumC);
            sumD = FloatVector.fromMemorySegment(F, s, d + 4L * k, LE).fma(u, sumD);
        }
        sumA.intoArray(sums, 0);
        sumB.intoArray(sums, L);
        sumC.intoArray(sums, 2 * L);
        sumD.intoArray(sums, 3 * L);
    }

    private static void f16(MemorySegment s, long a, long b, int n, float[] x, int xOffset, float[] sums) {
        Lanes.requireNative(s.isNative());
        FloatVector sumA = FloatVector.zero(F);
        FloatVector sumB = sumA;
        for (int k = 0; k < n; k += L) {
            FloatVector u = FloatVector.fromArray(F, x, xOffset + k);
            sumA = VectorDecoders.halves(s, a + 2L * k).fma(u, sumA);
            sumB = VectorDecoders.halves(s, b + 2L * k).fma(u, sumB);
        }
        sumA.intoArray(sums, 0);
        sumB.intoArray(sums, L);
    }

    private static void bf16(MemorySegment s, long a, long b, int n, float[] x, int xOffset, float[] sums) {
        Lanes.requireNative(s.isNative());
        FloatVector sumA = FloatVector.zero(F);
        FloatVector sumB = sumA;
        for (int k = 0; k < n; k += L) {
            FloatVector u = FloatVector.fromArray(F, x, xOffset + k);
            sumA = VectorDecoders.brains(s, a + 2L * k).fma(u, sumA);
            sumB = VectorDecoders.brains(s, b + 2L * k).fma(u, sumB);
        }
        sumA.intoArray(sums, 0);
        sumB.intoArray(sums, L);
    }

    /** A vector holds all sixteen values that a block's weights can have: four bits choose a lane. */
    private static void q4x0(MemorySegment s, long a, long b, int n, float[] x, int xOffset, float[] sums) {
        Lanes.requireNative(s.isNative());
        FloatVector sumA = FloatVector.zero(F);
        FloatVector sumB = sumA;
        for (int k = 0; k < n; k += 32) {
            long at = k / 32 * 18L;
            FloatVector low = FloatVector.fromArray(F, x, xOffset + k);
            FloatVector high = FloatVector.fromArray(F, x, xOffset + k + 16);
            IntVector values = SIGNED.mul(VectorDecoders.half(s, a + at)).reinterpretAsInts();
            IntVector pairs = Lanes.unsigned(s, a + at + 2);
            sumA = pairs.selectFrom(values).reinterpretAsFloats().fma(low, sumA);
            sumA = pairs.lanewise(LSHR, 4).selectFrom(values).reinterpretAsFloats().fma(high, sumA);
            values = SIGNED.mul(VectorDecoders.half(s, b + at)).reinterpretAsInts();
            pairs = Lanes.unsigned(s, b + at + 2);
            sumB = pairs.selectFrom(values).reinterpretAsFloats().fma(low, sumB);
            sumB = pairs.lanewise(LSHR, 4).selectFrom(values).reinterpretAsFloats().fma(high, sumB);
        }
        sumA.intoArray(sums, 0);
        sumB.intoArray(sums, L);
    }

    private static void q4x0Narrow(MemorySegment s, long a, long b, int n, float[] x, int xOffset, float[] sums) {
        Lanes.requireNative(s.isNative());
        FloatVector sumA = FloatVector.zero(F);
        FloatVector sumB = sumA;
        for (int k = 0; k < n; k += 32) {
            long at = k / 32 * 18L;
            float scaleA = VectorDecoders.half(s, a + at);
            float scaleB = VectorDecoders.half(s, b + at);
            for (int half = 0; half < 2; half++) {
                for (int j = 0; j < 16; j += L) {
                    FloatVector u = FloatVector.fromArray(F, x, xOffset + k + 16 * half + j);
                    IntVector qA = Lanes.unsigned(s, a + at + 2 + j).lanewise(LSHR, 4 * half).and(15).sub(8);
                    IntVector qB = Lanes.unsigned(s, b + at + 2 + j).lanewise(LSHR, 4 * half).and(15).sub(8);
                    sumA = Lanes.floats(qA).mul(scaleA).fma(u, sumA);
                    sumB = Lanes.floats(qB).mul(scaleB).fma(u, sumB);
                }
            }
        }
        sumA.intoArray(sums, 0);
        sumB.intoArray(sums, L);
    }

    private static void q4kNarrow(MemorySegment s, long a, int n, float[] x, int xOffset, float[] sums) {
        Lanes.requireNative(s.isNative());
        FloatVector sum = FloatVector.zero(F);
        for (int block = 0; block < n / 256; block++) {
            long from = a + 144L * block;
            float d = VectorDecoders.half(s, from);
            float dmin = VectorDecoders.half(s, from + 2);
            long scales = VectorDecoders.scales(s, from + 4);
            long mins = VectorDecoders.mins(s, from + 4);
            for (int g = 0; g < 8; g++) {
                float scale = d * (scales & 63);
                float min = dmin * (mins & 63);
                for (int j = 0; j < 32; j += L) {
                    FloatVector u = FloatVector.fromArray(F, x, xOffset + 256 * block + 32 * g + j);
                    IntVector pairs = Lanes.unsigned(s, from + 16 + 32 * (g / 2) + j);
                    IntVector q = pairs.lanewise(LSHR, 4 * (g % 2)).and(15);
                    sum = Lanes.floats(q).mul(scale).sub(min).fma(u, sum);
                }
                scales >>>= 8;
                mins >>>= 8;
            }
        }
        sum.intoArray(sums, 0);
    }

    private static void q5kNarrow(MemorySegment s, long a, int n, float[] x, int xOffset, float[] sums) {
        Lanes.requireNative(s.isNative());
        FloatVector sum = FloatVector.zero(F);
        for (int block = 0; block < n / 256; block++) {
            long from = a + 176L * block;
            float d = VectorDecoders.half(s, from);
            float dmin = VectorDecoders.half(s, from + 2);
            long scales = VectorDecoders.scales(s, from + 4);
            long mins = VectorDecoders.mins(s, from + 4);
            for (int g = 0; g < 8; g++) {
                float scale = d * (scales & 63);
                float min = dmin * (mins & 63);
                for (int j = 0; j < 32; j += L) {
                    FloatVector u = FloatVector.fromArray(F, x, xOffset + 256 * block + 32 * g + j);
                    IntVector pairs = Lanes.unsigned(s, from + 48 + 32 * (g / 2) + j);
                    IntVector fifth = Lanes.unsigned(s, from + 16 + j).lanewise(LSHR, g).and(1);
                    IntVector q = pairs.lanewise(LSHR, 4 * (g % 2)).and(15).add(fifth.mul(16));
                    sum = Lanes.floats(q).mul(scale).sub(min).fma(u, sum);
                }
                scales >>>= 8;
                mins >>>= 8;
            }
        }
        sum.intoArray(sums, 0);
    }

    private static void q6kNarrow(MemorySegment s, long a, int n, float[] x, int xOffset, float[] sums) {
        Lanes.requireNative(s.isNative());
        FloatVector sum = FloatVector.zero(F);
        for (int block = 0; block < n / 256; block++) {
            long from = a + 210L * block;
            float d = VectorDecoders.half(s, from + 208);
            for (int part = 0; part < 8; part++) {
                long low = from + part / 4 * 64 + part % 2 * 32;
                long high = from + 128 + part / 4 * 32;
                float scale = d * s.get(ValueLayout.JAVA_BYTE, from + 192 + 2 * part);
                float nextScale = d * s.get(ValueLayout.JAVA_BYTE, from + 193 + 2 * part);
                for (int j = 0; j < 32; j += L) {
                    FloatVector u = FloatVector.fromArray(F, x, xOffset + 256 * block + 32 * part + j);
                    IntVector q = Lanes.unsigned(s, low + j).lanewise(LSHR, part % 4 / 2 * 4).and(15);
                    IntVector upper = Lanes.unsigned(s, high + j).lanewise(LSHR, part % 4 * 2).and(3);
                    q = q.add(upper.mul(16)).sub(32);
                    sum = Lanes.floats(q).mul(j < 16 ? scale : nextScale).fma(u, sum);
                }
            }
        }
        sum.intoArray(sums, 0);
    }
}
