package dev.laconic.bench.cache;

import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers as results have them. */
final class Numbers {
    private static final MathContext FIVE_DIGITS = new MathContext(5);

    private Numbers() {}

    static double rounded(double value) {
        return Double.isFinite(value) ? new BigDecimal(value).round(FIVE_DIGITS).doubleValue() : value;
    }
}
