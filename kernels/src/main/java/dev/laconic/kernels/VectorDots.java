package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.L;
import static dev.laconic.kernels.Lanes.LE;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Products with a single activation row that decode weights in registers, for the common types in native memory: the
 * steps are those of {@link VectorDecoders} and {@link MatmulTiles}, so the bits are, too. Some types take several weight
 * rows at once to hide latencies; more in one loop than here would be too much for the compiler.
 */
final class VectorDots {
    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, LE);
    /** Columns of quantised weights that are copied at once: few, so that memory is read ahead while these are multiplied. */
    private static final int STRETCH = 1024;

    private VectorDots() {}

    /** Whether {@link #multiply} knows how. */
    static boolean knows(TensorType type, MemorySegment data, int columns) {
        if (columns % L != 0 || !data.isNative()) return false;
        return switch (type) {
            case F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q5_K, Q6_K -> true;
            default -> false;
        };
    }

    /** How many bytes of scratch {@link #multiply} needs. */
    static int scratch(TensorType type, int columns) {
        return type.quantised() ? Math.toIntExact(together(type) * type.bytes(Math.min(columns, STRETCH))) : 0;
    }

    private static int together(TensorType type) {
        return switch (type) {
            case F32 -> 4;
            case BF16, Q8_0, Q4_0 -> 2;
            default -> 1;
        };
    }

    /**
     * {@code y[yOffset + r] = row r . x} for rows {@code from} to {@code to}; needs four vectors of sums. Blocks are
     * copied to an array first, where checking an index takes less than checking an address.
     */
    static void multiply(
            TensorType type, MemorySegment s, int columns, int from, int to,
            float[] x, int xOffset, float[] y, int yOffset, float[] sums, byte[] blocks) {
        long bytes = type.bytes(columns);
        int together = together(type);
        for (int row = from; row < to; row += together) {
            int present = Math.min(together, to - row);
            if (type.quantised()) {
                Arrays.fill(sums, 0, together * L, 0);
                for (int k = 0; k < columns; k += STRETCH) {
                    int n = Math.min(STRETCH, columns - k);
                    int size = (int) type.bytes(n);
                    for (int r = 0; r < present; r++)
                        MemorySegment.copy(
                                s, ValueLayout.JAVA_BYTE, (row + r) * bytes + type.bytes(k), blocks, r * size, size);
                    quantised(type, blocks, (present - 1) * size, n, x, xOffset + k, sums);
                }
            } else {
                plain(type, s, row * bytes, bytes, present - 1, columns, x, xOffset, sums);
            }
            for (int r = 0; r < present; r++) y[yOffset + row + r] = Lanes.sum(sums, r * L);
        }
    }

    /** @param last how many rows follow the first; the last one stands for those that are missing */
    private static void plain(
            TensorType type, MemorySegment s, long a, long bytes, int last, int columns,
            float[] x, int xOffset, float[] sums) {
        long b = a + Math.min(1, last) * bytes;
        switch (type) {
            case F32 -> f32(s, a, b, a + Math.min(2, last) * bytes, a + last * bytes, columns, x, xOffset, sums);
            case F16 -> f16(s, a, columns, x, xOffset, sums);
            case BF16 -> bf16(s, a, b, columns, x, xOffset, sums);
            default -> throw new AssertionError(type);
        }
    }

    /**
     * Adds to the sums.
     *
     * @param b where the second row begins; 0 if there is only one
     */
    private static void quantised(
            TensorType type, byte[] s, int b, int columns, float[] x, int xOffset, float[] sums) {
        switch (type) {
            case Q8_0 -> q8x0(s, 0, b, columns, x, xOffset, sums);
            case Q4_0 -> q4x0(s, 0, b, columns, x, xOffset, sums);
            case Q4_K -> q4k(s, 0, columns, x, xOffset, sums);
            case Q5_K -> q5k(s, 0, columns, x, xOffset, sums);
            case Q6_K -> q6k(s, 0, columns, x, xOffset, sums);
            default -> throw new AssertionError(type);
        }
    }

    private static void f32(
            MemorySegment s, long a, long b, long c, long d, int n, float[] x, int xOffset, float[] sums) {
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

    private static void f16(MemorySegment s, long a, int n, float[] x, int xOffset, float[] sums) {
        FloatVector sum = FloatVector.zero(F);
        for (int k = 0; k < n; k += L)
            sum = VectorDecoders.halves(s, a + 2L * k).fma(FloatVector.fromArray(F, x, xOffset + k), sum);
        sum.intoArray(sums, 0);
    }

    private static void bf16(MemorySegment s, long a, long b, int n, float[] x, int xOffset, float[] sums) {
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

    private static void q8x0(byte[] s, int a, int b, int n, float[] x, int xOffset, float[] sums) {
        FloatVector sumA = FloatVector.fromArray(F, sums, 0);
        FloatVector sumB = FloatVector.fromArray(F, sums, L);
        for (int block = 0; block < n / 32; block++) {
            int fromA = a + 34 * block;
            int fromB = b + 34 * block;
            float scaleA = half(s, fromA);
            float scaleB = half(s, fromB);
            for (int j = 0; j < 32; j += L) {
                FloatVector u = FloatVector.fromArray(F, x, xOffset + 32 * block + j);
                sumA = Lanes.signed(s, fromA + 2 + j).mul(scaleA).fma(u, sumA);
                sumB = Lanes.signed(s, fromB + 2 + j).mul(scaleB).fma(u, sumB);
            }
        }
        sumA.intoArray(sums, 0);
        sumB.intoArray(sums, L);
    }

    private static void q4x0(byte[] s, int a, int b, int n, float[] x, int xOffset, float[] sums) {
        FloatVector sumA = FloatVector.fromArray(F, sums, 0);
        FloatVector sumB = FloatVector.fromArray(F, sums, L);
        for (int block = 0; block < n / 32; block++) {
            int fromA = a + 18 * block;
            int fromB = b + 18 * block;
            float scaleA = half(s, fromA);
            float scaleB = half(s, fromB);
            for (int half = 0; half < 2; half++) {
                for (int j = 0; j < 16; j += L) {
                    FloatVector u = FloatVector.fromArray(F, x, xOffset + 32 * block + 16 * half + j);
                    IntVector qA = Lanes.unsigned(s, fromA + 2 + j).lanewise(LSHR, 4 * half).and(15).sub(8);
                    IntVector qB = Lanes.unsigned(s, fromB + 2 + j).lanewise(LSHR, 4 * half).and(15).sub(8);
                    sumA = Lanes.floats(qA).mul(scaleA).fma(u, sumA);
                    sumB = Lanes.floats(qB).mul(scaleB).fma(u, sumB);
                }
            }
        }
        sumA.intoArray(sums, 0);
        sumB.intoArray(sums, L);
    }

    private static void q4k(byte[] s, int a, int n, float[] x, int xOffset, float[] sums) {
        FloatVector sum = FloatVector.fromArray(F, sums, 0);
        for (int block = 0; block < n / 256; block++) {
            int from = a + 144 * block;
            float d = half(s, from);
            float dmin = half(s, from + 2);
            long scales = VectorDecoders.sixBits(word(s, from + 4), word(s, from + 12));
            long mins = VectorDecoders.sixBits(word(s, from + 8), word(s, from + 12) >>> 4);
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

    private static void q5k(byte[] s, int a, int n, float[] x, int xOffset, float[] sums) {
        FloatVector sum = FloatVector.fromArray(F, sums, 0);
        for (int block = 0; block < n / 256; block++) {
            int from = a + 176 * block;
            float d = half(s, from);
            float dmin = half(s, from + 2);
            long scales = VectorDecoders.sixBits(word(s, from + 4), word(s, from + 12));
            long mins = VectorDecoders.sixBits(word(s, from + 8), word(s, from + 12) >>> 4);
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

    private static void q6k(byte[] s, int a, int n, float[] x, int xOffset, float[] sums) {
        FloatVector sum = FloatVector.fromArray(F, sums, 0);
        for (int block = 0; block < n / 256; block++) {
            int from = a + 210 * block;
            float d = half(s, from + 208);
            for (int part = 0; part < 8; part++) {
                int low = from + part / 4 * 64 + part % 2 * 32;
                int high = from + 128 + part / 4 * 32;
                float scale = d * s[from + 192 + 2 * part];
                float nextScale = d * s[from + 193 + 2 * part];
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

    private static float half(byte[] s, int at) {
        return Float.float16ToFloat((short) SHORTS.get(s, at));
    }

    private static int word(byte[] s, int at) {
        return (int) Lanes.INTS.get(s, at);
    }
}
