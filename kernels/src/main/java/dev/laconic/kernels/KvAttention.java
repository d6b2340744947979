package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A step of attention to many entries at once: entries are added, wherever they lie, then all queries attend to them. One
 * instance belongs to one thread; callers keep the pages alive.
 */
public interface KvAttention {

    /** Whether {@code n} queries can attend to entries of these dimensions at once. */
    boolean fits(int keyDimension, int valueDimension, int n);

    /** Whether queries meet keys stored in this way as they are, or are rounded to no less than 15 bits for them. */
    boolean exact(KvType keys);

    /** Whether keys stored in this way can be moved to other positions as they are attended to. */
    boolean turns(KvType keys);

    /** Adds entries {@code from} to {@code to} of a page, which are seen by all queries. */
    void add(MemorySegment page, int from, int to);

    /**
     * Adds all entries of the first {@code count} pages, which are seen by all queries; {@code pages} has their addresses,
     * {@code starts} the entries before each page and behind the last.
     */
    void add(long[] pages, int[] starts, int count);

    /** Adds the first {@code count} of ascending entries of these pages, alike. */
    void add(long[] pages, int[] starts, int[] entries, int count);

    /**
     * Adds entries of a page that need not lie side by side, which are seen by all queries: {@code entries[i] - start} for i
     * from {@code from} to {@code to}; they ascend.
     */
    void add(MemorySegment page, int[] entries, int from, int to, int start);

    /** The same, attended to as if entry {@code entries[i]} stood {@code shifts[i]} positions further on. */
    void add(MemorySegment page, int[] entries, int[] shifts, int from, int to, int start);

    /**
     * Adds entries {@code from} to {@code to} of a page, attended to as if they stood {@code shift} positions further on:
     * entry i has position {@code positions[i - from]}, and {@code addends[i - from]} is added to its scores.
     */
    void add(MemorySegment page, int from, int to, int[] positions, float[] addends, int shift);

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
     * @param turns how keys are turned that are attended to as if they stood elsewhere
     * @param keep whether scores can be read afterwards
     */
    void attend(
            KvType keys, KvType values, int keyDimension, int valueDimension, long valueBase,
            float[] queries, int n, float scale, int[] first, int[] last, int group, Optional<Turns> turns, boolean keep,
            float[] maxima, float[] sums, float[] y);

    /**
     * Copies a query's scores as they were weighed: those of {@code n} entries from number {@code from} on of the ones that
     * were added with positions, or of the ones that were added without, in the order in which they were added.
     */
    void kept(int query, boolean withPositions, int from, int n, float[] scores, int offset);
}
