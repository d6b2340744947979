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
     * T5's relative positions: each head has a learned bias per bucket of distances. Distances below half the buckets of a
     * direction have one each; the others share buckets that widen with the logarithm of the distance, up to
     * {@code maxDistance}.
     *
     * @param biases [buckets, heads]
     * @param bidirectional whether the upper half of the buckets is for keys after the query; else those count as near
     */
    static ScoreBias relative(float[] biases, int heads, int maxDistance, boolean bidirectional) {
        int buckets = biases.length / heads;
        int width = 2 * maxDistance + 1;
        float[] byDistance = new float[heads * width];
        for (int head = 0; head < heads; head++)
            for (int i = 0; i < width; i++)
                byDistance[head * width + i] =
                        biases[bucket(i - maxDistance, buckets, maxDistance, bidirectional) * heads + head];
        return (head, queryPosition, positions, from, to, scores, offset) -> {
            int zero = head * width + maxDistance;
            for (int i = from; i < to; i++)
                scores[offset + i - from] +=
                        byDistance[zero + Math.clamp((long) positions[i] - queryPosition, -maxDistance, maxDistance)];
        };
    }

    /** @param distance key position less query position */
    private static int bucket(int distance, int buckets, int maxDistance, boolean bidirectional) {
        int inDirection = bidirectional ? buckets / 2 : buckets;
        int first = bidirectional && distance > 0 ? inDirection : 0;
        int far = bidirectional ? Math.abs(distance) : Math.max(0, -distance);
        int exact = inDirection / 2;
        if (far < exact) return first + far;
        double share = (float) Math.log((float) far / exact) / Math.log((double) maxDistance / exact);
        return first + Math.min(inDirection - 1, exact + (int) (share * (inDirection - exact)));
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
