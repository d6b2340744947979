package dev.laconic.train;

import java.util.random.RandomGenerator;

/** Hides tokens of a sequence for {@link Objective#MASKED_DIFFUSION}. */
final class Masking {
    private static final double BLOCK = 0.3;
    private static final double LAST_REPLY_ONLY = 0.2;
    private static final double REPLIES_ONLY = 0.25;
    private static final int SHORTEST_BLOCK_LOG = 2;
    private static final int LONGEST_BLOCK_LOG = 8;
    private static final float LARGEST_WEIGHT = 10;

    private Masking() {}

    /**
     * Hides each candidate with a probability that is drawn from (0, 1]; a hidden token counts the inverse of it.
     * Candidates are a block of the last reply, behind which all is hidden and nothing counts, as where a reply is filled in
     * block by block; or the last reply and what lies behind it; or all replies; or all but the first token. Tokens of
     * replies and of prose are those with a weight of 1 or more.
     */
    static void apply(Sequence sequence, RandomGenerator random) {
        double kind = random.nextDouble();
        boolean block = kind < BLOCK;
        boolean repliesOnly = kind < BLOCK + LAST_REPLY_ONLY + REPLIES_ONLY;
        int first = kind < BLOCK + LAST_REPLY_ONLY ? lastReply(sequence) : 1;
        int end = sequence.length() + 1;
        if (block && first < end) {
            double at = random.nextDouble();
            first += (int) ((end - first) * at * at);
            end = Math.min(end, first + (1 << random.nextInt(SHORTEST_BLOCK_LOG, LONGEST_BLOCK_LOG + 1)));
        }
        double share = 1 - random.nextDouble();
        float weight = (float) Math.min(LARGEST_WEIGHT, 1 / share);
        int last = 0;
        boolean any = false;
        for (int t = 1; t <= sequence.length(); t++) {
            boolean candidate = t >= first && t < end && (!repliesOnly || sequence.weight(t) >= 1);
            sequence.ignore(t);
            if (t >= end) sequence.hide(t, 0);
            if (!candidate) continue;
            last = t;
            if (random.nextDouble() < share) {
                sequence.hide(t, weight);
                any = true;
            }
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
