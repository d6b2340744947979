package dev.laconic.model.block;

/** What a layer adds to attention scores depending on how far apart query and key stand. */
@FunctionalInterface
public interface ScoreBias {
    /**
     * Adds to {@code scores[offset + i - from]} for entries {@code from <= i < to}.
     *
     * @param positions the entries' positions
     */
    void add(int queryHead, int queryPosition, int[] positions, int from, int to, float[] scores, int offset);

    /** ALiBi: {@code -slope(head) * |query position - key position|}. */
    static ScoreBias alibi(float[] slopes) {
        return (head, queryPosition, positions, from, to, scores, offset) -> {
            for (int i = from; i < to; i++)
                scores[offset + i - from] -= slopes[head] * Math.abs(queryPosition - positions[i]);
        };
    }

    /**
     * ALiBi's slopes for a number of heads: with n the largest power of two that is at most that number,
     * {@code 2^(-maxBias (h + 1) / n)} for the first n heads and {@code 2^(-maxBias (2(h - n) + 1) / (2n))} for the rest.
     */
    static float[] alibiSlopes(int heads, float maxBias) {
        int power = Integer.highestOneBit(heads);
        float[] slopes = new float[heads];
        for (int h = 0; h < heads; h++)
            slopes[h] = (float) (h < power
                    ? Math.pow(2, -maxBias * (h + 1) / power)
                    : Math.pow(2, -maxBias * (2 * (h - power) + 1) / (2.0 * power)));
        return slopes;
    }
}
