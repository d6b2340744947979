package dev.laconic.core;

import dev.laconic.core.error.UsageException;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much may be kept or spent: a count of what a stage counts (tokens of a prompt, entries of a cache), a share of the
 * whole, or bytes.
 *
 * @param unit what {@code amount} counts
 * @param amount a whole number for COUNT and BYTES, from 0 to 1 for SHARE
 */
public record Budget(Unit unit, double amount) {

    /** What is counted. */
    public enum Unit {
        COUNT,
        SHARE,
        BYTES
    }

    private static final String EXPECTED = "a count (256), a share (25% or 0.25) or a size (4MiB)";
    private static final Pattern FORM = Pattern.compile("(\\d{1,18}(?:\\.\\d{1,18})?)\\s*(%|[kmgt]?i?b)?");
    private static final double LARGEST = 1L << 53;
    private static final double ROUNDING = 1e-12;

    public Budget {
        double limit = unit == Unit.SHARE ? 1 : LARGEST;
        if (!(amount >= 0 && amount <= limit) || unit != Unit.SHARE && amount != Math.rint(amount))
            throw new IllegalArgumentException("budget: found " + amount + " as " + unit + ", expected " + EXPECTED);
    }

    public static Budget count(long count) {
        return new Budget(Unit.COUNT, count);
    }

    /** @param share from 0 to 1 */
    public static Budget share(double share) {
        return new Budget(Unit.SHARE, share);
    }

    public static Budget bytes(long bytes) {
        return new Budget(Unit.BYTES, bytes);
    }

    /**
     * Reads {@code 256}, {@code 25%}, {@code 0.25}, {@code 4MiB} (1024s) or {@code 4MB} (1000s).
     *
     * @throws UsageException if it is none of these
     */
    public static Budget parse(String text) {
        Matcher form = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!form.matches() || "ib".equals(form.group(2))) throw wrong(text);
        BigDecimal number = new BigDecimal(form.group(1));
        String suffix = form.group(2);
        try {
            if (suffix == null && form.group(1).indexOf('.') < 0) return count(number.longValueExact());
            if (suffix == null) return share(number.doubleValue());
            if (suffix.equals("%")) return share(number.movePointLeft(2).doubleValue());
            BigDecimal scale = BigDecimal.valueOf(suffix.contains("i") ? 1024 : 1000);
            return bytes(number.multiply(scale.pow(1 + "kmgt".indexOf(suffix.charAt(0))))
                    .longValue());
        } catch (IllegalArgumentException | ArithmeticException outOfRange) {
            throw wrong(text);
        }
    }

    private static UsageException wrong(String text) {
        return new UsageException("budget: found \"" + text + "\", expected " + EXPECTED);
    }

    /**
     * How many items of a whole this budget allows, at most all of them; a share is rounded up.
     *
     * @param total how many there are
     * @param bytesEach what one takes; positive if the budget may be in bytes
     */
    public long items(long total, long bytesEach) {
        double allowed = switch (unit) {
            case COUNT -> amount;
            case SHARE -> Math.ceil(total * amount * (1 - ROUNDING));
            case BYTES -> Math.floor(amount / bytesEach);
        };
        return Math.min(total, (long) allowed);
    }

    /** The form that {@link #parse} reads back. */
    @Override
    public String toString() {
        return switch (unit) {
            case COUNT -> Long.toString((long) amount);
            case BYTES -> bytesText((long) amount);
            case SHARE ->
                BigDecimal.valueOf(amount)
                                .movePointRight(2)
                                .stripTrailingZeros()
                                .toPlainString() + "%";
        };
    }

    private static String bytesText(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        while (unit < units.length - 1 && bytes != 0 && bytes % 1024 == 0) {
            bytes /= 1024;
            unit++;
        }
        return bytes + units[unit];
    }
}
