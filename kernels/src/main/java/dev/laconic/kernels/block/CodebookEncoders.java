package dev.laconic.kernels.block;

import java.lang.foreign.MemorySegment;

/**
 * Encoders of the IQ4 formats: for each group of 32 fifteen scales are tried that put the extreme element on or near
 * the first level, and the one whose least-squares fit leaves the smallest error, weighted by {@code x^2}, wins.
 */
final class CodebookEncoders {
    private static final byte[] LEVELS = CodebookBlocks.IQ4;

    private CodebookEncoders() {}

    static void iq4Nl(float[] x, int i, MemorySegment target, long at) {
        float scale = scale(x, i);
        Bytes.putF16(target, at, scale);
        indices(x, i, Rounding.inverse(scale), target, at + 2);
    }

    static void iq4Xs(float[] x, int i, MemorySegment target, long at) {
        float[] scales = new float[8];
        for (int g = 0; g < 8; g++) scales[g] = scale(x, i + 32 * g);
        float d = -Rounding.extreme(scales, 0, 8) / 32;
        Bytes.putF16(target, at, d);
        float inverse = Rounding.inverse(d);
        int high = 0;
        int low = 0;
        for (int g = 0; g < 8; g++) {
            int scale = Rounding.clamp(Rounding.even(inverse * scales[g]), -32, 31);
            indices(x, i + 32 * g, Rounding.inverse(d * scale), target, at + 8 + 16 * g);
            high |= scale + 32 >> 4 << 2 * g;
            low |= (scale + 32 & 15) << 4 * g;
        }
        Bytes.put16(target, at + 2, high);
        Bytes.put32(target, at + 4, low);
    }

    private static float scale(float[] x, int from) {
        float extreme = Rounding.extreme(x, from, 32);
        if (Math.abs(extreme) < Rounding.NOTHING) return 0;
        float bestScale = 0;
        float best = 0;
        for (int attempt = 0; attempt < 16; attempt++) {
            float inverse = attempt == 0 ? 1 / (-extreme / LEVELS[0]) : (attempt - 8 + LEVELS[0]) / extreme;
            float sumQx = 0;
            float sumQ2 = 0;
            for (int i = from; i < from + 32; i++) {
                float level = LEVELS[nearest(inverse * x[i])];
                float weight = x[i] * x[i];
                sumQx += weight * level * x[i];
                sumQ2 += weight * level * level;
            }
            if (attempt == 0 || sumQ2 > 0 && sumQx * sumQx > best * sumQ2) {
                bestScale = sumQ2 > 0 ? sumQx / sumQ2 : 0;
                best = bestScale * sumQx;
            }
        }
        return bestScale;
    }

    private static void indices(float[] x, int i, float inverse, MemorySegment target, long at) {
        for (int j = 0; j < 16; j++)
            Bytes.put8(target, at + j, nearest(inverse * x[i + j]) | nearest(inverse * x[i + 16 + j]) << 4);
    }

    /** The level nearest to x, the higher one of two at the same distance. */
    private static int nearest(float x) {
        int index = 0;
        while (index < 15 && 2 * x >= LEVELS[index] + LEVELS[index + 1]) index++;
        return index;
    }
}
