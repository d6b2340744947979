package dev.laconic.model.kv;

import dev.laconic.kernels.LargePages;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** Hands out pages and takes them back; knows to the byte what is held. Safe for use by several threads. */
public final class PagePool {
    private static final int ALIGNMENT = 64;
    private static final int FIRST_SLAB_PAGES = 4;
    /** A large page of memory: less is many small ones, and each of those a fault. */
    private static final long FIRST_SLAB_BYTES = 1 << 21;
    private static final long MAX_SLAB_BYTES = 1 << 22;
    private static final long MAX_COLD_SLAB_BYTES = 1 << 24;

    private final Map<KvFormat, Shelf> shelves = new HashMap<>();
    private final Map<KvFormat, Shelf> coldShelves = new HashMap<>();
    private final ColdMemory coldMemory = new ColdMemory();
    private long bytesHeld;
    private long coldBytesHeld;
    private long peakBytes;
    private int pagesHeld;

    synchronized Page take(KvFormat format, boolean cold) {
        Page page = filled(format, cold).free.pop();
        grew(page.bytes());
        if (cold) coldBytesHeld += format.pageBytes();
        pagesHeld++;
        return page;
    }

    /**
     * Gives up one hold on a page and takes another in its place. Bytes of the two are not held at once, unless they lie outside
     * fast memory; where there is no memory for the other, nothing is given up.
     */
    synchronized Page exchange(Page page, KvFormat format) {
        if (page.cold()) {
            Page taken = take(format, true);
            release(page);
            return taken;
        }
        filled(format, false);
        release(page);
        return take(format, false);
    }

    /** A shelf with a free page. */
    private Shelf filled(KvFormat format, boolean cold) {
        Shelf shelf = (cold ? coldShelves : shelves).computeIfAbsent(format, Shelf::new);
        if (shelf.free.isEmpty()) grow(shelf, cold);
        return shelf;
    }

    /** Counts bytes that a page came to take while it was held. */
    synchronized void grew(long bytes) {
        bytesHeld += bytes;
        peakBytes = Math.max(peakBytes, bytesHeld);
    }

    /** Gives up one hold on a page, which is taken back if that was the last. */
    void release(Page page) {
        if (!page.release()) return;
        if (page.storage() == page) giveBack(page);
        else release(page.storage());
    }

    private synchronized void giveBack(Page page) {
        bytesHeld -= page.bytes();
        if (page.cold()) coldBytesHeld -= page.format().pageBytes();
        pagesHeld--;
        page.reset();
        (page.cold() ? coldShelves : shelves).get(page.format()).free.push(page);
        if (coldBytesHeld == 0) coldShelves.clear();
    }

    /** Has keys and values that lie outside fast memory read in the background. */
    void readAhead(MemorySegment data) {
        coldMemory.readAhead(data);
    }

    /** Bytes of the pages that some sequence holds; a page shared by several counts once. */
    public synchronized long bytesHeld() {
        return bytesHeld;
    }

    /** Those of {@link #bytesHeld()} that lie outside fast memory. */
    public synchronized long coldBytesHeld() {
        return coldBytesHeld;
    }

    /** The most that {@link #bytesHeld()} ever was. */
    public synchronized long peakBytes() {
        return peakBytes;
    }

    public synchronized int pagesHeld() {
        return pagesHeld;
    }

    /** The first slab fills a large page of memory, and each is as large as all before it together, up to a limit. */
    private void grow(Shelf shelf, boolean cold) {
        KvFormat format = shelf.format;
        long stride = (format.pageBytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        int most = (int) Math.max(1, (cold ? MAX_COLD_SLAB_BYTES : MAX_SLAB_BYTES) / stride);
        int first = cold ? FIRST_SLAB_PAGES : (int) Math.max(FIRST_SLAB_PAGES, FIRST_SLAB_BYTES / stride);
        int count = Math.min(most, Math.max(first, shelf.pages));
        long bytes = Math.multiplyExact(stride, (long) count);
        MemorySegment slab = cold ? coldMemory.allocate(bytes) : LargePages.allocate(bytes);
        for (int i = count - 1; i >= 0; i--)
            shelf.free.push(new Page(format, slab.asSlice(i * stride, format.pageBytes()), cold));
        shelf.pages += count;
    }

    /** Pages of one format that nobody holds. They have the same object as their format, which is how attention compares it. */
    private static final class Shelf {
        private final KvFormat format;
        private final ArrayDeque<Page> free = new ArrayDeque<>();
        private int pages;

        Shelf(KvFormat format) {
            this.format = format;
        }
    }
}
