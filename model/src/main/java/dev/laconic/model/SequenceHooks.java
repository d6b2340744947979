package dev.laconic.model;

import dev.laconic.model.kv.HeadCache;

/**
 * What a technique may see and steer in one sequence while rows pass through attention. Methods are called by the
 * thread that computes the head in question, heads of one layer possibly at the same time, the rows of one head in order;
 * what is asked for by nobody is not computed.
 */
public interface SequenceHooks {
    /** Asks for nothing. */
    SequenceHooks NONE = new SequenceHooks() {};

    /** Whether {@link #probabilities} is to be called for a layer. */
    default boolean wantsProbabilities(int layer) {
        return false;
    }

    /**
     * Whether any of these rows is of interest to {@link #probabilities}; asked where the layer is.
     *
     * @param from position of the first row
     * @param to position after the last
     */
    default boolean wantsProbabilities(int layer, int from, int to) {
        return true;
    }

    /**
     * Attention probabilities of one row and query head over the entries of its KV head.
     *
     * @param position the row's position
     * @param entries what was attended to; entry i has {@code probabilities[offset + i]}, zero where masked or not
     *     selected
     */
    default void probabilities(
            int layer, int queryHead, int position, HeadCache entries, float[] probabilities, int offset) {}

    /** Whether {@link #products} is to be called for a layer, which does not select. */
    default boolean wantsProducts(int layer) {
        return false;
    }

    /**
     * Query-key products of a step's single row, once it has attended.
     *
     * @param products of entry i the largest that it has with one of the query heads of its KV head, times a positive number
     *     which is the same for all entries
     */
    default void products(int layer, int kvHead, HeadCache entries, float[] products) {}

    /** Whether {@link #beforeAttention} is to be called for a layer. */
    default boolean wantsQueries(int layer) {
        return false;
    }

    /**
     * Before the layer's attention, and before the rows' keys and values are in the cache.
     *
     * @param queries rotated queries: row r, query head h at {@code offset + r * stride + h * dimension}
     * @param keys rotated keys: row r, KV head h at {@code keyOffset + r * keyStride + h * dimension}
     * @param position of the first row; the others follow on in a text
     */
    default void beforeAttention(
            int layer, Sequence sequence, int position, int rows,
            float[] queries, int offset, int stride, float[] keys, int keyOffset, int keyStride) {}

    /** Whether {@link #queriesAhead} is to be called for a layer. */
    default boolean wantsQueriesAhead(int layer) {
        return false;
    }

    /**
     * Before the layer below this one: the queries that the rows would have in this one if they came to it as they are.
     *
     * @param queries rotated queries: row r, query head h at {@code offset + r * stride + h * dimension}
     */
    default void queriesAhead(int layer, Sequence sequence, int rows, float[] queries, int offset, int stride) {}

    /** Whether {@link #select} is to be asked for a layer. */
    default boolean selects(int layer) {
        return false;
    }

    /**
     * Chooses the entries to attend to, for {@code rows} consecutive rows and the query heads of one KV head.
     *
     * @param queries rotated queries: row r, head g of the group at {@code offset + (r * group + g) * dimension}
     * @param selection to be filled, ascending; it arrives empty
     */
    default void select(
            int layer, int kvHead, HeadCache entries, float[] queries, int offset, int rows, int group,
            Selection selection) {}

    /** Whether a query head contributes; a masked head gives zeros. */
    default boolean headEnabled(int layer, int queryHead) {
        return true;
    }

    /** After the layer's attention, when all rows of this sequence in the step have passed it. */
    default void afterAttention(int layer, Sequence sequence) {}

    /**
     * After the last layer.
     *
     * @param from position of the step's first row of this sequence
     * @param rows number of its rows
     */
    default void afterStep(Sequence sequence, int from, int rows) {}

    /** After the sequence forgot everything at {@link Sequence#length} and after it. */
    default void afterTruncate(Sequence sequence) {}

    /** Whether no row attends further than the model's context reaches, however long the text is. */
    default boolean endless() {
        return false;
    }

    /** Bytes of fast memory that the techniques hold for this sequence beside its cache. */
    default long hotBytes() {
        return 0;
    }

    /** Bytes of keys and values that the techniques hold outside fast memory. */
    default long coldBytes() {
        return 0;
    }

    /** Bytes of keys and values that were carried between tiers so far. */
    default long movedBytes() {
        return 0;
    }
}
