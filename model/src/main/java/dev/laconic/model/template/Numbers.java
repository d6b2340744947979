package dev.laconic.model.template;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Numbers as Python writes them. */
final class Numbers {
    private Numbers() {}

    /** The shortest digits that read back as the same number. */
    static String text(double value) {
        if (Double.isNaN(value)) return "nan";
        if (Double.isInfinite(value)) return value > 0 ? "inf" : "-inf";
        if (value == 0) return 1 / value < 0 ? "-0.0" : "0.0";
        BigDecimal decimal = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
        String digits = decimal.unscaledValue().toString();
        int point = digits.length() - decimal.scale();
        String sign = value < 0 ? "-" : "";
        if (point <= -4 || point > 16) return sign + scientific(digits, point - 1);
        String plain = decimal.toPlainString();
        return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
    }

    private static String scientific(String digits, int exponent) {
        String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        return mantissa + exponent("e", exponent);
    }

    private static String exponent(String mark, int exponent) {
        int size = Math.abs(exponent);
        return mark + (exponent < 0 ? '-' : '+') + (size < 10 ? "0" : "") + size;
    }

    /** Without exponent, rounded half to even at this many digits after the point. */
    static String fixed(double size, int precision) {
        return new BigDecimal(size).setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
    }

    /** One digit before the point and this many after it. */
    static String exponential(double size, int precision) {
        if (size == 0) return fixed(0, precision) + "e+00";
        BigDecimal rounded = rounded(size, precision + 1);
        String digits = rounded.unscaledValue().toString();
        int exponent = digits.length() - 1 - rounded.scale();
        digits = digits + "0".repeat(Math.max(0, precision + 1 - digits.length()));
        return (precision == 0 ? digits.substring(0, 1) : digits.charAt(0) + "." + digits.substring(1, precision + 1))
                + exponent("e", exponent);
    }

    /** As many digits as asked for, without the zeros at the end, in the shorter of the two forms. */
    static String general(double size, int precision, boolean keepZeros) {
        int digits = Math.max(precision, 1);
        if (size == 0) return keepZeros ? fixed(0, digits - 1) : "0";
        BigDecimal rounded = rounded(size, digits);
        int exponent = rounded.precision() - 1 - rounded.scale();
        boolean plain = exponent >= -4 && exponent < digits;
        String text = plain ? fixed(size, digits - 1 - exponent) : exponential(size, digits - 1);
        if (keepZeros) return text;
        int mark = text.indexOf('e');
        String mantissa = mark < 0 ? text : text.substring(0, mark);
        if (mantissa.indexOf('.') >= 0) mantissa = mantissa.replaceAll("\\.?0+$", "");
        return mark < 0 ? mantissa : mantissa + text.substring(mark);
    }

    private static BigDecimal rounded(double size, int digits) {
        BigDecimal exact = new BigDecimal(size);
        int scale = digits - (exact.precision() - exact.scale());
        BigDecimal rounded = exact.setScale(scale, RoundingMode.HALF_EVEN);
        return rounded.precision() > digits ? rounded.setScale(scale - 1, RoundingMode.HALF_EVEN) : rounded;
    }
}
