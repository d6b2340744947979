package dev.laconic.kernels.block;

/** The three ways in which the formats' definitions turn a real number into an integer, and what they look at first. */
final class Rounding {
    /** A group whose largest magnitude is below this counts as zero. */
    static final float NOTHING = 1e-15f;

    private Rounding() {}

    /** To nearest, ties to even. */
    static int even(float x) {
        return (int) Math.rint(x);
    }

    /** To nearest, ties away from zero. */
    static int away(float x) {
        return (int) Math.copySign(Math.floor(Math.abs((double) x) + 0.5), x);
    }

    static int clamp(int value, int least, int most) {
        return Math.max(least, Math.min(most, value));
    }

    /** The first element of largest magnitude, with its sign. */
    static float extreme(float[] x, int from, int n) {
        float extreme = 0;
        for (int i = from; i < from + n; i++) if (Math.abs(x[i]) > Math.abs(extreme)) extreme = x[i];
        return extreme;
    }

    static float inverse(float x) {
        return x == 0 ? 0 : 1 / x;
    }

    static short bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) return (short) (bits >>> 16 | 64);
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }
}
