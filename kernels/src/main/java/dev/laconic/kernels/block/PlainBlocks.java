package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;

/**
 * Blocks of 32 with one f16 scale, {@code _0} symmetric and {@code _1} with a minimum. Four-bit parts hold element j in
 * the low and element j + 16 in the high half of byte j; a fifth bit lies apart, bit j for element j.
 */
final class PlainBlocks {
    private PlainBlocks() {}

    static final class Q8_0 extends QuantCodec {
        Q8_0() {
            super(TensorType.Q8_0, 32, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            scales[g] = Bytes.f16(s, at);
            System.arraycopy(s, at + 2, q, i, 32);
        }
    }

    static final class Q4_0 extends QuantCodec {
        Q4_0() {
            super(TensorType.Q4_0, 32, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            scales[g] = Bytes.f16(s, at);
            halves(s, at + 2, 8, q, i);
        }
    }

    static final class Q4_1 extends QuantCodec {
        Q4_1() {
            super(TensorType.Q4_1, 32, false);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            scales[g] = Bytes.f16(s, at);
            mins[g] = -Bytes.f16(s, at + 2);
            halves(s, at + 4, 0, q, i);
        }
    }

    static final class Q5_0 extends QuantCodec {
        Q5_0() {
            super(TensorType.Q5_0, 32, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            scales[g] = Bytes.f16(s, at);
            halves(s, at + 6, 16, q, i);
            fifthBits(Bytes.i32(s, at + 2), q, i);
        }
    }

    static final class Q5_1 extends QuantCodec {
        Q5_1() {
            super(TensorType.Q5_1, 32, false);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            scales[g] = Bytes.f16(s, at);
            mins[g] = -Bytes.f16(s, at + 2);
            halves(s, at + 8, 0, q, i);
            fifthBits(Bytes.i32(s, at + 4), q, i);
        }
    }

    private static void halves(byte[] s, int at, int zero, byte[] q, int i) {
        for (int j = 0; j < 16; j++) {
            int pair = Bytes.u8(s, at + j);
            q[i + j] = (byte) ((pair & 15) - zero);
            q[i + 16 + j] = (byte) ((pair >> 4) - zero);
        }
    }

    private static void fifthBits(int bits, byte[] q, int i) {
        for (int j = 0; j < 32; j++) q[i + j] += (byte) ((bits >>> j & 1) << 4);
    }
}
