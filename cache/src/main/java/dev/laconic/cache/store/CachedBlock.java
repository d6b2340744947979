package dev.laconic.cache.store;

import dev.laconic.model.kv.KvCache;
import java.util.Optional;

/**
 * A block in pages that sequences share. What has a source is read from it layer by layer, as layers are asked for. Its
 * pages are freed when the last of its holders lets go.
 */
final class CachedBlock {
    private final BlockShape shape;
    private final boolean[] there;
    private Optional<KvBlock> source;
    private Optional<KvCache> pages = Optional.empty();
    private int layersLeft;
    private int holders = 1;

    /** The entries {@code from} to {@code to} of a cache. */
    CachedBlock(KvCache cache, int from, int to) {
        shape = BlockShape.of(cache, from, to);
        there = new boolean[cache.layers()];
        source = Optional.empty();
        KvCache copy = cache.empty();
        for (int layer = 0; layer < cache.layers(); layer++) copy.share(layer, cache, from, to);
        pages = Optional.of(copy);
    }

    /** A block whose layers are read when they are first needed; closes its source after that. */
    CachedBlock(KvBlock source) {
        shape = source.shape();
        there = new boolean[shape.layers().size()];
        layersLeft = there.length;
        this.source = Optional.of(source);
    }

    BlockShape shape() {
        return shape;
    }

    /** A view that holds the block until it is closed; nothing if nobody holds it any more. */
    synchronized Optional<KvBlock> open() {
        if (holders == 0) return Optional.empty();
        holders++;
        return Optional.of(new View());
    }

    synchronized void release() {
        if (--holders > 0) return;
        pages.ifPresent(KvCache::close);
        source.ifPresent(KvBlock::close);
    }

    private synchronized void read(int layer, KvCache into) {
        shape.requireFormats("a block of keys and values", into);
        if (pages.isEmpty()) pages = Optional.of(into.empty());
        if (layersLeft > 0 && !there[layer]) {
            source.orElseThrow().read(layer, pages.get());
            there[layer] = true;
            if (--layersLeft == 0) {
                source.orElseThrow().close();
                source = Optional.empty();
            }
        }
        into.share(layer, pages.get(), 0, shape.tokens());
    }

    private final class View implements KvBlock {
        private boolean closed;

        @Override
        public BlockShape shape() {
            return shape;
        }

        @Override
        public void read(int layer, KvCache into) {
            CachedBlock.this.read(layer, into);
        }

        @Override
        public void close() {
            if (!closed) release();
            closed = true;
        }
    }
}
