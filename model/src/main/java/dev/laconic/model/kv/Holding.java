package dev.laconic.model.kv;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that one sequence's pages take, now and at most so far. Safe for use by several threads. */
final class Holding {
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();

    void add(long count) {
        long now = bytes.addAndGet(count);
        if (now > peak.get()) peak.accumulateAndGet(now, Math::max);
    }

    long bytes() {
        return bytes.get();
    }

    long peak() {
        return peak.get();
    }
}
