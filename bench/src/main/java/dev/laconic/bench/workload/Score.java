package dev.laconic.bench.workload;

/**
 * How many of so many tasks were right.
 *
 * @param correct from 0 to {@code total}
 * @param total at least 0
 */
public record Score(int correct, int total) {
    private static final double Z = 1.959964;

    public Score plus(boolean right) {
        return new Score(correct + (right ? 1 : 0), total + 1);
    }

    /** The share that was right; NaN of none. */
    public double accuracy() {
        return (double) correct / total;
    }

    /** Lower end of the 95% interval (Wilson). */
    public double low() {
        return Math.max(0, centre() - halfWidth());
    }

    /** Upper end of the 95% interval (Wilson). */
    public double high() {
        return Math.min(1, centre() + halfWidth());
    }

    private double centre() {
        return (accuracy() + Z * Z / (2 * total)) / (1 + Z * Z / total);
    }

    private double halfWidth() {
        double p = accuracy();
        return Z / (1 + Z * Z / total) * Math.sqrt(p * (1 - p) / total + Z * Z / (4.0 * total * total));
    }
}
