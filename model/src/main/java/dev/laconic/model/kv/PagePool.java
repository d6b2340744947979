package dev.laconic.model.kv;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** Hands out pages and takes them back; knows to the byte what is held. Safe for use by several threads. */
public final class PagePool {
    private static final int ALIGNMENT = 64;
    private static final int FIRST_SLAB_PAGES = 4;
    private static final long MAX_SLAB_BYTES = 1 << 20;

    private final Map<KvFormat, Shelf> shelves = new HashMap<>();
    private long bytesHeld;
    private long peakBytes;
    private int pagesHeld;

    synchronized Page take(KvFormat format) {
        Shelf shelf = shelves.computeIfAbsent(format, f -> new Shelf());
        if (shelf.free.isEmpty()) shelf.grow(format);
        Page page = shelf.free.pop();
        grew(page.bytes());
        pagesHeld++;
        return page;
    }

    /** Counts bytes that a page came to take while it was held. */
    synchronized void grew(long bytes) {
        bytesHeld += bytes;
        peakBytes = Math.max(peakBytes, bytesHeld);
    }

    synchronized void giveBack(Page page) {
        bytesHeld -= page.bytes();
        pagesHeld--;
        page.reset();
        shelves.get(page.format()).free.push(page);
    }

    /** Bytes of the pages that some sequence holds; a page shared by several counts once. */
    public synchronized long bytesHeld() {
        return bytesHeld;
    }

    /** The most that {@link #bytesHeld()} ever was. */
    public synchronized long peakBytes() {
        return peakBytes;
    }

    public synchronized int pagesHeld() {
        return pagesHeld;
    }

    /** Pages of one format that nobody holds; each slab is as large as all before it together, up to a limit. */
    private static final class Shelf {
        private final ArrayDeque<Page> free = new ArrayDeque<>();
        private int pages;

        private void grow(KvFormat format) {
            long stride = (format.pageBytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            int most = (int) Math.max(1, MAX_SLAB_BYTES / stride);
            int count = Math.min(most, Math.max(FIRST_SLAB_PAGES, pages));
            MemorySegment slab = Arena.ofAuto().allocate(Math.multiplyExact(stride, (long) count), ALIGNMENT);
            for (int i = count - 1; i >= 0; i--)
                free.push(new Page(format, slab.asSlice(i * stride, format.pageBytes())));
            pages += count;
        }
    }
}
