package dev.laconic.cache;

import dev.laconic.core.technique.ExtensionPoint;
import dev.laconic.core.technique.Stage;
import dev.laconic.model.SequenceHooks;

/**
 * Shares the budget of its chain's scorers out among layers, or among the heads of a layer. Allocators of a chain act one
 * after another on what the one before left.
 */
@ExtensionPoint(Stage.CACHE)
public interface KvAllocator extends CacheTechnique {

    /**
     * Entries that each head of a layer keeps on average beyond the scorer's window.
     *
     * @param entries what each layer has so far: at first the same for all; to be changed, its sum to be kept
     * @param total entries that a head would hold without eviction, those of the window left out
     */
    default void layers(int[] entries, int total) {}

    /**
     * Entries that each head of one layer keeps.
     *
     * @param entries what each head has so far; to be changed, its sum to be kept
     * @param scores of each head's entries, the first {@code sizes[head]} valid; infinite for those that stay anyway
     * @param sizes entries that each head holds
     */
    default void heads(int[] entries, float[][] scores, int[] sizes) {}

    @Override
    default int firstRow(int promptLength) {
        return promptLength;
    }

    @Override
    default SequenceHooks start(CacheContext context) {
        return SequenceHooks.NONE;
    }
}
