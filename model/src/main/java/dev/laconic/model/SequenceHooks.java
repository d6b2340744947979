package dev.laconic.model;

import dev.laconic.model.kv.HeadCache;

/**
 * What a technique may see and steer in one sequence while rows pass through attention. Methods are called by the
 * thread that computes the head in question, heads of one layer possibly at the same time; what is asked for by nobody
 * is not computed.
 */
public interface SequenceHooks {
    /** Asks for nothing. */
    SequenceHooks NONE = new SequenceHooks() {};

    /** Whether {@link #probabilities} is to be called for a layer. */
    default boolean wantsProbabilities(int layer) {
        return false;
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
}
