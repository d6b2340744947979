package dev.laconic.kernels.block;

import java.util.Arrays;

/**
 * Scales for a group of elements that make a weighted error small: candidates around the scale that the extremes
 * suggest are tried, and for each the least-squares scale of the levels it gives. Sums are float32 in element order,
 * as the formats' own tools compute them.
 */
final class ScaleSearch {
    private final int[] candidate = new int[32];
    private float min;

    /** What a block subtracts after the last {@link #affine}. */
    float min() {
        return min;
    }

    /**
     * Levels 0 to {@code most} with {@code x ~ scale * level - min} and {@code min >= 0}. A better fit's minimum is where
     * the later candidates start from.
     *
     * @param weights of the n elements' errors
     * @param first the first candidate has {@code most + first} levels over the range, each next one 0.1 more
     * @param absolute whether the error is the absolute and not the squared difference
     * @return the scale
     */
    float affine(
            float[] x, int from, int n, int most, float[] weights, float first, int steps, boolean absolute,
            int[] levels) {
        float origin = x[from];
        float largest = x[from];
        float sumW = weights[0];
        float sumX = sumW * x[from];
        for (int i = 1; i < n; i++) {
            float value = x[from + i];
            if (value < origin) origin = value;
            if (value > largest) largest = value;
            sumW += weights[i];
            sumX += weights[i] * value;
        }
        if (origin > 0) origin = 0;
        if (largest == origin) {
            Arrays.fill(levels, from, from + n, 0);
            min = -origin;
            return 0;
        }
        float inverse = most / (largest - origin);
        float best = 1 / inverse;
        for (int i = 0; i < n; i++) candidate[i] = level(inverse * (x[from + i] - origin), most);
        System.arraycopy(candidate, 0, levels, from, n);
        float bestError = error(x, from, n, weights, best, origin, absolute);
        for (int step = 0; step <= steps; step++) {
            inverse = (first + 0.1f * step + most) / (largest - origin);
            float sumL = 0;
            float sumL2 = 0;
            float sumXl = 0;
            for (int i = 0; i < n; i++) {
                int level = level(inverse * (x[from + i] - origin), most);
                candidate[i] = level;
                float w = weights[i];
                sumL += w * level;
                sumL2 += w * level * level;
                sumXl += w * level * x[from + i];
            }
            float determinant = sumW * sumL2 - sumL * sumL;
            if (!(determinant > 0)) continue;
            float scale = (sumW * sumXl - sumX * sumL) / determinant;
            float shift = (sumL2 * sumX - sumL * sumXl) / determinant;
            if (shift > 0) {
                shift = 0;
                scale = sumXl / sumL2;
            }
            float error = error(x, from, n, weights, scale, shift, absolute);
            if (error < bestError) {
                System.arraycopy(candidate, 0, levels, from, n);
                bestError = error;
                best = scale;
                origin = shift;
            }
        }
        min = -origin;
        return best;
    }

    private static int level(float scaled, int most) {
        return Rounding.clamp(Rounding.even(scaled), 0, most);
    }

    private float error(float[] x, int from, int n, float[] weights, float scale, float shift, boolean absolute) {
        float error = 0;
        for (int i = 0; i < n; i++) {
            float difference = scale * candidate[i] + shift - x[from + i];
            error += weights[i] * (absolute ? Math.abs(difference) : difference * difference);
        }
        return error;
    }

    /**
     * Levels {@code -half} to {@code half - 1}, stored from 0, with {@code x ~ scale * level}; errors are weighted by
     * {@code x^2}.
     *
     * @return the scale, negative where the extreme element is positive
     */
    float symmetric(float[] x, int from, int n, int half, int[] levels) {
        float extreme = Rounding.extreme(x, from, n);
        if (Math.abs(extreme) < Rounding.NOTHING) {
            Arrays.fill(levels, from, from + n, 0);
            return 0;
        }
        float bestScale = 0;
        float best = 0;
        for (int attempt = 0; attempt < 19; attempt++) {
            int step = attempt == 0 ? 0 : attempt <= 9 ? attempt - 10 : attempt - 9;
            float inverse = -(half + 0.1f * step) / extreme;
            float sumXl = 0;
            float sumL2 = 0;
            for (int i = 0; i < n; i++) {
                float value = x[from + i];
                int level = signed(inverse * value, half);
                candidate[i] = level + half;
                float w = value * value;
                sumXl += w * value * level;
                sumL2 += w * level * level;
            }
            if (attempt == 0 || sumL2 > 0 && sumXl * sumXl > best * sumL2) {
                System.arraycopy(candidate, 0, levels, from, n);
                bestScale = sumL2 == 0 ? 0 : sumXl / sumL2;
                best = bestScale * sumXl;
            }
        }
        return bestScale;
    }

    /**
     * As {@link #symmetric}, but from one candidate, whose levels are then moved one at a time while the error falls,
     * at most five rounds.
     */
    float refined(float[] x, int from, int n, int half, int[] levels) {
        float extreme = Rounding.extreme(x, from, n);
        if (Math.abs(extreme) < Rounding.NOTHING) {
            Arrays.fill(levels, from, from + n, 0);
            return 0;
        }
        float inverse = -half / extreme;
        float sumXl = 0;
        float sumL2 = 0;
        for (int i = 0; i < n; i++) {
            float value = x[from + i];
            int level = signed(inverse * value, half);
            candidate[i] = level;
            float w = value * value;
            sumXl += w * value * level;
            sumL2 += w * level * level;
        }
        boolean changed = true;
        for (int round = 0; round < 5 && changed; round++) {
            changed = false;
            for (int i = 0; i < n; i++) {
                float value = x[from + i];
                float w = value * value;
                float otherXl = sumXl - w * value * candidate[i];
                if (!(otherXl > 0)) continue;
                float otherL2 = sumL2 - w * candidate[i] * candidate[i];
                int level = signed(value * otherL2 / otherXl, half);
                if (level == candidate[i]) continue;
                otherXl += w * value * level;
                otherL2 += w * level * level;
                if (otherL2 > 0 && otherXl * otherXl * sumL2 > sumXl * sumXl * otherL2) {
                    candidate[i] = level;
                    sumXl = otherXl;
                    sumL2 = otherL2;
                    changed = true;
                }
            }
        }
        for (int i = 0; i < n; i++) levels[from + i] = candidate[i] + half;
        return sumL2 > 0 ? sumXl / sumL2 : 0;
    }

    private static int signed(float scaled, int half) {
        return Rounding.clamp(Rounding.even(scaled), -half, half - 1);
    }
}
