package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * The IQ1 to IQ3 formats: indices into tables of points of a lattice (grids), four or eight coordinates a point, with
 * signs apart. Groups of 16 or 32 have small integer scales under one f16 number.
 */
final class GridBlocks {
    private static final byte[] IQ2_XXS = Grids.read(0, 256, 8, 2, 8, 25, 43);
    private static final byte[] IQ2_XS = Grids.read(512, 512, 8, 2, 8, 25, 43);
    private static final byte[] IQ2_S = Grids.read(1536, 1024, 8, 2, 8, 25, 43);
    private static final byte[] IQ3_XXS = Grids.read(3584, 256, 4, 3, 4, 12, 20, 28, 36, 44, 52, 62);
    private static final byte[] IQ3_S = Grids.read(3968, 512, 4, 3, 1, 3, 5, 7, 9, 11, 13, 15);
    /** Eight times the coordinates -1, 0, 1, so that the shift by an eighth is an integer. */
    private static final byte[] IQ1 = Grids.read(4736, 2048, 8, 2, -8, 0, 8);

    private GridBlocks() {}

    /** f16 d, then for each 32 elements four byte indices, four 7-bit sign sets and a 4-bit scale. */
    static final class Iq2Xxs extends QuantCodec {
        Iq2Xxs() {
            super(TensorType.IQ2_XXS, 32, true);
        }

        @Override
        void unpackBlock(MemorySegment s, long at, byte[] q, int i, float[] scales, float[] mins, int g) {
            float d = Bytes.f16(s, at);
            for (int j = 0; j < 8; j++) {
                long part = at + 2 + 8 * j;
                int signs = Bytes.i32(s, part + 4);
                scales[g + j] = d * (0.5f + (signs >>> 28)) * 0.25f;
                for (int l = 0; l < 4; l++)
                    point(IQ2_XXS, Bytes.u8(s, part + l), 8, evenSigns(signs >>> 7 * l), q, i + 32 * j + 8 * l);
            }
        }
    }

    /** f16 d, 32 x (9-bit index, 7-bit sign set), 16 4-bit scales. */
    static final class Iq2Xs extends QuantCodec {
        Iq2Xs() {
            super(TensorType.IQ2_XS, 16, true);
        }

        @Override
        void unpackBlock(MemorySegment s, long at, byte[] q, int i, float[] scales, float[] mins, int g) {
            nibbleScales(s, at, at + 66, scales, g);
            for (int j = 0; j < 32; j++) {
                int code = Bytes.u16(s, at + 2 + 2 * j);
                point(IQ2_XS, code & 511, 8, evenSigns(code >> 9), q, i + 8 * j);
            }
        }
    }

    /** f16 d, 32 low index bytes, 32 sign bytes, 32 x 2 high index bits, 16 4-bit scales. */
    static final class Iq2S extends QuantCodec {
        Iq2S() {
            super(TensorType.IQ2_S, 16, true);
        }

        @Override
        void unpackBlock(MemorySegment s, long at, byte[] q, int i, float[] scales, float[] mins, int g) {
            nibbleScales(s, at, at + 74, scales, g);
            for (int j = 0; j < 32; j++) {
                int high = Bytes.u8(s, at + 66 + j / 4) >> 2 * (j % 4) & 3;
                int index = Bytes.u8(s, at + 2 + j) | high << 8;
                point(IQ2_S, index, 8, Bytes.u8(s, at + 34 + j), q, i + 8 * j);
            }
        }
    }

    /** f16 d, 64 byte indices, then for each 32 elements four 7-bit sign sets and a 4-bit scale. */
    static final class Iq3Xxs extends QuantCodec {
        Iq3Xxs() {
            super(TensorType.IQ3_XXS, 32, true);
        }

        @Override
        void unpackBlock(MemorySegment s, long at, byte[] q, int i, float[] scales, float[] mins, int g) {
            float d = Bytes.f16(s, at);
            for (int j = 0; j < 8; j++) {
                int signs = Bytes.i32(s, at + 66 + 4 * j);
                scales[g + j] = d * (0.5f + (signs >>> 28)) * 0.5f;
                for (int l = 0; l < 8; l++) {
                    int index = Bytes.u8(s, at + 2 + 8 * j + l);
                    int four = evenSigns(signs >>> 7 * (l / 2)) >> 4 * (l % 2);
                    point(IQ3_XXS, index, 4, four, q, i + 32 * j + 4 * l);
                }
            }
        }
    }

