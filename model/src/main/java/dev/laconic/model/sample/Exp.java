package dev.laconic.model.sample;

/**
 * e to the power of x for x at most 0, made of additions and multiplications alone: the same bits on every platform,
 * which {@link Math#exp} does not promise, at a fraction of the cost of {@link StrictMath#exp}.
 */
final class Exp {
    private static final double LOG2_E = 1 / 0.6931471805599453;
    private static final double LN2_HIGH = 0x1.62e42fee00000p-1;
    private static final double LN2_LOW = 0x1.a39ef35793c76p-33;
    /** 1/n! for n from 13 down to 0: the first term left out is below 2^-57 of the sum. */
    private static final double[] TAYLOR = new double[14];

    static {
        double factorial = 1;
        for (int n = 0; n < TAYLOR.length; n++) {
            TAYLOR[TAYLOR.length - 1 - n] = 1 / factorial;
            factorial *= n + 1;
        }
    }

    private Exp() {}

    /** Within 2 ulp for x from -708 to 0; 0 below. */
    static double exp(double x) {
        if (x < -708) return 0;
        double k = Math.rint(x * LOG2_E);
        double r = (x - k * LN2_HIGH) - k * LN2_LOW;
        double sum = TAYLOR[0];
        for (int i = 1; i < TAYLOR.length; i++) sum = sum * r + TAYLOR[i];
        return sum * Double.longBitsToDouble(((long) k + 1023) << 52);
    }
}
