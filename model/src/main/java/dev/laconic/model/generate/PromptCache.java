package dev.laconic.model.generate;

import dev.laconic.core.ReceiptRecorder;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import java.util.function.BooleanSupplier;

/**
 * Keys and values that outlive a session: what of a prompt was computed before need not be computed again. Several threads
 * may use one.
 */
public interface PromptCache {
    /** Knows nothing. */
    PromptCache NONE = new PromptCache() {};

    /**
     * What a sequence holds once a cache has filled it.
     *
     * @param tokens how many of the prompt's first tokens have their keys and values, fewer than the prompt has
     * @param reused of those, the ones that were there already
     */
    record Filled(int tokens, int reused) {}

    /**
     * Gives a sequence the keys and values of a prompt's beginning.
     *
     * @param done tokens of the prompt that the sequence holds, and all that it holds
     * @param state for rows that are computed on the way
     * @param recorder told of these rows
     * @param cancelled asked between layers; where it is so, the sequence is left as a valid beginning
     */
    default Filled fill(
            Prompt prompt, int done, Sequence sequence, State state, ReceiptRecorder recorder, BooleanSupplier cancelled) {
        return new Filled(done, done);
    }

    /** Takes note of a prompt whose keys and values are all there. */
    default void keep(Prompt prompt, Sequence sequence) {}
}
