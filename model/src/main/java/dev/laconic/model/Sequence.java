package dev.laconic.model;

import dev.laconic.model.kv.KvCache;
import java.util.Optional;

/**
 * One text under way: its KV cache, the position its next token takes, and the hooks of its techniques. Belongs to one
 * thread at a time.
 */
public final class Sequence implements AutoCloseable {
    private final KvCache cache;
    private final Optional<KvCache> crossCache;
    private SequenceHooks hooks;
    private int length;
    private Phase phase = Phase.DECODE;
    private int promptLength;

    Sequence(KvCache cache, Optional<KvCache> crossCache, SequenceHooks hooks) {
        this.cache = cache;
        this.crossCache = crossCache;
        this.hooks = hooks;
    }

    public KvCache cache() {
        return cache;
    }

    /** Keys and values of an encoder's output, in encoder-decoder models. */
    public Optional<KvCache> crossCache() {
        return crossCache;
    }

    public SequenceHooks hooks() {
        return hooks;
    }

    public void hooks(SequenceHooks newHooks) {
        hooks = newHooks;
    }

    /** What the step at hand is part of. */
    public Phase phase() {
        return phase;
    }

    /** Tokens of the prompt under way or answered last, known from the prompt's first step on. */
    public int promptLength() {
        return promptLength;
    }

    /** Says that the coming step computes a part of a prompt of this length. */
    public void prefill(int newPromptLength, boolean last) {
        promptLength = newPromptLength;
        phase = last ? Phase.PREFILL_END : Phase.PREFILL;
    }

    /** Says that the coming steps make the answer. */
    public void decode() {
        phase = Phase.DECODE;
    }

    /** Position of the next token. */
    public int length() {
        return length;
    }

    /** Says that positions below {@code newLength} are taken; the model does this after each step. */
    public void length(int newLength) {
        length = newLength;
    }

    /** Forgets everything at {@code position} and after it. */
    public void truncate(int position) {
        if (position > length) throw new IllegalArgumentException("cannot truncate " + length + " to " + position);
        cache.truncate(position);
        length = position;
        hooks.afterTruncate(this);
    }

    /** A sequence that goes on from here on its own and shares all pages so far; it starts with no hooks. */
    public Sequence fork() {
        Sequence copy = new Sequence(cache.fork(), crossCache.map(KvCache::fork), SequenceHooks.NONE);
        copy.length = length;
        copy.promptLength = promptLength;
        return copy;
    }

    @Override
    public void close() {
        cache.close();
        crossCache.ifPresent(KvCache::close);
    }
}
