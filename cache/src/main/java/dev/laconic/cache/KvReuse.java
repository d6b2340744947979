package dev.laconic.cache;

import dev.laconic.cache.store.KvStore;
import dev.laconic.core.technique.ExtensionPoint;
import dev.laconic.core.technique.Stage;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.generate.PromptCache;

/**
 * Fills a sequence's cache from a store before the rest of its prompt is computed. A chain has at most one; without one,
 * beginnings that are alike are used again.
 */
@ExtensionPoint(Stage.CACHE)
public interface KvReuse extends CacheTechnique {

    /** The technique at work for the sessions of a stage's model, with the blocks of one store. */
    PromptCache over(KvStore store, CacheStage stage);

    @Override
    default int firstRow(int promptLength) {
        return promptLength;
    }

    @Override
    default SequenceHooks start(CacheContext context) {
        return SequenceHooks.NONE;
    }
}
