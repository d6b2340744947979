package dev.laconic.tokenize.subword;

import java.util.Arrays;

/**
 * The symbols of one piece, merged pair by pair, lowest rank first and leftmost among equals. Few symbols are scanned for
 * the best pair; many go through a heap, which keeps the cost at n log n. One thread uses one.
 */
final class Merger {
    private static final int SCANNED = 24;

    private final MergeTable merges;
    private final LongHeap heap = new LongHeap();
    int[] symbols = new int[64];
    int[] starts = new int[64];
    int[] ends = new int[64];
    private long[] pairs = new long[SCANNED];
    private int[] previous = {};
    private int[] next = {};
    int size;

    Merger(MergeTable merges) {
        this.merges = merges;
    }

    void clear() {
        size = 0;
    }

    /** Appends a symbol that stands for {@code [start, end)}. */
    void add(int symbol, int start, int end) {
        if (size == symbols.length) {
            symbols = Arrays.copyOf(symbols, size * 2);
            starts = Arrays.copyOf(starts, size * 2);
            ends = Arrays.copyOf(ends, size * 2);
        }
        symbols[size] = symbol;
        starts[size] = start;
        ends[size++] = end;
    }

    /** Merges until no pair is left that can be. */
    void merge() {
        if (size <= SCANNED) scan();
        else sort();
    }

    private void scan() {
        for (int i = 0; i + 1 < size; i++) pairs[i] = merges.find(symbols[i], symbols[i + 1]);
        while (size > 1) {
            int best = 0;
            int bestRank = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < size; i++) {
                int rank = (int) (pairs[i] >>> 32);
                if (rank < bestRank) {
                    bestRank = rank;
                    best = i;
                }
            }
            if (bestRank == Integer.MAX_VALUE) return;
            symbols[best] = (int) pairs[best];
            ends[best] = ends[best + 1];
            int tail = size - best - 2;
            System.arraycopy(symbols, best + 2, symbols, best + 1, tail);
            System.arraycopy(starts, best + 2, starts, best + 1, tail);
            System.arraycopy(ends, best + 2, ends, best + 1, tail);
            if (tail > 0) System.arraycopy(pairs, best + 2, pairs, best + 1, tail - 1);
            size--;
            if (best > 0) pairs[best - 1] = merges.find(symbols[best - 1], symbols[best]);
            if (best + 1 < size) pairs[best] = merges.find(symbols[best], symbols[best + 1]);
        }
    }

    private void sort() {
        if (next.length < size) {
            previous = new int[symbols.length];
            next = new int[symbols.length];
        }
        heap.clear();
        for (int i = 0; i < size; i++) {
            previous[i] = i - 1;
            next[i] = i + 1;
        }
        for (int i = 0; i + 1 < size; i++) offer(i);
        while (!heap.isEmpty()) {
            int left = (int) heap.minKey();
            int rank = (int) (heap.minKey() >>> 32);
            int merged = heap.minValue();
            heap.removeMin();
            int right = next[left];
            if (right < 0 || right == size) continue;
            long current = merges.find(symbols[left], symbols[right]);
            if (current == MergeTable.NONE || (int) (current >>> 32) != rank || (int) current != merged) continue;
            symbols[left] = merged;
            ends[left] = ends[right];
            next[left] = next[right];
            if (next[right] < size) previous[next[right]] = left;
            next[right] = -1;
            if (previous[left] >= 0) offer(previous[left]);
            offer(left);
        }
        int kept = 0;
        for (int i = 0; i < size; i = next[i]) {
            symbols[kept] = symbols[i];
            starts[kept] = starts[i];
            ends[kept++] = ends[i];
        }
        size = kept;
    }

    private void offer(int left) {
        int right = next[left];
        if (right == size) return;
        long merge = merges.find(symbols[left], symbols[right]);
        if (merge != MergeTable.NONE) heap.add(merge & 0xFFFFFFFF00000000L | left, (int) merge);
    }
}
