package dev.laconic.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Counts what a generation spends, while it runs. Made when the request arrives; used by one thread at a time; recording
 * allocates nothing.
 */
public final class ReceiptRecorder {
    private final LongSupplier nanoTime;
    private final long start;
    private final long[] rows;
    private long tokensIn;
    private long tokensSent;
    private long tokensReused;
    private long tokensOut;
    private long forwardPasses;
    private long kvHeld;
    private long kvCold;
    private long kvPeak;
    private long kvFull;
    private long kvMoved;
    private long firstToken;
    private long firstTokens;
    private long lastToken;
    private Optional<String> kernels = Optional.empty();

    /** @param layers the layers of the model */
    public ReceiptRecorder(int layers) {
        this(layers, System::nanoTime);
    }

    ReceiptRecorder(int layers, LongSupplier nanoTime) {
        this.rows = new long[layers];
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
    }

    /** The prompt, as the user gave it and after compression. */
    public void prompt(long tokens, long sent) {
        tokensIn = tokens;
        tokensSent = sent;
    }

    /** {@code tokens} of the prompt were found computed already. */
    public void reused(long tokens) {
        tokensReused += tokens;
    }

    /** {@code count} rows went through the layers {@code from} (inclusive) to {@code to} (exclusive). */
    public void rows(int from, int to, long count) {
        for (int layer = from; layer < to; layer++) rows[layer] += count;
    }

    /** One step asked for the logits of a next token. */
    public void forwardPass() {
        forwardPasses++;
    }

    /** {@code tokens} came out together, now. */
    public void emitted(int tokens) {
        if (tokens == 0) return;
        lastToken = nanoTime.getAsLong();
        if (tokensOut == 0) {
            firstToken = lastToken;
            firstTokens = tokens;
        }
        tokensOut += tokens;
    }

    /**
     * What keys and values take now.
     *
     * @param hot bytes in fast memory
     * @param cold bytes elsewhere
     * @param full bytes of all positions so far as f16
     */
    public void kv(long hot, long cold, long full) {
        kvHeld = hot + cold;
        kvCold = cold;
        kvFull = full;
        kvPeak = Math.max(kvPeak, kvHeld);
    }

    /** The most bytes of keys and values held at any time so far, where that is known better than from {@link #kv}. */
    public void kvPeak(long bytes) {
        kvPeak = Math.max(kvPeak, bytes);
    }

    /** {@code bytes} of keys and values were carried between tiers. */
    public void kvMoved(long bytes) {
        kvMoved += bytes;
    }

    /** The kernel provider that computes. */
    public void kernels(String name) {
        kernels = Optional.of(name);
    }

    /** What was counted so far. */
    public Receipt receipt() {
        List<Long> rowsPerLayer = new ArrayList<>(rows.length);
        for (long each : rows) rowsPerLayer.add(each);
        return new Receipt(
                tokensIn,
                tokensSent,
                tokensReused,
                tokensOut,
                rowsPerLayer,
                forwardPasses,
                kvHeld,
                kvFull,
                kvCold,
                kvMoved,
                kvPeak,
                tokensOut > 0 ? Optional.of(Duration.ofNanos(firstToken - start)) : Optional.empty(),
                tokensOut > firstTokens
                        ? Optional.of(Duration.ofNanos((lastToken - firstToken) / (tokensOut - firstTokens)))
                        : Optional.empty(),
                kernels);
    }
}
