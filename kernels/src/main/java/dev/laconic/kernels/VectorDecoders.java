package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.B;
import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.I;
import static dev.laconic.kernels.Lanes.L;
import static dev.laconic.kernels.Lanes.LE;
import static dev.laconic.kernels.Lanes.PARTS;
import static dev.laconic.kernels.Lanes.S;
import static jdk.incubator.vector.VectorOperators.ADD;
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
import jdk.incubator.vector.VectorMask;

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

    /** Shifts exponent and fraction into place and multiplies the bias away, which is right for subnormals as well. */
    static void f16(MemorySegment s, long at, int n, float[] y, int i) {
        int whole = n / L * L;
        for (int j = 0; j < whole; j += L) {
            IntVector half = (IntVector) ShortVector.fromMemorySegment(S, s, at + 2L * j, LE).convertShape(S2I, I, 0);
            IntVector magnitude = half.and(0x7FFF);
            IntVector bits = magnitude.lanewise(LSHL, 13).reinterpretAsFloats().mul(0x1p112f).reinterpretAsInts();
            bits = bits.lanewise(OR, 0x7F800000, magnitude.compare(GE, 0x7C00)); // infinities and NaNs
            bits.or(half.and(0x80000000)).reinterpretAsFloats().intoArray(y, i + j);
        }
        for (int j = whole; j < n; j++) y[i + j] = half(s, at + 2L * j);
    }

    static void bf16(MemorySegment s, long at, int n, float[] y, int i) {
        int whole = n / L * L;
        for (int j = 0; j < whole; j += L) {
            IntVector bits = (IntVector) ShortVector.fromMemorySegment(S, s, at + 2L * j, LE).convertShape(S2I, I, 0);
            bits.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(y, i + j);
        }
        for (int j = whole; j < n; j++) y[i + j] = Float.intBitsToFloat(s.get(SHORT, at + 2L * j) << 16);
    }

    static void q8x0(MemorySegment s, long at, int n, float[] y, int i) {
        for (int end = i + n; i < end; i += 32, at += 34) {
            float scale = half(s, at);
            scaled(bytes(s, at + 2), scale, y, i);
            scaled(bytes(s, at + 18), scale, y, i + 16);
        }
    }

    static void q4x0(MemorySegment s, long at, int n, float[] y, int i) {
        for (int end = i + n; i < end; i += 32, at += 18) {
            float scale = half(s, at);
            ByteVector pairs = bytes(s, at + 2);
            scaled(pairs.and((byte) 15).sub((byte) 8), scale, y, i);
            scaled(pairs.lanewise(LSHR, 4).sub((byte) 8), scale, y, i + 16);
        }
    }

    private static void q4x1(MemorySegment s, long at, int n, float[] y, int i) {
        for (int end = i + n; i < end; i += 32, at += 20) {
            float scale = half(s, at);
            float min = -half(s, at + 2);
            ByteVector pairs = bytes(s, at + 4);
            affine(pairs.and((byte) 15), scale, min, y, i);
            affine(pairs.lanewise(LSHR, 4), scale, min, y, i + 16);
        }
    }

    private static void q5x0(MemorySegment s, long at, int n, float[] y, int i) {
        for (int end = i + n; i < end; i += 32, at += 22) {
            float scale = half(s, at);
            int fifth = s.get(INT, at + 2);
            ByteVector pairs = bytes(s, at + 6);
            scaled(withFifth(pairs.and((byte) 15), fifth).sub((byte) 16), scale, y, i);
            scaled(withFifth(pairs.lanewise(LSHR, 4), fifth >>> 16).sub((byte) 16), scale, y, i + 16);
        }
    }

    private static void q5x1(MemorySegment s, long at, int n, float[] y, int i) {
        for (int end = i + n; i < end; i += 32, at += 24) {
            float scale = half(s, at);
            float min = -half(s, at + 2);
            int fifth = s.get(INT, at + 4);
            ByteVector pairs = bytes(s, at + 8);
            affine(withFifth(pairs.and((byte) 15), fifth), scale, min, y, i);
            affine(withFifth(pairs.lanewise(LSHR, 4), fifth >>> 16), scale, min, y, i + 16);
        }
    }

    private static ByteVector withFifth(ByteVector low, int bits) {
        return low.lanewise(ADD, (byte) 16, VectorMask.fromLong(B, bits & 0xFFFFL));
    }

    private static void q2k(MemorySegment s, long at, int n, float[] y, int i) {
        for (int end = i + n; i < end; i += 256, at += 84) {
            float d = half(s, at + 80);
            float dmin = half(s, at + 82);
            for (int part = 0; part < 4; part++) {
                ByteVector crumbs = bytes(s, at + 16 + 16 * part);
                int g = part / 2 * 8 + part % 2;
                for (int j = 0; j < 4; j++, g += 2) {
                    int code = s.get(ValueLayout.JAVA_BYTE, at + g) & 0xFF;
                    affine(crumbs.and((byte) 3), d * (code & 15), dmin * (code >> 4), y, i + 16 * g);
                    crumbs = crumbs.lanewise(LSHR, 2);
                }
            }
        }
    }

    private static void q3k(MemorySegment s, long at, int n, float[] y, int i) {
        for (int end = i + n; i < end; i += 256, at += 110) {
            float d = half(s, at + 108);
            for (int part = 0; part < 4; part++) {
                ByteVector crumbs = bytes(s, at + 32 + 16 * part);
                ByteVector thirds = bytes(s, at + 16 * (part % 2)).lanewise(LSHR, part / 2 * 4);
                int g = part / 2 * 8 + part % 2;
                for (int j = 0; j < 4; j++, g += 2) {
                    ByteVector third = thirds.and((byte) 1).lanewise(LSHL, 2);
                    scaled(crumbs.and((byte) 3).or(third).sub((byte) 4), d * scaleQ3(s, at + 96, g), y, i + 16 * g);
                    crumbs = crumbs.lanewise(LSHR, 2);
                    thirds = thirds.lanewise(LSHR, 1);
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
        for (int end = i + n; i < end; i += 256, at += 144) {
            float d = half(s, at);
            float dmin = half(s, at + 2);
            long scales = scales(s, at + 4);
            long mins = mins(s, at + 4);
            for (int quarter = 0; quarter < 4; quarter++) {
                float scale = d * (scales & 63);
                float min = dmin * (mins & 63);
                float nextScale = d * (scales >> 8 & 63);
                float nextMin = dmin * (mins >> 8 & 63);
                for (int j = 0; j < 32; j += 16) {
                    ByteVector pairs = bytes(s, at + 16 + 32 * quarter + j);
                    affine(pairs.and((byte) 15), scale, min, y, i + 64 * quarter + j);
                    affine(pairs.lanewise(LSHR, 4), nextScale, nextMin, y, i + 64 * quarter + 32 + j);
                }
                scales >>>= 16;
                mins >>>= 16;
            }
        }
    }

    private static void q5k(MemorySegment s, long at, int n, float[] y, int i) {
        for (int end = i + n; i < end; i += 256, at += 176) {
            float d = half(s, at);
            float dmin = half(s, at + 2);
            long scales = scales(s, at + 4);
            long mins = mins(s, at + 4);
            ByteVector fifth = bytes(s, at + 16);
            ByteVector nextFifth = bytes(s, at + 32);
            for (int quarter = 0; quarter < 4; quarter++) {
                float scale = d * (scales & 63);
                float min = dmin * (mins & 63);
                float nextScale = d * (scales >> 8 & 63);
                float nextMin = dmin * (mins >> 8 & 63);
                long q = at + 48 + 32 * quarter;
                int to = i + 64 * quarter;
                ByteVector pairs = bytes(s, q);
                ByteVector nextPairs = bytes(s, q + 16);
                affine(pairs.and((byte) 15).or(fourth(fifth)), scale, min, y, to);
                affine(nextPairs.and((byte) 15).or(fourth(nextFifth)), scale, min, y, to + 16);
                fifth = fifth.lanewise(LSHR, 1);
                nextFifth = nextFifth.lanewise(LSHR, 1);
                affine(pairs.lanewise(LSHR, 4).or(fourth(fifth)), nextScale, nextMin, y, to + 32);
                affine(nextPairs.lanewise(LSHR, 4).or(fourth(nextFifth)), nextScale, nextMin, y, to + 48);
                fifth = fifth.lanewise(LSHR, 1);
                nextFifth = nextFifth.lanewise(LSHR, 1);
                scales >>>= 16;
                mins >>>= 16;
            }
        }
    }

    private static ByteVector fourth(ByteVector bits) {
        return bits.and((byte) 1).lanewise(LSHL, 4);
    }

    /** Eight 6-bit scales, one in each byte. */
    private static long scales(MemorySegment s, long at) {
        int first = s.get(INT, at);
        int last = s.get(INT, at + 8) & 0x0F0F0F0F | (first >>> 6 & 0x03030303) << 4;
        return first & 0x3F3F3F3F | (long) last << 32;
    }

    private static long mins(MemorySegment s, long at) {
        int first = s.get(INT, at + 4);
        int last = s.get(INT, at + 8) >>> 4 & 0x0F0F0F0F | (first >>> 6 & 0x03030303) << 4;
        return first & 0x3F3F3F3F | (long) last << 32;
    }

    private static void q6k(MemorySegment s, long at, int n, float[] y, int i) {
        for (int end = i + n; i < end; i += 256, at += 210) {
            float d = half(s, at + 208);
            for (int part = 0; part < 4; part++) {
                int half = part / 2;
                int j = part % 2;
                ByteVector low = bytes(s, at + 64 * half + 16 * j);
                ByteVector nextLow = bytes(s, at + 64 * half + 32 + 16 * j);
                ByteVector high = bytes(s, at + 128 + 32 * half + 16 * j);
                long scales = at + 192 + 8 * half + j;
                int to = i + 128 * half + 16 * j;
                q6(low.and((byte) 15), high.lanewise(LSHL, 4), d, s, scales, y, to);
                q6(nextLow.and((byte) 15), high.lanewise(LSHL, 2), d, s, scales + 2, y, to + 32);
                q6(low.lanewise(LSHR, 4), high, d, s, scales + 4, y, to + 64);
                q6(nextLow.lanewise(LSHR, 4), high.lanewise(LSHR, 2), d, s, scales + 6, y, to + 96);
            }
        }
    }

    private static void q6(ByteVector low, ByteVector high, float d, MemorySegment s, long scale, float[] y, int i) {
        scaled(low.or(high.and((byte) 0x30)).sub((byte) 32), d * s.get(ValueLayout.JAVA_BYTE, scale), y, i);
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

    private static float half(MemorySegment s, long at) {
        return Float.float16ToFloat(s.get(SHORT, at));
    }

    private static void scaled(ByteVector q, float scale, float[] y, int i) {
        for (int part = 0; part < PARTS; part++)
            ((FloatVector) q.convertShape(B2F, F, part)).mul(scale).intoArray(y, i + part * L);
    }

    private static void affine(ByteVector q, float scale, float min, float[] y, int i) {
        for (int part = 0; part < PARTS; part++)
            ((FloatVector) q.convertShape(B2F, F, part)).mul(scale).sub(min).intoArray(y, i + part * L);
    }
}
