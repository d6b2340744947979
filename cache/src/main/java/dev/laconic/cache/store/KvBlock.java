package dev.laconic.cache.store;

import dev.laconic.model.kv.KvCache;

/** Keys and values of consecutive tokens in every layer and head. Readable until it is closed, by several threads. */
public interface KvBlock extends AutoCloseable {
    /** Entries {@code from} to {@code to} of every head of a cache, in pages that it shares. */
    static KvBlock of(KvCache cache, int from, int to) {
        CachedBlock block = new CachedBlock(cache, from, to);
        KvBlock view = block.open().orElseThrow();
        block.release();
        return view;
    }

    BlockShape shape();

    /**
     * Appends the block's entries of one layer to each of that layer's heads, at the positions they were computed for.
     *
     * @throws dev.laconic.core.error.MalformedInputException if what is stored is damaged, or not for caches like this one
     */
    void read(int layer, KvCache into);

    @Override
    void close();
}
