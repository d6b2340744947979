package dev.laconic.model.kv;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes that one sequence's pages take, now and at most so far, and where; what heads of two layers share counts once. Safe
 * for use by several threads.
 */
final class Holding {
    /** How many of the sequence's heads hold a page that layers share. */
    private final Map<Page, Integer> holders = new ConcurrentHashMap<>();

    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();
    private final AtomicLong cold = new AtomicLong();
    private final AtomicLong moved = new AtomicLong();

    void add(Page page) {
        if (page.format().paired() && holders.merge(page.storage(), 1, Integer::sum) > 1) return;
        add(page.bytes());
        if (page.cold()) cold.addAndGet(page.format().pageBytes());
    }

    void remove(Page page) {
        if (page.format().paired() && holders.merge(page.storage(), -1, Holding::sumOrNone) != null) return;
        add(-page.bytes());
        if (page.cold()) cold.addAndGet(-page.format().pageBytes());
    }

    private static Integer sumOrNone(int held, int change) {
        return held + change == 0 ? null : held + change;
    }

    void add(long count) {
        long now = bytes.addAndGet(count);
        if (now > peak.get()) peak.accumulateAndGet(now, Math::max);
    }

    /** Counts bytes that were carried between fast memory and the other. */
    void move(long count) {
        moved.addAndGet(count);
    }

    long coldBytes() {
        return cold.get();
    }

    long movedBytes() {
        return moved.get();
    }

    long bytes() {
        return bytes.get();
    }

    long peak() {
        return peak.get();
    }
}
