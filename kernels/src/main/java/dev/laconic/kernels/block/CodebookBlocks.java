package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;

/** Four-bit indices into sixteen fixed values. */
final class CodebookBlocks {
    /** Levels of the IQ4 formats, denser near zero. */
    static final byte[] IQ4 = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** Twice the values of the 4-bit float e2m1. */
    static final byte[] E2M1 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    private CodebookBlocks() {}

    /** f16 d, 16 bytes of indices. */
    static final class Iq4Nl extends QuantCodec {
        Iq4Nl() {
            super(TensorType.IQ4_NL, 32, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            scales[g] = Bytes.f16(s, at);
            lookup(IQ4, s, at + 2, 16, q, i);
        }
    }

    /** f16 d, 8 x 2 high bits of scales, 8 x 4 low bits of scales, 128 bytes of indices. */
    static final class Iq4Xs extends QuantCodec {
        Iq4Xs() {
            super(TensorType.IQ4_XS, 32, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            float d = Bytes.f16(s, at);
            int high = Bytes.u16(s, at + 2);
            int low = Bytes.i32(s, at + 4);
            for (int j = 0; j < 8; j++) {
                scales[g + j] = d * ((low >>> 4 * j & 15 | (high >>> 2 * j & 3) << 4) - 32);
                lookup(IQ4, s, at + 8 + 16 * j, 16, q, i + 32 * j);
            }
        }
    }

    /** A power-of-two scale (e8m0), 16 bytes of e2m1 values. */
    static final class Mxfp4 extends QuantCodec {
        Mxfp4() {
            super(TensorType.MXFP4, 32, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            int exponent = Bytes.u8(s, at);
            scales[g] = Float.intBitsToFloat(exponent < 2 ? 0x200000 << exponent : exponent - 1 << 23);
            lookup(E2M1, s, at + 1, 16, q, i);
        }
    }

    /** Four unsigned e4m3 scales, one for each 16 elements, then 32 bytes of e2m1 values. */
    static final class Nvfp4 extends QuantCodec {
        Nvfp4() {
            super(TensorType.NVFP4, 16, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            for (int j = 0; j < 4; j++) {
                scales[g + j] = halfOfE4m3(Bytes.u8(s, at + j));
                lookup(E2M1, s, at + 4 + 8 * j, 8, q, i + 16 * j);
            }
        }

        private static float halfOfE4m3(int bits) {
            if (bits == 0x7F) return 0;
            int exponent = bits >> 3 & 15;
            int mantissa = bits & 7;
            return exponent == 0 ? mantissa * 0x1p-10f : (8 + mantissa) * Math.scalb(0x1p-11f, exponent);
        }
    }

    private static void lookup(byte[] values, byte[] s, int at, int bytes, byte[] q, int i) {
        for (int j = 0; j < bytes; j++) {
            int pair = Bytes.u8(s, at + j);
            q[i + j] = values[pair & 15];
            q[i + bytes + j] = values[pair >> 4];
        }
    }
}
