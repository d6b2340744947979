package dev.laconic.cache;

import dev.laconic.model.SequenceHooks;

/** What all extension points of the stage have in common: a factory of what happens in one sequence. */
public interface CacheTechnique {

    /**
     * The technique's part in one sequence.
     *
     * @throws dev.laconic.core.error.UsageException if the model is not one that it works with
     */
    SequenceHooks start(CacheContext context);

    /**
     * The technique's part in a sequence that was forked, where it is to go on from what it knew; what stands in columns
     * beside the entries is there already.
     *
     * @param origin what this technique's {@link #start} or {@code resume} gave for the sequence forked from
     */
    default SequenceHooks resume(CacheContext context, SequenceHooks origin) {
        return start(context);
    }

    /**
     * The first row of a prompt that must be computed under the technique's eyes: it neither sees nor changes anything
     * before, so that it may be {@linkplain #start started} on a sequence that holds those rows already.
     */
    default int firstRow(int promptLength) {
        return 0;
    }

    /** Whether a prompt ends in the same state however it is cut into parts. */
    default boolean sameForAnyChunks() {
        return true;
    }
}
