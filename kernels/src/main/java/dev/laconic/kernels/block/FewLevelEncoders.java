package dev.laconic.kernels.block;

import java.lang.foreign.MemorySegment;

/** Encoders with one scale for the whole block and at most four levels, or a codebook of e2m1 values. */
final class FewLevelEncoders {
    private FewLevelEncoders() {}

    /** The scale is the mean magnitude. */
    static void q1_0(float[] x, int i, MemorySegment target, long at) {
        float sum = 0;
        for (int j = 0; j < 128; j++) sum += Math.abs(x[i + j]);
        Bytes.putF16(target, at, sum / 128);
        for (int b = 0; b < 16; b++) {
            int bits = 0;
            for (int j = 0; j < 8; j++) if (x[i + 8 * b + j] >= 0) bits |= 1 << j;
            Bytes.put8(target, at + 2 + b, bits);
        }
    }

    static void q2_0(float[] x, int i, MemorySegment target, long at) {
        float inverse = scale(x, i, 64, target, at);
        for (int b = 0; b < 16; b++) {
            int bits = 0;
            for (int j = 0; j < 4; j++)
                bits |= Rounding.clamp(Rounding.away(x[i + 4 * b + j] * inverse) + 1, 0, 3) << 2 * j;
            Bytes.put8(target, at + 2 + b, bits);
        }
    }

    static void tq2_0(float[] x, int i, MemorySegment target, long at) {
        float inverse = scale(x, i, 256, target, at + 64);
        for (int half = 0; half < 2; half++) {
            for (int j = 0; j < 32; j++) {
                int bits = 0;
                for (int n = 0; n < 4; n++) bits |= digit(x[i + 128 * half + 32 * n + j] * inverse) << 2 * n;
                Bytes.put8(target, at + 32 * half + j, bits);
            }
        }
    }

    static void tq1_0(float[] x, int i, MemorySegment target, long at) {
        float inverse = scale(x, i, 256, target, at + 52);
        digits(x, i, inverse, 32, 5, target, at);
        digits(x, i + 160, inverse, 16, 5, target, at + 32);
        digits(x, i + 240, inverse, 4, 4, target, at + 48);
    }

    /** Bytes of base-3 digits, first digit most significant, as a fraction of 3^5 scaled to 256 and rounded up. */
    private static void digits(float[] x, int i, float inverse, int bytes, int digits, MemorySegment target, long at) {
        for (int j = 0; j < bytes; j++) {
            int number = 0;
            for (int n = 0; n < 5; n++) number = number * 3 + (n < digits ? digit(x[i + n * bytes + j] * inverse) : 0);
            Bytes.put8(target, at + j, (number * 256 + 242) / 243);
        }
    }

    private static int digit(float x) {
        return Rounding.away(x) + 1;
    }

    private static float scale(float[] x, int i, int n, MemorySegment target, long at) {
        float largest = Math.abs(Rounding.extreme(x, i, n));
        Bytes.putF16(target, at, largest);
        return Rounding.inverse(largest);
    }

    /** The largest magnitude falls into the top binade of e2m1, 4 to 6. */
    static void mxfp4(float[] x, int i, MemorySegment target, long at) {
        float largest = Math.abs(Rounding.extreme(x, i, 32));
        float log2 = (float) (Math.log(largest) / Math.log(2));
        int exponent = largest > 0 ? Rounding.clamp((int) Math.floor(log2) + 125, 0, 254) : 0;
        float scale = Float.intBitsToFloat(exponent < 2 ? 0x200000 << exponent : exponent - 1 << 23);
        Bytes.put8(target, at, exponent);
        for (int j = 0; j < 16; j++)
            Bytes.put8(target, at + 1 + j, nearest(x[i + j], scale) | nearest(x[i + 16 + j], scale) << 4);
    }

    private static int nearest(float x, float scale) {
        int best = 0;
        for (int code = 1; code < 16; code++) {
            float distance = Math.abs(CodebookBlocks.E2M1[code] * scale - x);
            if (distance < Math.abs(CodebookBlocks.E2M1[best] * scale - x)) best = code;
        }
        return best;
    }
}
