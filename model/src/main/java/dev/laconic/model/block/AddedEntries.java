package dev.laconic.model.block;

import dev.laconic.kernels.KvAttention;
import java.util.Arrays;

/** Ranges of a head's entries that have been added to what is attended to together, in that order. */
final class AddedEntries {
    private int[] ranges = new int[16];
    private int size;

    void add(int first, int n) {
        if (size > 0 && ranges[size - 1] == first) {
            ranges[size - 1] += n;
            return;
        }
        if (size == ranges.length) ranges = Arrays.copyOf(ranges, 2 * size);
        ranges[size++] = first;
        ranges[size++] = first + n;
    }

    /** Copies a query's scores of these entries to where they are kept: entry i's to {@code to[offset + i]}. */
    void copyScores(KvAttention from, int query, boolean withPositions, float[] to, int offset) {
        int at = 0;
        for (int i = 0; i < size; i += 2) {
            int n = ranges[i + 1] - ranges[i];
            from.kept(query, withPositions, at, n, to, offset + ranges[i]);
            at += n;
        }
    }

    void clear() {
        size = 0;
    }
}
