package dev.laconic.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What one generation spent, and what it would have spent without any technique: counted on what really happened.
 *
 * @param tokensIn tokens of the prompt as the user gave it
 * @param tokensSent tokens of the prompt after prompt compression
 * @param tokensReused of those sent, the ones whose keys and values were there already and were not computed
 * @param tokensOut tokens emitted, the one that ended the text included
 * @param rowsPerLayer rows computed in each layer
 * @param forwardPasses steps that asked for the logits of a next token; a plain run takes one for each token
 * @param kvBytesHeld bytes that keys and values take at the end, in fast (hot) and slow (cold) memory together
 * @param kvBytesFull bytes that the keys and values of all positions would take as f16
 * @param kvBytesCold of those held, the bytes outside fast memory
 * @param kvBytesMoved bytes carried between tiers, both ways
 * @param kvBytesPeak the most that was held at any time
 * @param timeToFirstToken from the request to the first token; empty if none was emitted
 * @param timePerToken mean time of the tokens after those that came first; empty if there are none
 * @param kernels the kernel provider that computed it; empty if nothing was computed
 */
public record Receipt(
        long tokensIn,
        long tokensSent,
        long tokensReused,
        long tokensOut,
        List<Long> rowsPerLayer,
        long forwardPasses,
        long kvBytesHeld,
        long kvBytesFull,
        long kvBytesCold,
        long kvBytesMoved,
        long kvBytesPeak,
        Optional<Duration> timeToFirstToken,
        Optional<Duration> timePerToken,
        Optional<String> kernels) {

    public Receipt {
        rowsPerLayer = List.copyOf(rowsPerLayer);
    }

    /** Rows computed, summed over layers. */
    public long rowsComputed() {
        long sum = 0;
        for (long rows : rowsPerLayer) sum += rows;
        return sum;
    }

    /**
     * Rows x layers that a plain run computes for the prompt as it was sent and the same answer. The last token of an
     * answer is not fed back.
     */
    public long rowsFull() {
        return (tokensSent + Math.max(0, tokensOut - 1)) * rowsPerLayer.size();
    }

    /** The bytes of keys and values in fast memory at the end. */
    public long kvBytesHot() {
        return kvBytesHeld - kvBytesCold;
    }

    /** The receipt as a map of numbers, ready to be written as JSON. What was not measured has no key. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("tokensIn", tokensIn);
        map.put("tokensSent", tokensSent);
        map.put("tokensReused", tokensReused);
        map.put("tokensOut", tokensOut);
        map.put("rowsComputed", rowsComputed());
        map.put("rowsFull", rowsFull());
        map.put("rowsPerLayer", rowsPerLayer);
        map.put("forwardPasses", forwardPasses);
        map.put("kvBytesHeld", kvBytesHeld);
        map.put("kvBytesFull", kvBytesFull);
        map.put("kvBytesHot", kvBytesHot());
        map.put("kvBytesCold", kvBytesCold);
        map.put("kvBytesMoved", kvBytesMoved);
        map.put("kvBytesPeak", kvBytesPeak);
        timeToFirstToken.ifPresent(time -> map.put("ttftMs", millis(time)));
        timePerToken.ifPresent(time -> map.put("tptMs", millis(time)));
        kernels.ifPresent(name -> map.put("kernels", name));
        return map;
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1000 / 1e3;
    }

    /** The receipt for people: aligned lines, each without a line end, and none about what did not happen. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(line("prompt", prompt()));
        if (!rowsPerLayer.isEmpty())
            lines.add(line(
                    "rows",
                    text("%,d of %,d computed%s", rowsComputed(), rowsFull(), share(rowsComputed(), rowsFull()))));
        if (kvBytesFull > 0) lines.add(line("KV cache", cache()));
        if (tokensOut > 0)
            lines.add(line("answer", count(tokensOut, "token") + " in " + count(forwardPasses, "forward pass")));
        timeToFirstToken.ifPresent(first -> lines.add(line(
                "time",
                "first token after " + time(first)
                        + timePerToken
                                .map(each -> ", then " + time(each) + " a token")
                                .orElse(""))));
        kernels.ifPresent(name -> lines.add(line("kernels", name)));
        return lines;
    }

    private String prompt() {
        StringBuilder words = new StringBuilder(count(tokensIn, "token"));
        if (tokensSent != tokensIn) words.append(text(", %,d sent%s", tokensSent, share(tokensSent, tokensIn)));
        if (tokensReused > 0) words.append(text(", %,d reused", tokensReused));
        return words.toString();
    }

    private String cache() {
        StringBuilder words = new StringBuilder(
                size(kvBytesHeld) + " of " + size(kvBytesFull) + " as f16" + share(kvBytesHeld, kvBytesFull));
        if (kvBytesPeak > kvBytesHeld) words.append(", peak ").append(size(kvBytesPeak));
        if (kvBytesCold > 0) words.append(", cold ").append(size(kvBytesCold));
        if (kvBytesMoved > 0) words.append(", moved ").append(size(kvBytesMoved));
        return words.toString();
    }

    private static String line(String label, String words) {
        return text("%-9s %s", label, words);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static String count(long count, String noun) {
        String plural = noun.endsWith("s") ? noun + "es" : noun + "s";
        return text("%,d %s", count, count == 1 ? noun : plural);
    }

    private static String share(long part, long whole) {
        return whole == 0 || part == whole ? "" : text(" (%.1f%%)", 100.0 * part / whole);
    }

    private static String size(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double size = bytes;
        int unit = 0;
        while (size >= 1024 && unit < units.length - 1) {
            size /= 1024;
            unit++;
        }
        return text(unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
    }

    private static String time(Duration time) {
        double millis = millis(time);
        return millis >= 10_000 ? text("%.1f s", millis / 1000) : text(millis >= 100 ? "%.0f ms" : "%.2f ms", millis);
    }

    @Override
    public String toString() {
        return String.join(System.lineSeparator(), lines());
    }
}