    /** f16 d, 64 low index bytes, 64 high index bits, 32 sign bytes, 8 4-bit scales. */
    static final class Iq3S extends QuantCodec {
        Iq3S() {
            super(TensorType.IQ3_S, 32, true);
        }

        @Override
        void unpackBlock(MemorySegment s, long at, byte[] q, int i, float[] scales, float[] mins, int g) {
            float d = Bytes.f16(s, at);
            for (int j = 0; j < 8; j++)
                scales[g + j] = d * (1 + 2 * (Bytes.u8(s, at + 106 + j / 2) >> 4 * (j % 2) & 15));
            for (int j = 0; j < 64; j++) {
                int high = Bytes.u8(s, at + 66 + j / 8) >> j % 8 & 1;
                int index = Bytes.u8(s, at + 2 + j) | high << 8;
                point(IQ3_S, index, 4, Bytes.u8(s, at + 74 + j / 2) >> 4 * (j % 2), q, i + 4 * j);
            }
        }
    }

    /** f16 d, 32 low index bytes, then for each 32 elements four 3-bit high parts, a 3-bit scale and the shift's sign. */
    static final class Iq1S extends QuantCodec {
        Iq1S() {
            super(TensorType.IQ1_S, 32, true);
        }

        @Override
        void unpackBlock(MemorySegment s, long at, byte[] q, int i, float[] scales, float[] mins, int g) {
            float d = Bytes.f16(s, at);
            for (int j = 0; j < 8; j++) {
                int high = Bytes.u16(s, at + 34 + 2 * j);
                scales[g + j] = d * (2 * (high >> 12 & 7) + 1) * 0.125f;
                int shift = (high & 0x8000) != 0 ? -1 : 1;
                for (int l = 0; l < 4; l++) {
                    int index = Bytes.u8(s, at + 2 + 4 * j + l) | (high >> 3 * l & 7) << 8;
                    shifted(index, shift, q, i + 32 * j + 8 * l);
                }
            }
        }
    }

    /** 32 low index bytes, 32 x (3 high bits, the shift's sign), 4 x (four 3-bit scales, a quarter of the f16 d). */
    static final class Iq1M extends QuantCodec {
        Iq1M() {
            super(TensorType.IQ1_M, 16, true);
        }

        @Override
        void unpackBlock(MemorySegment s, long at, byte[] q, int i, float[] scales, float[] mins, int g) {
            int half = 0;
            for (int j = 0; j < 4; j++) half |= Bytes.u16(s, at + 48 + 2 * j) >> 12 << 4 * j;
            float d = Float.float16ToFloat((short) half);
            for (int j = 0; j < 16; j++) {
                int scale = Bytes.u16(s, at + 48 + 2 * (j / 4)) >> 3 * (j % 4) & 7;
                scales[g + j] = d * (2 * scale + 1) * 0.125f;
            }
            for (int j = 0; j < 32; j++) {
                int high = Bytes.u8(s, at + 32 + j / 2) >> 4 * (j % 2) & 15;
                int index = Bytes.u8(s, at + j) | (high & 7) << 8;
                shifted(index, high > 7 ? -1 : 1, q, i + 8 * j);
            }
        }
    }

    private static void nibbleScales(MemorySegment s, long dAt, long at, float[] scales, int g) {
        float d = Bytes.f16(s, dAt);
        for (int j = 0; j < 16; j++)
            scales[g + j] = d * (0.5f + (Bytes.u8(s, at + j / 2) >> 4 * (j % 2) & 15)) * 0.25f;
    }

    /** Eight signs from seven stored bits: the eighth makes the number of minus signs even. */
    private static int evenSigns(int bits) {
        int seven = bits & 127;
        return seven | (Integer.bitCount(seven) & 1) << 7;
    }

    private static void point(byte[] grid, int index, int size, int signs, byte[] q, int i) {
        for (int k = 0; k < size; k++) {
            byte value = grid[index * size + k];
            q[i + k] = (signs >> k & 1) == 0 ? value : (byte) -value;
        }
    }

    private static void shifted(int index, int shift, byte[] q, int i) {
        for (int k = 0; k < 8; k++) q[i + k] = (byte) (IQ1[index * 8 + k] + shift);
    }
}
