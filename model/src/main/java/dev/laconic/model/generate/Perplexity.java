package dev.laconic.model.generate;

import dev.laconic.core.error.UsageException;
import dev.laconic.model.Logits;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.tokenize.Tokenizer;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * How well a model predicts a text. The text is cut into windows of the context's length; each begins with the model's
 * begin-of-text token, where it has one, and all of a window's tokens count except one that has nothing before it. Where
 * techniques keep positions within the context, the whole text is one window.
 *
 * @param negativeLogLikelihood sum over the counted tokens, in nats
 * @param tokens how many were counted
 * @param bytes of text the counted tokens stand for
 */
public record Perplexity(double negativeLogLikelihood, long tokens, long bytes) {
    private static final int CHUNK = 128;

    /** Told how far a measurement is. */
    @FunctionalInterface
    public interface Progress {
        void at(long done, long total);
    }

    /** {@code exp(mean negative log-likelihood per token)}. */
    public double perplexity() {
        return Math.exp(negativeLogLikelihood / tokens);
    }

    /** The same as compression: bits the model needs for a byte of the text. */
    public double bitsPerByte() {
        return negativeLogLikelihood / Math.log(2) / bytes;
    }

    /**
     * Measures the first {@code limit} tokens.
     *
     * @param sequences makes a fresh sequence for each window
     * @param cancelled ends the measurement with what has been counted so far
     */
    public static Perplexity of(
            Model model, Tokenizer tokenizer, int[] ids, int limit, int context, Supplier<Sequence> sequences,
            Progress progress, BooleanSupplier cancelled) {
        if (limit < 2) throw new UsageException("the text has " + limit + " tokens; perplexity needs at least 2");
        if (context < 2) throw new UsageException("the context must be at least 2 tokens, found " + context);
        OptionalInt bos = tokenizer.special().bos();
        boolean endless;
        try (Sequence probe = sequences.get()) {
            endless = probe.hooks().endless();
        }
        int perWindow = endless ? limit : bos.isPresent() ? context - 1 : context;
        State state = model.newState();
        Rows rows = new Rows();
        double total = 0;
        long counted = 0;
        long bytes = 0;
        for (int from = 0; from < limit && !cancelled.getAsBoolean(); from += perWindow) {
            int to = Math.min(limit, from + perWindow);
            int[] window = new int[to - from + (bos.isPresent() ? 1 : 0)];
            if (bos.isPresent()) window[0] = bos.getAsInt();
            System.arraycopy(ids, from, window, window.length - (to - from), to - from);
            try (Sequence sequence = sequences.get()) {
                for (int at = 0; at < window.length - 1; at += CHUNK) {
                    int end = Math.min(window.length - 1, at + CHUNK);
                    model.embed(rows.clear().append(sequence, window, at, end, true), state);
                    model.advance(state);
                    Logits logits = model.project(state);
                    for (int row = at; row < end; row++)
                        total -= logits.logProbability(row - at, window[row + 1]);
                    progress.at(from + end, limit);
                }
            }
            counted += window.length - 1;
            int[] text = java.util.Arrays.copyOfRange(window, 1, window.length);
            bytes += tokenizer.bytes(text, false).length;
        }
        return new Perplexity(total, counted, bytes);
    }
}
