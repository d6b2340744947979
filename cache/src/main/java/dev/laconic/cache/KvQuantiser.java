package dev.laconic.cache;

import dev.laconic.kernels.KvType;
import dev.laconic.model.SequenceHooks;

/**
 * Stores entries in fewer bits once they have left the window of the newest; a page of them at a time, and the prompt's last
 * ones where that saves half.
 */
public interface KvQuantiser extends KvPolicy {

    KvType keys();

    KvType values();

    /** The newest entries of a head that stay as they were appended, at least. */
    int window();

    /** When entries of the prompt are quantised; those of the answer are as they leave the window. */
    default When when() {
        return When.PROMPT_END;
    }

    @Override
    default boolean sameForAnyChunks() {
        return when() == When.PROMPT_END;
    }

    @Override
    default int firstRow(int promptLength) {
        return when() == When.PROMPT_END ? promptLength - 1 : 0;
    }

    @Override
    default SequenceHooks start(CacheContext context) {
        return new Sealing(this, context);
    }
}
