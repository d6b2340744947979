package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;

/**
 * A step of attention to many entries at once: entries are added, wherever they lie, then all queries attend to them. One
 * instance belongs to one thread; callers keep the pages alive.
 */
public interface KvAttention {

    /** Whether {@code n} queries can attend to entries stored in this way. */
    boolean knows(KvType keys, KvType values, int keyDimension, int valueDimension, int n);

    /** Adds entries {@code from} to {@code to} of a page, which are seen by all queries. */
    void add(MemorySegment page, int from, int to);

    /**
     * Adds entries of a page that need not lie side by side, which are seen by all queries: {@code entries[i] - start} for i
     * from {@code from} to {@code to}; they ascend.
     */
    void add(MemorySegment page, int[] entries, int from, int to, int start);

    /**
     * Adds entries {@code from} to {@code to} of a page: entry i has position {@code positions[i - from]}, and
     * {@code addends[i - from]} is added to its scores.
     */
    void add(MemorySegment page, int from, int to, int[] positions, float[] addends);

    /** Whether no entry has been added. */
    boolean isEmpty();

    /**
     * Continues an online softmax over the entries that have been added, and forgets these. Query q has its largest score
     * in {@code maxima[q]}, the sum of {@code exp(score - maximum)} in {@code sums[q]} and that of values with these
     * weights from {@code y[q * valueDimension]} on.
     *
     * @param valueBase where values begin in a page; keys begin at 0
     * @param queries query q at {@code q * keyDimension}
     * @param scale factor on query-key products
     * @param first least position that a query sees, of entries that were added with positions
     * @param last greatest position that a query sees
     * @param group queries that share an element of {@code first} and {@code last}
     */
    void attend(
            KvType keys, KvType values, int keyDimension, int valueDimension, long valueBase,
            float[] queries, int n, float scale, int[] first, int[] last, int group,
            float[] maxima, float[] sums, float[] y);
}
