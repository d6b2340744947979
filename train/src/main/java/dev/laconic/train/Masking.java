package dev.laconic.train;

import java.util.random.RandomGenerator;

/** Hides tokens of a sequence for {@link Objective#MASKED_DIFFUSION}. */
final class Masking {
    private static final double LAST_REPLY_ONLY = 0.35;
    private static final double REPLIES_ONLY = 0.35;
    private static final float LARGEST_WEIGHT = 10;

    private Masking() {}

    /**
     * Hides each candidate with a probability that is drawn from (0, 1]; a hidden token counts the inverse of it.
     * Candidates are the last reply and what lies behind it, as where a model is asked; or all replies; or all but the
     * first token. Tokens of replies and of prose are those with a weight of 1 or more.
     */
    static void apply(Sequence sequence, RandomGenerator random) {
        double kind = random.nextDouble();
        boolean repliesOnly = kind < LAST_REPLY_ONLY + REPLIES_ONLY;
        int first = kind < LAST_REPLY_ONLY ? lastReply(sequence) : 1;
        double share = 1 - random.nextDouble();
        boolean[] candidate = new boolean[sequence.length() + 1];
        int last = 0;
        for (int t = 1; t <= sequence.length(); t++) {
            candidate[t] = t >= first && (!repliesOnly || sequence.weight(t) >= 1);
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

    private static int lastReply(Sequence sequence) {
        int first = sequence.length();
        while (first > 1 && sequence.weight(first) < 1) first--;
        while (first > 1 && sequence.weight(first - 1) >= 1) first--;
        return first;
    }
}
