package dev.laconic.train;

import java.util.Arrays;

/**
 * Token ids to learn from, filled from the front.
 */
final class Sequence {
    private final int[] ids;
    private final float[] weights;
    private int size;

    /** @param length how many tokens are predicted: there is one more to see */
    Sequence(int length, int pad) {
        ids = new int[length + 1];
        weights = new float[length + 1];
        Arrays.fill(ids, pad);
    }

    /** Adds a token whose prediction counts {@code weight}. */
    void add(int id, float weight) {
        ids[size] = id;
        weights[size++] = weight;
    }

    int room() {
        return ids.length - size;
    }

    int size() {
        return size;
    }

    int length() {
        return ids.length - 1;
    }

    int id(int position) {
        return ids[position];
    }

    /** What the prediction of the token at {@code position} counts. */
    float weight(int position) {
        return weights[position];
    }
}
