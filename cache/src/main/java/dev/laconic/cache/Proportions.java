package dev.laconic.cache;

/** Shares a sum out in proportions. */
final class Proportions {
    private Proportions() {}

    /**
     * Sets {@code entries} in proportion to {@code weights}, their sum as it was as far as the limit lets it be.
     *
     * @param limit the most that one can have
     */
    static void apply(int[] entries, double[] weights, int limit) {
        long left = 0;
        for (int count : entries) left += count;
        double weight = 0;
        for (double each : weights) weight += each;
        boolean[] full = new boolean[entries.length];
        boolean capped = true;
        // Who would get more than the limit gets the limit, and the others share the rest.
        while (capped) {
            capped = false;
            for (int i = 0; i < entries.length; i++)
                if (!full[i] && weight > 0 && left * weights[i] / weight >= limit) {
                    full[i] = true;
                    capped = true;
                    entries[i] = limit;
                    left -= limit;
                    weight -= weights[i];
                }
        }
        double carried = 0;
        for (int i = 0; i < entries.length; i++) {
            if (full[i]) continue;
            double exact = weight > 0 ? left * weights[i] / weight + carried : 0;
            entries[i] = (int) Math.min(limit, Math.round(exact));
            carried = exact - entries[i];
        }
    }
}
