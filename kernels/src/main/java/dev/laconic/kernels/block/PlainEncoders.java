package dev.laconic.kernels.block;

import java.lang.foreign.MemorySegment;

/** Encoders whose scale follows from the extremes of a block. */
final class PlainEncoders {
    private PlainEncoders() {}

    static void f32(float[] x, int i, MemorySegment target, long at) {
        target.set(Bytes.FLOAT, at, x[i]);
    }

    static void f16(float[] x, int i, MemorySegment target, long at) {
        Bytes.putF16(target, at, x[i]);
    }

    static void bf16(float[] x, int i, MemorySegment target, long at) {
        Bytes.put16(target, at, Rounding.bf16(x[i]));
    }

    static void q8_0(float[] x, int i, MemorySegment target, long at) {
        float scale = Math.abs(Rounding.extreme(x, i, 32)) / 127;
        float inverse = Rounding.inverse(scale);
        Bytes.putF16(target, at, scale);
        for (int j = 0; j < 32; j++) Bytes.put8(target, at + 2 + j, Rounding.away(x[i + j] * inverse));
    }

    static void q4_0(float[] x, int i, MemorySegment target, long at) {
        float scale = Rounding.extreme(x, i, 32) / -8;
        Bytes.putF16(target, at, scale);
        levels(x, i, 0, Rounding.inverse(scale), 8.5f, 15, target, at + 2);
    }

    static void q4_1(float[] x, int i, MemorySegment target, long at) {
        float min = least(x, i);
        float scale = (most(x, i) - min) / 15;
        Bytes.putF16(target, at, scale);
        Bytes.putF16(target, at + 2, min);
        levels(x, i, min, Rounding.inverse(scale), 0.5f, 15, target, at + 4);
    }

    static void q5_0(float[] x, int i, MemorySegment target, long at) {
        float scale = Rounding.extreme(x, i, 32) / -16;
        Bytes.putF16(target, at, scale);
        int fifth = levels(x, i, 0, Rounding.inverse(scale), 16.5f, 31, target, at + 6);
        Bytes.put32(target, at + 2, fifth);
    }

    static void q5_1(float[] x, int i, MemorySegment target, long at) {
        float min = least(x, i);
        float scale = (most(x, i) - min) / 31;
        Bytes.putF16(target, at, scale);
        Bytes.putF16(target, at + 2, min);
        int fifth = levels(x, i, min, Rounding.inverse(scale), 0.5f, 31, target, at + 8);
        Bytes.put32(target, at + 4, fifth);
    }

    /** Writes the low four bits of 32 levels, element j with element j + 16, and returns their fifth bits. */
    private static int levels(
            float[] x, int i, float min, float inverse, float shift, int most, MemorySegment target, long at) {
        int fifth = 0;
        for (int j = 0; j < 16; j++) {
            int low = Math.min(most, (int) ((x[i + j] - min) * inverse + shift));
            int high = Math.min(most, (int) ((x[i + 16 + j] - min) * inverse + shift));
            Bytes.put8(target, at + j, low & 15 | high << 4);
            fifth |= low >> 4 << j | high >> 4 << 16 + j;
        }
        return fifth;
    }

    private static float least(float[] x, int i) {
        float least = x[i];
        for (int j = 1; j < 32; j++) if (x[i + j] < least) least = x[i + j];
        return least;
    }

    private static float most(float[] x, int i) {
        float most = x[i];
        for (int j = 1; j < 32; j++) if (x[i + j] > most) most = x[i + j];
        return most;
    }
}
