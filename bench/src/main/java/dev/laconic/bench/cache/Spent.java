package dev.laconic.bench.cache;

import dev.laconic.core.Receipt;
import java.time.Duration;
import java.util.Map;

/** What the runs of one contender took: means over their receipts, and ratios to the full cache of the same runs. */
final class Spent {
    private int runs;
    private double bytes;
    private double peak;
    private double firstNanos;
    private double tokenNanos;
    private int timed;

    /** @param before nanoseconds spent on the prompt before the receipt began */
    void add(Receipt receipt, double before) {
        runs++;
        bytes += receipt.kvBytesHeld();
        peak += receipt.kvBytesPeak();
        firstNanos += before + receipt.timeToFirstToken().map(Duration::toNanos).orElse(0L);
        receipt.timePerToken().ifPresent(time -> {
            tokenNanos += time.toNanos();
            timed++;
        });
    }

    /** Adds what is known to a row's values. */
    void describe(Spent full, Map<String, Object> values) {
        if (runs == 0) return;
        values.put("bytes", Math.round(bytes / runs));
        values.put("peakBytes", Math.round(peak / runs));
        ratio(values, "bytesRatio", bytes / runs, full.bytes / full.runs);
        ratio(values, "peakBytesRatio", peak / runs, full.bytes / full.runs);
        values.put("ttftMs", Numbers.rounded(firstNanos / runs / 1e6));
        ratio(values, "ttftRatio", firstNanos / runs, full.firstNanos / full.runs);
        if (timed == 0) return;
        values.put("tptMs", Numbers.rounded(tokenNanos / timed / 1e6));
        ratio(values, "tptRatio", tokenNanos / timed, full.tokenNanos / full.timed);
    }

    private static void ratio(Map<String, Object> values, String name, double part, double whole) {
        if (whole > 0) values.put(name, Numbers.rounded(part / whole));
    }
}
