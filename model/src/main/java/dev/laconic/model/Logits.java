package dev.laconic.model;

import java.util.Arrays;

/** Logits of the rows that wanted them, in row order; valid until the next {@link Model#project} of the same state. */
public final class Logits {
    private float[] values = {};
    private int rows;
    private int vocabulary;

    float[] reserve(int newRows, int newVocabulary) {
        rows = newRows;
        vocabulary = newVocabulary;
        int needed = Math.multiplyExact(newRows, newVocabulary);
        if (values.length < needed) values = new float[needed];
        return values;
    }

    public int rows() {
        return rows;
    }

    public int vocabulary() {
        return vocabulary;
    }

    /** All logits; row i begins at {@link #offset}. */
    public float[] values() {
        return values;
    }

    public int offset(int row) {
        return row * vocabulary;
    }

    /** A copy of one row. */
    public float[] row(int row) {
        return Arrays.copyOfRange(values, offset(row), offset(row + 1));
    }

    /** The token with the highest logit; the lowest id wins a tie. */
    public int argmax(int row) {
        int best = offset(row);
        for (int i = best + 1; i < offset(row + 1); i++) if (values[i] > values[best]) best = i;
        return best - offset(row);
    }

    /** The natural logarithm of a token's probability. */
    public double logProbability(int row, int token) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = offset(row); i < offset(row + 1); i++) max = Math.max(max, values[i]);
        double sum = 0;
        for (int i = offset(row); i < offset(row + 1); i++) sum += Math.exp(values[i] - max);
        return values[offset(row) + token] - max - Math.log(sum);
    }
}
