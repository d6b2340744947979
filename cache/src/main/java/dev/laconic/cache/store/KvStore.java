package dev.laconic.cache.store;

import dev.laconic.core.technique.ExtensionPoint;
import dev.laconic.core.technique.Stage;
import dev.laconic.model.kv.KvCache;
import java.util.Optional;

/**
 * Blocks of keys and values by content hash. What is put may be gone by the time it is asked for. Safe for use by several
 * threads.
 */
@ExtensionPoint(Stage.CACHE)
public interface KvStore extends AutoCloseable {
    /** Keeps nothing. */
    KvStore NONE = new KvStore() {};

    /** The block under a key, to be closed by the caller. One that is found to be damaged is as good as not there. */
    default Optional<KvBlock> get(BlockKey key) {
        return Optional.empty();
    }

    default boolean contains(BlockKey key) {
        return false;
    }

    /**
     * Keeps entries {@code from} to {@code to} of every head of a cache, which hold consecutive positions; does nothing if
     * the key is taken.
     */
    default void put(BlockKey key, KvCache cache, int from, int to) {}

    /** Forgets a block, as one that turned out to be damaged. */
    default void remove(BlockKey key) {}

    /** Has a block stay, whatever else is put, until {@link #unpin}; false if it is not there. */
    default boolean pin(BlockKey key) {
        return false;
    }

    /** Takes one pin off a block. */
    default void unpin(BlockKey key) {}

    @Override
    default void close() {}
}
