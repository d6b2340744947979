package dev.laconic.model.block;

import java.util.Arrays;

/** Which rows go to which experts in one step: scratch that {@link MixtureOfExperts} uses again from step to step. */
public final class ExpertRouting {
    private int[] chosen = {};
    private float[] weights = {};
    private int[] rows = {};
    private int[] slots = {};

    void reserve(int pairs) {
        if (chosen.length >= pairs) return;
        chosen = Arrays.copyOf(chosen, 2 * pairs);
        weights = Arrays.copyOf(weights, 2 * pairs);
        rows = Arrays.copyOf(rows, 2 * pairs);
        slots = Arrays.copyOf(slots, 2 * pairs);
    }

    /** Expert of pair {@code row * used + k}. */
    int[] chosen() {
        return chosen;
    }

    /** Weight of pair {@code row * used + k}. */
    float[] weights() {
        return weights;
    }

    /** Rows of the expert at hand. */
    int[] rows() {
        return rows;
    }

    /** Pair index of each of {@link #rows()}. */
    int[] slots() {
        return slots;
    }
}
