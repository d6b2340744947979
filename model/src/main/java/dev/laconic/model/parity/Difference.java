package dev.laconic.model.parity;

/**
 * How far values are from a reference.
 *
 * @param maxAbs largest absolute difference; infinite where a value is not finite
 * @param nmse {@code sum((x - reference)^2) / sum(reference^2)}
 */
public record Difference(double maxAbs, double nmse) {
    public static final Difference NONE = new Difference(0, 0);

    /** The difference of {@code actual[offset + i]} from {@code expected[i]}. */
    public static Difference of(float[] actual, int offset, float[] expected) {
        double max = 0;
        double squares = 0;
        double reference = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs((double) actual[offset + i] - expected[i]);
            if (Double.isNaN(difference)) difference = Double.POSITIVE_INFINITY;
            max = Math.max(max, difference);
            squares += difference * difference;
            reference += (double) expected[i] * expected[i];
        }
        return new Difference(max, squares / reference);
    }

    /** The larger of both in either measure. */
    public Difference or(Difference other) {
        return new Difference(Math.max(maxAbs, other.maxAbs), Math.max(nmse, other.nmse));
    }
}
