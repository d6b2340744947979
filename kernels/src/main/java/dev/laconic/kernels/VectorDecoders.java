package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.B;
import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.I;
import static dev.laconic.kernels.Lanes.L;
import static dev.laconic.kernels.Lanes.LE;
import static dev.laconic.kernels.Lanes.PARTS;
import static dev.laconic.kernels.Lanes.S;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.S2I;

import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.block.BlockCodec;
import dev.laconic.kernels.block.Blocks;
import dev.laconic.kernels.block.QuantCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Decodes stretches of rows with vectors, bit-identical with the {@link BlockCodec} of the type: multiply, round, then
 * subtract. Everything here reads native memory.
 */
final class VectorDecoders {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE);

    private static final ByteVector IQ4 = ByteVector.fromArray(
            B, new byte[] {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}, 0);
    private static final ByteVector E2M1 =
            ByteVector.fromArray(B, new byte[] {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12}, 0);

    private static final IntVector LANE = IntVector.zero(I).addIndex(1);

    private VectorDecoders() {}

    /** Decodes {@code n} elements, a whole number of blocks, from native or heap memory. */
    static void decode(TensorType type, MemorySegment s, long at, int n, float[] y, int i, Unpacked scratch) {
        if (!s.isNative()) {
            Blocks.codec(type).decode(s, at, n, y, i);
            return;
        }
        switch (type) {
            case F32 -> f32(s, at, n, y, i);
            case F16 -> f16(s, at, n, y, i);
            case BF16 -> bf16(s, at, n, y, i);
            case Q8_0 -> q8x0(s, at, n, y, i);
            case Q4_0 -> q4x0(s, at, n, y, i);
            case Q4_1 -> q4x1(s, at, n, y, i);
            case Q5_0 -> q5x0(s, at, n, y, i);
            case Q5_1 -> q5x1(s, at, n, y, i);
            case Q2_K -> q2k(s, at, n, y, i);
            case Q3_K -> q3k(s, at, n, y, i);
            case Q4_K -> q4k(s, at, n, y, i);
            case Q5_K -> q5k(s, at, n, y, i);
            case Q6_K -> q6k(s, at, n, y, i);
            case IQ4_NL -> iq4nl(s, at, n, y, i);
            case IQ4_XS -> iq4xs(s, at, n, y, i);
            case MXFP4 -> mxfp4(s, at, n, y, i);
            default -> unpacked((QuantCodec) Blocks.codec(type), s, at, n, y, i, scratch);
        }
    }

    private static void unpacked(QuantCodec codec, MemorySegment s, long at, int n, float[] y, int i, Unpacked row) {
        int group = codec.group();
        row.reserve(n, group);
        codec.unpack(s, at, n, row.quants, 0, row.scales, row.mins, 0);
        for (int g = 0; g < n / group; g++) {
            float min = codec.symmetric() ? 0 : row.mins[g];
            for (int j = g * group; j < (g + 1) * group; j += 16)
                affine(ByteVector.fromArray(B, row.quants, j), row.scales[g], min, y, i + j);
        }
    }

    static void f32(MemorySegment s, long at, int n, float[] y, int i) {
        MemorySegment.copy(s, FLOAT, at, y, i, n);
    }

    static void f16(MemorySegment s, long at, int n, float[] y, int i) {
        int whole = n / L * L;
        for (int j = 0; j < whole; j += L) halves(s, at + 2L * j).intoArray(y, i + j);
        for (int j = whole; j < n; j++) y[i + j] = half(s, at + 2L * j);
    }

    /**
     * The next L f16 numbers: exponent and fraction are shifted into place and the bias is multiplied away, which is right
     * for subnormals as well.
     */
    static FloatVector halves(MemorySegment s, long at) {
        IntVector half = (IntVector) ShortVector.fromMemorySegment(S, s, at, LE).convertShape(S2I, I, 0);
        IntVector magnitude = half.and(0x7FFF);
        IntVector bits = magnitude.lanewise(LSHL, 13).reinterpretAsFloats().mul(0x1p112f).reinterpretAsInts();
        bits = bits.lanewise(OR, 0x7F800000, magnitude.compare(GE, 0x7C00)); // infinities and NaNs
        return bits.or(half.and(0x80000000)).reinterpretAsFloats();
    }

    static void bf16(MemorySegment s, long at, int n, float[] y, int i) {
        int whole = n / L * L;
        for (int j = 0; j < whole; j += L) brains(s, at + 2L * j).intoArray(y, i + j);
        for (int j = whole; j < n; j++) y[i + j] = Float.intBitsToFloat(s.get(SHORT, at + 2L * j) << 16);
    }

    /** The next L bf16 numbers. */
    static FloatVector brains(MemorySegment s, long at) {
        IntVector bits = (IntVector) ShortVector.fromMemorySegment(S, s, at, LE).convertShape(S2I, I, 0);
        return bits.lanewise(LSHL, 16).reinterpretAsFloats();
    }

    static void q8x0(MemorySegment s, long at, int n, float[] y, int i) {
        for (int block = 0; block < n / 32; block++) {
            long from = at + 34L * block;
            float scale = half(s, from);
            for (int j = 0; j < 32; j += L) Lanes.signed(s, from + 2 + j).mul(scale).intoArray(y, i + 32 * block + j);
        }
    }

    static void q4x0(MemorySegment s, long at, int n, float[] y, int i) {
        for (int block = 0; block < n / 32; block++) {
            long from = at + 18L * block;
            float scale = half(s, from);
            for (int j = 0; j < 16; j += L) {
                IntVector pairs = Lanes.unsigned(s, from + 2 + j);
                Lanes.floats(pairs.and(15).sub(8)).mul(scale).intoArray(y, i + 32 * block + j);
                Lanes.floats(pairs.lanewise(LSHR, 4).sub(8)).mul(scale).intoArray(y, i + 32 * block + 16 + j);
            }
        }
    }

    private static void q4x1(MemorySegment s, long at, int n, float[] y, int i) {
        for (int block = 0; block < n / 32; block++) {
            long from = at + 20L * block;
            float scale = half(s, from);
            float min = half(s, from + 2);
            for (int j = 0; j < 16; j += L) {
                IntVector pairs = Lanes.unsigned(s, from + 4 + j);
                affine(pairs.and(15), scale, -min, y, i + 32 * block + j);
                affine(pairs.lanewise(LSHR, 4), scale, -min, y, i + 32 * block + 16 + j);
            }
        }
    }

    private static void q5x0(MemorySegment s, long at, int n, float[] y, int i) {
        for (int block = 0; block < n / 32; block++) {
            long from = at + 22L * block;
            float scale = half(s, from);
            int fifth = s.get(INT, from + 2);
            for (int j = 0; j < 16; j += L) {
                IntVector pairs = Lanes.unsigned(s, from + 6 + j);
                IntVector low = pairs.and(15).or(sixteens(fifth >>> j)).sub(16);
                IntVector high = pairs.lanewise(LSHR, 4).or(sixteens(fifth >>> 16 + j)).sub(16);
                Lanes.floats(low).mul(scale).intoArray(y, i + 32 * block + j);
                Lanes.floats(high).mul(scale).intoArray(y, i + 32 * block + 16 + j);
            }
        }
    }

    private static void q5x1(MemorySegment s, long at, int n, float[] y, int i) {
        for (int block = 0; block < n / 32; block++) {
            long from = at + 24L * block;
            float scale = half(s, from);
            float min = half(s, from + 2);
            int fifth = s.get(INT, from + 4);
            for (int j = 0; j < 16; j += L) {
                IntVector pairs = Lanes.unsigned(s, from + 8 + j);
                affine(pairs.and(15).or(sixteens(fifth >>> j)), scale, -min, y, i + 32 * block + j);
                IntVector high = pairs.lanewise(LSHR, 4).or(sixteens(fifth >>> 16 + j));
                affine(high, scale, -min, y, i + 32 * block + 16 + j);
            }
        }
    }

    /** Lane l is 16 where bit l is set. */
    private static IntVector sixteens(int bits) {
        return IntVector.broadcast(I, bits).lanewise(LSHR, LANE).and(1).lanewise(LSHL, 4);
    }

    private static void q2k(MemorySegment s, long at, int n, float[] y, int i) {
        for (int block = 0; block < n / 256; block++) {
            long from = at + 84L * block;
            float d = half(s, from + 80);
            float dmin = half(s, from + 82);
            for (int g = 0; g < 16; g++) {
                int code = s.get(ValueLayout.JAVA_BYTE, from + g) & 0xFF;
                float scale = d * (code & 15);
                float min = dmin * (code >> 4);
                long crumbs = from + 16 + g / 8 * 32 + g % 2 * 16;
                for (int j = 0; j < 16; j += L) {
                    IntVector q = Lanes.unsigned(s, crumbs + j).lanewise(LSHR, g % 8 & 6).and(3);
                    affine(q, scale, min, y, i + 256 * block + 16 * g + j);
                }
            }
        }
    }

    private static void q3k(MemorySegment s, long at, int n, float[] y, int i) {
        for (int block = 0; block < n / 256; block++) {
            long from = at + 110L * block;
            float d = half(s, from + 108);
            for (int g = 0; g < 16; g++) {
                float scale = d * scaleQ3(s, from + 96, g);
                long crumbs = from + 32 + g / 8 * 32 + g % 2 * 16;
                for (int j = 0; j < 16; j += L) {
                    IntVector third = Lanes.unsigned(s, from + g % 2 * 16 + j).lanewise(LSHR, g / 2).and(1);
                    IntVector q = Lanes.unsigned(s, crumbs + j).lanewise(LSHR, g % 8 & 6).and(3);
                    q = q.or(third.lanewise(LSHL, 2)).sub(4);
                    Lanes.floats(q).mul(scale).intoArray(y, i + 256 * block + 16 * g + j);
                }
            }
        }
    }

    private static int scaleQ3(MemorySegment s, long at, int g) {
        int low = s.get(ValueLayout.JAVA_BYTE, at + g % 8) >> 4 * (g / 8) & 15;
        int high = s.get(ValueLayout.JAVA_BYTE, at + 8 + g % 4) >> 2 * (g / 4) & 3;
        return (low | high << 4) - 32;
    }

    private static void q4k(MemorySegment s, long at, int n, float[] y, int i) {
        for (int block = 0; block < n / 256; block++) {
            long from = at + 144L * block;
            float d = half(s, from);
            float dmin = half(s, from + 2);
            long scales = scales(s, from + 4);
            long mins = mins(s, from + 4);
            for (int quarter = 0; quarter < 4; quarter++) {
                float scale = d * (scales & 63);
                float min = dmin * (mins & 63);
                float nextScale = d * (scales >> 8 & 63);
                float nextMin = dmin * (mins >> 8 & 63);
                int to = i + 256 * block + 64 * quarter;
                for (int j = 0; j < 32; j += L) {
                    IntVector pairs = Lanes.unsigned(s, from + 16 + 32 * quarter + j);
                    affine(pairs.and(15), scale, min, y, to + j);
                    affine(pairs.lanewise(LSHR, 4), nextScale, nextMin, y, to + 32 + j);
                }
                scales >>>= 16;
                mins >>>= 16;
            }
        }
    }

    private static void q5k(MemorySegment s, long at, int n, float[] y, int i) {
        for (int block = 0; block < n / 256; block++) {
            long from = at + 176L * block;
            float d = half(s, from);
            float dmin = half(s, from + 2);
            long scales = scales(s, from + 4);
            long mins = mins(s, from + 4);
            for (int quarter = 0; quarter < 4; quarter++) {
                float scale = d * (scales & 63);
                float min = dmin * (mins & 63);
                float nextScale = d * (scales >> 8 & 63);
                float nextMin = dmin * (mins >> 8 & 63);
                int to = i + 256 * block + 64 * quarter;
                for (int j = 0; j < 32; j += L) {
                    IntVector pairs = Lanes.unsigned(s, from + 48 + 32 * quarter + j);
                    IntVector fifths = Lanes.unsigned(s, from + 16 + j).lanewise(LSHR, 2 * quarter);
                    affine(pairs.and(15).or(fifths.lanewise(LSHL, 4).and(16)), scale, min, y, to + j);
                    IntVector high = pairs.lanewise(LSHR, 4).or(fifths.lanewise(LSHL, 3).and(16));
                    affine(high, nextScale, nextMin, y, to + 32 + j);
                }
                scales >>>= 16;
                mins >>>= 16;
            }
        }
    }

    /** Eight 6-bit scales, one in each byte. */
    static long scales(MemorySegment s, long at) {
        return sixBits(s.get(INT, at), s.get(INT, at + 8));
    }

    static long mins(MemorySegment s, long at) {
        return sixBits(s.get(INT, at + 4), s.get(INT, at + 8) >>> 4);
    }

    /** Four numbers whole, and four whose low halves are elsewhere and whose upper two bits fill the first four up. */
    static long sixBits(int first, int low) {
        int last = low & 0x0F0F0F0F | (first >>> 6 & 0x03030303) << 4;
        return first & 0x3F3F3F3F | (long) last << 32;
    }

    private static void q6k(MemorySegment s, long at, int n, float[] y, int i) {
        for (int block = 0; block < n / 256; block++) {
            long from = at + 210L * block;
            float d = half(s, from + 208);
            for (int part = 0; part < 8; part++) {
                long low = from + part / 4 * 64 + part % 2 * 32;
                long high = from + 128 + part / 4 * 32;
                int lowShift = part % 4 / 2 * 4;
                int highShift = part % 4 * 2;
                float scale = d * s.get(ValueLayout.JAVA_BYTE, from + 192 + 2 * part);
                float nextScale = d * s.get(ValueLayout.JAVA_BYTE, from + 193 + 2 * part);
                for (int j = 0; j < 32; j += L) {
                    IntVector q = Lanes.unsigned(s, low + j).lanewise(LSHR, lowShift).and(15);
                    IntVector upper = Lanes.unsigned(s, high + j).lanewise(LSHR, highShift).and(3);
                    q = q.or(upper.lanewise(LSHL, 4)).sub(32);
                    Lanes.floats(q).mul(j < 16 ? scale : nextScale).intoArray(y, i + 256 * block + 32 * part + j);
                }
            }
        }
    }

    private static void iq4nl(MemorySegment s, long at, int n, float[] y, int i) {
        for (int end = i + n; i < end; i += 32, at += 18) lookup(IQ4, bytes(s, at + 2), half(s, at), y, i);
    }

    private static void iq4xs(MemorySegment s, long at, int n, float[] y, int i) {
        for (int end = i + n; i < end; i += 256, at += 136) {
            float d = half(s, at);
            int high = s.get(SHORT, at + 2) & 0xFFFF;
            int low = s.get(INT, at + 4);
            for (int g = 0; g < 8; g++) {
                int scale = (low & 15 | (high & 3) << 4) - 32;
                lookup(IQ4, bytes(s, at + 8 + 16 * g), d * scale, y, i + 32 * g);
                low >>>= 4;
                high >>>= 2;
            }
        }
    }

    private static void mxfp4(MemorySegment s, long at, int n, float[] y, int i) {
        for (int end = i + n; i < end; i += 32, at += 17) {
            int exponent = s.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
            float scale = Float.intBitsToFloat(exponent < 2 ? 0x200000 << exponent : exponent - 1 << 23);
            lookup(E2M1, bytes(s, at + 1), scale, y, i);
        }
    }

    private static void lookup(ByteVector levels, ByteVector pairs, float scale, float[] y, int i) {
        scaled(pairs.and((byte) 15).selectFrom(levels), scale, y, i);
        scaled(pairs.lanewise(LSHR, 4).selectFrom(levels), scale, y, i + 16);
    }

    private static ByteVector bytes(MemorySegment s, long at) {
        return ByteVector.fromMemorySegment(B, s, at, LE);
    }

    static float half(MemorySegment s, long at) {
        return Float.float16ToFloat(s.get(SHORT, at));
    }

    private static void scaled(ByteVector q, float scale, float[] y, int i) {
        for (int part = 0; part < PARTS; part++)
            ((FloatVector) q.convertShape(B2F, F, part)).mul(scale).intoArray(y, i + part * L);
    }

    private static void affine(IntVector q, float scale, float min, float[] y, int i) {
        Lanes.floats(q).mul(scale).sub(min).intoArray(y, i);
    }

    private static void affine(ByteVector q, float scale, float min, float[] y, int i) {
        for (int part = 0; part < PARTS; part++)
            ((FloatVector) q.convertShape(B2F, F, part)).mul(scale).sub(min).intoArray(y, i + part * L);
    }
}
