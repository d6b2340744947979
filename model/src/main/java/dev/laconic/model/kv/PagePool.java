package dev.laconic.model.kv;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** Hands out pages and takes them back; knows to the byte what is held. Safe for use by several threads. */
public final class PagePool {
    private static final int ALIGNMENT = 64;
    private static final long SLAB_BYTES = 1 << 20;

    private final Map<KvFormat, ArrayDeque<Page>> free = new HashMap<>();
    private long bytesHeld;
    private long peakBytes;
    private int pagesHeld;

    synchronized Page take(KvFormat format) {
        ArrayDeque<Page> pages = free.computeIfAbsent(format, f -> new ArrayDeque<>());
        if (pages.isEmpty()) allocateSlab(format, pages);
        Page page = pages.pop();
        page.reset();
        bytesHeld += format.pageBytes();
        peakBytes = Math.max(peakBytes, bytesHeld);
        pagesHeld++;
        return page;
    }

    synchronized void giveBack(Page page) {
        free.get(page.format()).push(page);
        bytesHeld -= page.format().pageBytes();
        pagesHeld--;
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

    private static void allocateSlab(KvFormat format, ArrayDeque<Page> pages) {
        long stride = (format.dataBytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        int count = (int) Math.max(1, SLAB_BYTES / stride);
        MemorySegment slab = Arena.ofAuto().allocate(Math.multiplyExact(stride, (long) count), ALIGNMENT);
        for (int i = count - 1; i >= 0; i--) pages.push(new Page(format, slab.asSlice(i * stride, format.dataBytes())));
    }
}
