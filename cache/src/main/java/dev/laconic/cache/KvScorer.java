package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;

/** Says how much each entry is worth; those worth least are evicted until the budget is met. */
public interface KvScorer extends KvPolicy {
    /** The score of an entry that stays whatever the others have; such entries count towards the budget. */
    float KEPT = Float.POSITIVE_INFINITY;

    /** Entries kept of each head on average, the share of the text's tokens, or bytes of the whole cache. */
    Budget budget();

    /** Newest entries that stay in every head; allocators share out what the budget has beyond them. */
    default int window() {
        return 0;
    }

    /** When entries are evicted. */
    default When when() {
        return When.ALWAYS;
    }

    /**
     * Fills {@code scores[i]} for every entry of a head.
     *
     * @param allowed entries that the heads of this layer keep on average
     */
    void score(ScoredHead head, int allowed, float[] scores);

    /** Whether {@link #observe} wants the attention of rows at positions {@code from} to {@code to}. */
    default boolean observes(Sequence sequence, int from, int to) {
        return false;
    }

    /**
     * Attention probabilities of one row and query head over the entries of its KV head, rows in order of position.
     *
     * @param query which of the query heads that share the KV head, in order for each row
     * @param probabilities entry i has {@code probabilities[offset + i]}
     */
    default void observe(ScoredHead head, int position, int query, float[] probabilities, int offset) {}

    /** After a step that ends with compression, whether or not there was anything to evict. */
    default void compressed(ScoredHead head) {}

    @Override
    default boolean sameForAnyChunks() {
        return when() == When.PROMPT_END;
    }

    @Override
    default SequenceHooks start(CacheContext context) {
        return new Evicting(this, context);
    }
}
