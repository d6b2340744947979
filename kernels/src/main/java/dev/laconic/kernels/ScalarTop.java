package dev.laconic.kernels;

import java.util.Arrays;

/**
 * The largest scores by one plain loop after another. Scores are counted by their leading bits first, which tells all but
 * those that begin like the lowest one that is found; only these are sorted.
 */
final class ScalarTop implements Top {
    private static final int LEADING_BITS = 12;

    private final int[] counts = new int[1 << LEADING_BITS];
    private int[] order = {};
    private int[] near = {};
    private int[] kept = {};

    @Override
    public int[] kept() {
        return kept;
    }

    @Override
    public int find(float[] scores, int size, int count) {
        if (kept.length < size) {
            kept = new int[2 * size];
            order = new int[2 * size];
            near = new int[2 * size];
        }
        if (count >= size) {
            for (int i = 0; i < size; i++) kept[i] = i;
            return size;
        }
        if (count <= 0) return 0;
        for (int i = 0; i < size; i++) order[i] = ordered(scores[i]);
        int least = nth(size, count);
        int above = 0;
        for (int i = 0; i < size; i++) if (order[i] > least) above++;
        int room = count - above;
        int to = count;
        for (int i = size - 1; i >= 0 && to > 0; i--)
            if (order[i] > least || order[i] == least && room-- > 0) kept[--to] = i;
        return count;
    }

    /** Integers in the order of {@link Float#compare}. */
    private static int ordered(float score) {
        int bits = Float.floatToIntBits(score);
        return bits ^ bits >> 31 & Integer.MAX_VALUE;
    }

    /** The {@code count}th largest. */
    private int nth(int size, int count) {
        Arrays.fill(counts, 0);
        for (int i = 0; i < size; i++) counts[leading(order[i])]++;
        int bucket = counts.length - 1;
        int left = count;
        while (counts[bucket] < left) left -= counts[bucket--];
        int found = 0;
        for (int i = 0; i < size; i++) if (leading(order[i]) == bucket) near[found++] = order[i];
        Arrays.sort(near, 0, found);
        return near[found - left];
    }

    private static int leading(int ordered) {
        return (ordered >> 32 - LEADING_BITS) + (1 << LEADING_BITS - 1);
    }
}
