package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The IQ1 to IQ3 formats: indices into tables of points of a lattice (grids), four or eight coordinates a point, with
 * signs apart. Groups of 16 or 32 have small integer scales under one f16 number.
 */
final class GridBlocks {
    private static final long[] IQ2_XXS = Grids.eights(0, 256, 2, 8, 25, 43);
    private static final long[] IQ2_XS = Grids.eights(512, 512, 2, 8, 25, 43);
    private static final long[] IQ2_S = Grids.eights(1536, 1024, 2, 8, 25, 43);
    private static final int[] IQ3_XXS = Grids.fours(3584, 256, 3, 4, 12, 20, 28, 36, 44, 52, 62);
    private static final int[] IQ3_S = Grids.fours(3968, 512, 3, 1, 3, 5, 7, 9, 11, 13, 15);
    /** Eight times the coordinates -1, 0, 1, so that the shift by an eighth up or down is an integer. */
    private static final long[] IQ1_UP = Grids.eights(4736, 2048, 2, -7, 1, 9);

    private static final long[] IQ1_DOWN = Grids.eights(4736, 2048, 2, -9, -1, 7);

    private static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** For each set of eight signs the bytes 0 for plus and -1 for minus. */
    private static final long[] MINUS = new long[256];

    static {
        for (int signs = 0; signs < 256; signs++)
            for (int k = 0; k < 8; k++) if ((signs >> k & 1) != 0) MINUS[signs] |= 0xFFL << 8 * k;
    }

    private GridBlocks() {}

    /** f16 d, then for each 32 elements four byte indices, four 7-bit sign sets and a 4-bit scale. */
    static final class Iq2Xxs extends QuantCodec {
        Iq2Xxs() {
            super(TensorType.IQ2_XXS, 32, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            float d = Bytes.f16(s, at);
            for (int j = 0; j < 8; j++) {
                int part = at + 2 + 8 * j;
                int signs = Bytes.i32(s, part + 4);
                scales[g + j] = d * (0.5f + (signs >>> 28)) * 0.25f;
                for (int l = 0; l < 4; l++)
                    point(IQ2_XXS[Bytes.u8(s, part + l)], evenSigns(signs >>> 7 * l), q, i + 32 * j + 8 * l);
            }
        }
    }

    /** f16 d, 32 x (9-bit index, 7-bit sign set), 16 4-bit scales. */
    static final class Iq2Xs extends QuantCodec {
        Iq2Xs() {
            super(TensorType.IQ2_XS, 16, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            nibbleScales(s, at, at + 66, scales, g);
            for (int j = 0; j < 32; j++) {
                int code = Bytes.u16(s, at + 2 + 2 * j);
                point(IQ2_XS[code & 511], evenSigns(code >> 9), q, i + 8 * j);
            }
        }
    }

    /** f16 d, 32 low index bytes, 32 sign bytes, 32 x 2 high index bits, 16 4-bit scales. */
    static final class Iq2S extends QuantCodec {
        Iq2S() {
            super(TensorType.IQ2_S, 16, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            nibbleScales(s, at, at + 74, scales, g);
            for (int j = 0; j < 32; j++) {
                int high = Bytes.u8(s, at + 66 + j / 4) >> 2 * (j % 4) & 3;
                int index = Bytes.u8(s, at + 2 + j) | high << 8;
                point(IQ2_S[index], Bytes.u8(s, at + 34 + j), q, i + 8 * j);
            }
        }
    }

    /** f16 d, 64 byte indices, then for each 32 elements four 7-bit sign sets and a 4-bit scale. */
    static final class Iq3Xxs extends QuantCodec {
        Iq3Xxs() {
            super(TensorType.IQ3_XXS, 32, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            float d = Bytes.f16(s, at);
            for (int j = 0; j < 8; j++) {
                int signs = Bytes.i32(s, at + 66 + 4 * j);
                scales[g + j] = d * (0.5f + (signs >>> 28)) * 0.5f;
                for (int l = 0; l < 4; l++) {
                    int first = IQ3_XXS[Bytes.u8(s, at + 2 + 8 * j + 2 * l)];
                    int second = IQ3_XXS[Bytes.u8(s, at + 3 + 8 * j + 2 * l)];
                    point(both(first, second), evenSigns(signs >>> 7 * l), q, i + 32 * j + 8 * l);
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
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            float d = Bytes.f16(s, at);
            for (int j = 0; j < 8; j++)
                scales[g + j] = d * (1 + 2 * (Bytes.u8(s, at + 106 + j / 2) >> 4 * (j % 2) & 15));
            for (int j = 0; j < 32; j++) {
                int high = Bytes.u8(s, at + 66 + j / 4) >> 2 * (j % 4);
                int first = IQ3_S[Bytes.u8(s, at + 2 + 2 * j) | (high & 1) << 8];
                int second = IQ3_S[Bytes.u8(s, at + 3 + 2 * j) | (high >> 1 & 1) << 8];
                point(both(first, second), Bytes.u8(s, at + 74 + j), q, i + 8 * j);
            }
        }
    }

    /** f16 d, 32 low index bytes, then for each 32 elements four 3-bit high parts, a 3-bit scale and the shift's sign. */
    static final class Iq1S extends QuantCodec {
        Iq1S() {
            super(TensorType.IQ1_S, 32, true);
        }

        @Override
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
            float d = Bytes.f16(s, at);
            for (int j = 0; j < 8; j++) {
                int high = Bytes.u16(s, at + 34 + 2 * j);
                scales[g + j] = d * (2 * (high >> 12 & 7) + 1) * 0.125f;
                long[] grid = (high & 0x8000) != 0 ? IQ1_DOWN : IQ1_UP;
                for (int l = 0; l < 4; l++) {
                    int index = Bytes.u8(s, at + 2 + 4 * j + l) | (high >> 3 * l & 7) << 8;
                    EIGHT_BYTES.set(q, i + 32 * j + 8 * l, grid[index]);
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
        void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g) {
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
                EIGHT_BYTES.set(q, i + 8 * j, (high > 7 ? IQ1_DOWN : IQ1_UP)[index]);
            }
        }
    }

    private static void nibbleScales(byte[] s, int dAt, int at, float[] scales, int g) {
        float d = Bytes.f16(s, dAt);
        for (int j = 0; j < 16; j++)
            scales[g + j] = d * (0.5f + (Bytes.u8(s, at + j / 2) >> 4 * (j % 2) & 15)) * 0.25f;
    }

    /** Eight signs from seven stored bits: the eighth makes the number of minus signs even. */
    private static int evenSigns(int bits) {
        int seven = bits & 127;
        return seven | (Integer.bitCount(seven) & 1) << 7;
    }

    private static long both(int first, int second) {
        return first & 0xFFFFFFFFL | (long) second << 32;
    }

    /** Writes eight coordinates, none of them zero, with their signs: a byte is negated by inverting it and adding one. */
    private static void point(long coordinates, int signs, byte[] q, int i) {
        long minus = MINUS[signs];
        EIGHT_BYTES.set(q, i, (coordinates ^ minus) + (minus & 0x0101010101010101L));
    }
}
