package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Products of some queries with the keys of many entries, wherever they lie: what a selection of entries goes by. Queries
 * are not rounded, whatever codes they meet. One instance belongs to one thread at a time; callers keep the pages alive.
 */
public interface KvSearch {

    /**
     * Begins a search for the {@link #largest} products of at most {@code most} entries with {@code n} queries, which stand
     * side by side from {@code offset} and must stay as they are until the results have been taken.
     */
    void begin(float[] queries, int offset, int n, int dimension, int most);

    /** Begins a search for the {@link #products} of at most {@code most} entries with each of the queries. */
    void beginProducts(float[] queries, int offset, int n, int dimension, int most);

    /** Begins to count {@link #votes} for at most {@code most} entries, whose keys are turned to other positions. */
    void beginVotes(float[] queries, int offset, int n, int dimension, int most, Turns turns);

    /** Adds entries {@code from} to {@code to} of a page. */
    void add(KvType keys, MemorySegment page, long base, int from, int to);

    /**
     * Adds entries to be voted for, of which the first is turned by {@code turn} positions and each other by one less than
     * the one before it.
     */
    void add(KvType keys, MemorySegment page, long base, int from, int to, int turn);

    /** How many entries have been added. */
    int size();

    /** Writes each entry's largest product with one of the queries, in the order in which they were added. */
    void largest(float[] scores);

    /** Writes the products of query q from {@code products[q * stride]} on, in the order in which entries were added. */
    void products(float[] products, int stride);

    /** Writes the sum over queries q of {@code softmax(q . k)} over all entries, and ends the search. */
    void votes(float[] votes);
}
