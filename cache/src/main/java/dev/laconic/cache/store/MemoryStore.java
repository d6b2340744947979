package dev.laconic.cache.store;

import dev.laconic.model.kv.KvCache;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Blocks in memory, in pages that sequences share with it, in front of another store. When its budget is spent the block
 * goes that was used longest ago and is not pinned. Pages of a block in use are freed once nobody reads it; what is put goes
 * to the other store as well, which this one closes.
 */
public final class MemoryStore implements KvStore {
    private final long budget;
    private final KvStore next;
    private final LinkedHashMap<BlockKey, CachedBlock> blocks = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<BlockKey, Integer> pins = new HashMap<>();
    private long bytes;

    /** @param budget bytes of pages at most, unless more is pinned */
    public MemoryStore(long budget) {
        this(budget, KvStore.NONE);
    }

    public MemoryStore(long budget, KvStore next) {
        if (budget < 0) throw new IllegalArgumentException("negative budget " + budget);
        this.budget = budget;
        this.next = next;
    }

    /** Bytes of the pages of all blocks that are kept. */
    public synchronized long bytes() {
        return bytes;
    }

    public synchronized int size() {
        return blocks.size();
    }

    @Override
    public Optional<KvBlock> get(BlockKey key) {
        Optional<KvBlock> known = here(key);
        if (known.isPresent()) return known;
        Optional<KvBlock> below = next.get(key);
        if (below.isEmpty()) return below;
        if (below.get().shape().pageBytes() > budget) return below;
        synchronized (this) {
            add(key, () -> new CachedBlock(below.get()), below.get()::close);
            return here(key);
        }
    }

    private synchronized Optional<KvBlock> here(BlockKey key) {
        return Optional.ofNullable(blocks.get(key)).flatMap(CachedBlock::open);
    }

    @Override
    public boolean contains(BlockKey key) {
        synchronized (this) {
            if (blocks.containsKey(key)) return true;
        }
        return next.contains(key);
    }

    @Override
    public void put(BlockKey key, KvCache cache, int from, int to) {
        if (BlockShape.of(cache, from, to).pageBytes() <= budget)
            synchronized (this) {
                add(key, () -> new CachedBlock(cache, from, to), () -> {});
            }
        next.put(key, cache, from, to);
    }

    /** Adds a block unless there is one under its key. */
    private void add(BlockKey key, Supplier<CachedBlock> made, Runnable otherwise) {
        if (blocks.containsKey(key)) {
            otherwise.run();
            return;
        }
        CachedBlock block = made.get();
        blocks.put(key, block);
        bytes += block.shape().pageBytes();
        Iterator<Map.Entry<BlockKey, CachedBlock>> eldest = blocks.entrySet().iterator();
        while (bytes > budget && eldest.hasNext()) {
            Map.Entry<BlockKey, CachedBlock> entry = eldest.next();
            if (pins.containsKey(entry.getKey()) || entry.getKey().equals(key)) continue;
            eldest.remove();
            drop(entry.getValue());
        }
    }

    private void drop(CachedBlock block) {
        bytes -= block.shape().pageBytes();
        block.release();
    }

    @Override
    public void remove(BlockKey key) {
        synchronized (this) {
            CachedBlock block = blocks.remove(key);
            if (block != null) drop(block);
        }
        next.remove(key);
    }

    /** Pins a block in memory, where it is brought if only the other store has it. */
    @Override
    public boolean pin(BlockKey key) {
        Optional<KvBlock> block = get(key);
        block.ifPresent(KvBlock::close);
        synchronized (this) {
            if (!blocks.containsKey(key)) return false;
            pins.merge(key, 1, Integer::sum);
            return true;
        }
    }

    @Override
    public synchronized void unpin(BlockKey key) {
        pins.computeIfPresent(key, (of, count) -> count == 1 ? null : count - 1);
    }

    @Override
    public void close() {
        synchronized (this) {
            blocks.values().forEach(this::drop);
            blocks.clear();
        }
        next.close();
    }
}
