package dev.laconic.bench.task;

import dev.laconic.core.error.UsageException;
import dev.laconic.model.Logits;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import java.util.function.BooleanSupplier;

/**
 * How often a draft model's likeliest next token is the target's: the share of drafted tokens that greedy speculative
 * decoding accepts at the first position.
 *
 * @param agreed tokens that both models predict
 * @param tokens predicted by each
 */
public record Agreement(long agreed, long tokens) {
    private static final int CHUNK = 128;

    public double share() {
        return (double) agreed / tokens;
    }

    /**
     * Compares two models of one vocabulary on a text, in windows of the context's length.
     *
     * @param ids the text
     * @param cancelled ends the comparison with what has been counted so far
     */
    public static Agreement of(Model target, Model draft, int[] ids, int context, BooleanSupplier cancelled) {
        if (target.vocabulary() != draft.vocabulary())
            throw new UsageException("the models do not share a vocabulary: " + target.vocabulary() + " and "
                    + draft.vocabulary() + " tokens");
        if (ids.length == 0) throw new UsageException("there is no text to compare the models on");
        long agreed = 0;
        long tokens = 0;
        State first = target.newState();
        State second = draft.newState();
        for (int from = 0; from < ids.length && !cancelled.getAsBoolean(); from += context) {
            int to = Math.min(ids.length, from + context);
            try (Sequence one = target.newSequence();
                    Sequence other = draft.newSequence()) {
                for (int at = from; at < to; at += CHUNK) {
                    int end = Math.min(to, at + CHUNK);
                    Logits expected = run(target, first, one, ids, at, end);
                    Logits drafted = run(draft, second, other, ids, at, end);
                    for (int row = 0; row < end - at; row++)
                        if (expected.argmax(row) == drafted.argmax(row)) agreed++;
                    tokens += end - at;
                }
            }
        }
        return new Agreement(agreed, tokens);
    }

    private static Logits run(Model model, State state, Sequence sequence, int[] ids, int from, int to) {
        model.embed(new Rows().append(sequence, ids, from, to, true), state);
        model.advance(state);
        return model.project(state);
    }
}
