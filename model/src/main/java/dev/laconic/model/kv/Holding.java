package dev.laconic.model.kv;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that one sequence's pages take, now and at most so far, and where. Safe for use by several threads. */
final class Holding {
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();
    private final AtomicLong cold = new AtomicLong();
    private final AtomicLong moved = new AtomicLong();

    void add(long count) {
        long now = bytes.addAndGet(count);
        if (now > peak.get()) peak.accumulateAndGet(now, Math::max);
    }

    /** Counts bytes of pages outside fast memory, which are counted by {@link #add} as well. */
    void addCold(long count) {
        cold.addAndGet(count);
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
