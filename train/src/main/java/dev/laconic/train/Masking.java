package dev.laconic.train;

import java.util.random.RandomGenerator;

/** Hides tokens of a sequence for {@link Objective#MASKED_DIFFUSION}. */
final class Masking {
    private static final double REPLIES_ONLY = 0.6;
    private static final float LARGEST_WEIGHT = 10;

    private Masking() {}

    /**
     * Hides each candidate with a probability that is drawn from (0, 1]; a hidden token counts the inverse of it.
     * Candidates are the tokens with a weight of 1 or more, replies or prose, or else all but the first.
     */
    static void apply(Sequence sequence, RandomGenerator random) {
        boolean repliesOnly = random.nextDouble() < REPLIES_ONLY;
        double share = 1 - random.nextDouble();
        boolean[] candidate = new boolean[sequence.length() + 1];
        int last = 0;
        for (int t = 1; t <= sequence.length(); t++) {
            candidate[t] = !repliesOnly || sequence.weight(t) >= 1;
            if (candidate[t]) last = t;
            sequence.ignore(t);
        }
        float weight = (float) Math.min(LARGEST_WEIGHT, 1 / share);
        boolean any = false;
        for (int t = 1; t <= last; t++)
            if (candidate[t] && random.nextDouble() < share) {
                sequence.hide(t, weight);
                any = true;
            }
        if (!any && last > 0) sequence.hide(last, weight);
    }
}
