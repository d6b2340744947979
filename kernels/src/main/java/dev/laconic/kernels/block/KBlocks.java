package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;

/**
 * The K-quants: super-blocks of 256 whose groups of 16 or 32 have small integer scales (and minimums), which one or two
 * f16 numbers scale in turn.
 */
final class KBlocks {
    private KBlocks() {}

    /** 16 bytes of 4-bit (scale, min) pairs, 64 bytes of 2-bit quants, f16 d, f16 dmin. */
    static final class Q2_K extends QuantCodec {
        Q2_K() {
            super(TensorType.Q2_K, 16, false);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            float d = Bytes.f16(s, at + 80);
            float dmin = Bytes.f16(s, at + 82);
            for (int j = 0; j < 16; j++) {
                int pair = Bytes.u8(s, at + j);
                scales[g + j] = d * (pair & 15);
                mins[g + j] = dmin * (pair >> 4);
            }
            crumbs(s, at + 16, 0, q, i);
        }
    }

    /** 32 bytes of third bits, 64 bytes of 2-bit quants, 12 bytes of 6-bit scales, f16 d. */
    static final class Q3_K extends QuantCodec {
        Q3_K() {
            super(TensorType.Q3_K, 16, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            float d = Bytes.f16(s, at + 108);
            for (int j = 0; j < 16; j++) {
                int low = Bytes.u8(s, at + 96 + j % 8) >> 4 * (j / 8) & 15;
                int high = Bytes.u8(s, at + 104 + j % 4) >> 2 * (j / 4) & 3;
                scales[g + j] = d * ((low | high << 4) - 32);
            }
            crumbs(s, at + 32, 4, q, i);
            for (int j = 0; j < 256; j++) q[i + j] += (byte) ((Bytes.u8(s, at + j % 32) >> j / 32 & 1) << 2);
        }
    }

    /** f16 d, f16 dmin, 12 bytes of 6-bit scales and mins, 128 bytes of 4-bit quants. */
    static final class Q4_K extends QuantCodec {
        Q4_K() {
            super(TensorType.Q4_K, 32, false);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            scalesAndMins(s, at, scales, mins, g);
            nibbles(s, at + 16, q, i);
        }
    }

    /** As Q4_K with 32 bytes of fifth bits before the 4-bit quants. */
    static final class Q5_K extends QuantCodec {
        Q5_K() {
            super(TensorType.Q5_K, 32, false);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            scalesAndMins(s, at, scales, mins, g);
            nibbles(s, at + 48, q, i);
            for (int j = 0; j < 256; j++) q[i + j] += (byte) ((Bytes.u8(s, at + 16 + j % 32) >> j / 32 & 1) << 4);
        }
    }

    /** 128 bytes of low 4-bit quants, 64 bytes of high 2-bit parts, 16 signed byte scales, f16 d. */
    static final class Q6_K extends QuantCodec {
        Q6_K() {
            super(TensorType.Q6_K, 16, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            float d = Bytes.f16(s, at + 208);
            for (int j = 0; j < 16; j++) scales[g + j] = d * Bytes.s8(s, at + 192 + j);
            for (int half = 0; half < 2; half++) {
                for (int j = 0; j < 128; j++) {
                    int low = Bytes.u8(s, at + 64 * half + j % 64) >> 4 * (j / 64) & 15;
                    int high = Bytes.u8(s, at + 128 + 32 * half + j % 32) >> 2 * (j / 32) & 3;
                    q[i + 128 * half + j] = (byte) ((low | high << 4) - 32);
                }
            }
        }
    }

    /** Two-bit quants: in each half of 32 bytes, byte j holds elements j, j + 32, j + 64 and j + 96. */
    static void crumbs(byte[] s, int at, int zero, byte[] q, int i) {
        for (int half = 0; half < 2; half++)
            for (int j = 0; j < 128; j++)
                q[i + 128 * half + j] = (byte) ((Bytes.u8(s, at + 32 * half + j % 32) >> 2 * (j / 32) & 3) - zero);
    }

    /** Four-bit quants: in each quarter of 32 bytes, byte j holds elements j and j + 32. */
    private static void nibbles(byte[] s, int at, byte[] q, int i) {
        for (int quarter = 0; quarter < 4; quarter++)
            for (int j = 0; j < 64; j++)
                q[i + 64 * quarter + j] = (byte) (Bytes.u8(s, at + 32 * quarter + j % 32) >> 4 * (j / 32) & 15);
    }

    private static void scalesAndMins(byte[] s, int at, float[] scales, float[] mins, int g) {
        float d = Bytes.f16(s, at);
        float dmin = Bytes.f16(s, at + 2);
        for (int j = 0; j < 8; j++) {
            scales[g + j] = d * scale(s, at + 4, j);
            mins[g + j] = dmin * min(s, at + 4, j);
        }
    }

    /** Six-bit scale j of 8 in 12 bytes: four whole ones, then four whose upper two bits fill the first eight bytes. */
    static int scale(byte[] s, int at, int j) {
        if (j < 4) return Bytes.u8(s, at + j) & 63;
        return Bytes.u8(s, at + 4 + j) & 15 | Bytes.u8(s, at + j - 4) >> 6 << 4;
    }

    static int min(byte[] s, int at, int j) {
        if (j < 4) return Bytes.u8(s, at + 4 + j) & 63;
        return Bytes.u8(s, at + 4 + j) >> 4 | Bytes.u8(s, at + j) >> 6 << 4;
    }
}
