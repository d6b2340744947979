package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;

/** Two, three or four levels and one scale for the whole block. */
final class FewLevelBlocks {
    private FewLevelBlocks() {}

    /** f16 d, then one bit for each of 128 elements: d or -d. */
    static final class Q1_0 extends QuantCodec {
        Q1_0() {
            super(TensorType.Q1_0, 128, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            scales[g] = Bytes.f16(s, at);
            for (int j = 0; j < 128; j++) q[i + j] = (byte) ((Bytes.u8(s, at + 2 + j / 8) >> j % 8 & 1) * 2 - 1);
        }
    }

    /** f16 d, then two bits for each of 64 elements: -1, 0, 1 or 2 times d. */
    static final class Q2_0 extends QuantCodec {
        Q2_0() {
            super(TensorType.Q2_0, 64, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            scales[g] = Bytes.f16(s, at);
            for (int j = 0; j < 64; j++) q[i + j] = (byte) ((Bytes.u8(s, at + 2 + j / 4) >> 2 * (j % 4) & 3) - 1);
        }
    }

    /**
     * Base-3 digits: 48 bytes of five, 4 bytes of four, f16 d. A byte is the digits as a fraction of 256, so that
     * multiplying by 3 moves the next digit above the byte.
     */
    static final class Tq1_0 extends QuantCodec {
        private static final int[] POWERS_OF_3 = {1, 3, 9, 27, 81};

        Tq1_0() {
            super(TensorType.TQ1_0, 256, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            scales[g] = Bytes.f16(s, at + 52);
            digits(s, at, 32, 5, q, i);
            digits(s, at + 32, 16, 5, q, i + 160);
            digits(s, at + 48, 4, 4, q, i + 240);
        }

        private static void digits(byte[] s, int at, int bytes, int digits, byte[] q, int i) {
            for (int n = 0; n < digits; n++)
                for (int j = 0; j < bytes; j++) {
                    int fraction = Bytes.u8(s, at + j) * POWERS_OF_3[n] & 0xFF;
                    q[i + n * bytes + j] = (byte) ((fraction * 3 >> 8) - 1);
                }
        }
    }

    /** 64 bytes of two-bit digits 0, 1, 2 for -1, 0, 1, then f16 d. */
    static final class Tq2_0 extends QuantCodec {
        Tq2_0() {
            super(TensorType.TQ2_0, 256, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            scales[g] = Bytes.f16(s, at + 64);
            KBlocks.crumbs(s, at, 1, q, i);
        }
    }
}
