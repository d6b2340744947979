package dev.laconic.cache;

import java.util.Arrays;

/** Finds the entries of highest score; its scratch is used again. */
final class Top {
    private float[] sorted = {};
    private int[] kept = {};

    /** The entries found last, ascending. */
    int[] kept() {
        return kept;
    }

    /**
     * Finds the {@code count} entries of highest score among the first {@code size}; of equal ones the later are taken.
     *
     * @return how many were found
     */
    int find(float[] scores, int size, int count) {
        if (kept.length < size) {
            kept = new int[2 * size];
            sorted = new float[2 * size];
        }
        if (count >= size) {
            for (int i = 0; i < size; i++) kept[i] = i;
            return size;
        }
        if (count <= 0) return 0;
        if (count == size - 1) return allButLowest(scores, size);
        System.arraycopy(scores, 0, sorted, 0, size);
        Arrays.sort(sorted, 0, size);
        float least = sorted[size - count];
        int above = 0;
        for (int i = 0; i < size; i++) if (Float.compare(scores[i], least) > 0) above++;
        int room = count - above;
        int to = count;
        for (int i = size - 1; i >= 0 && to > 0; i--) {
            int order = Float.compare(scores[i], least);
            if (order > 0 || order == 0 && room-- > 0) kept[--to] = i;
        }
        return count;
    }

    private int allButLowest(float[] scores, int size) {
        int lowest = 0;
        for (int i = 1; i < size; i++) if (Float.compare(scores[i], scores[lowest]) < 0) lowest = i;
        int count = 0;
        for (int i = 0; i < size; i++) if (i != lowest) kept[count++] = i;
        return count;
    }
}
