package dev.laconic.model;

import dev.laconic.model.kv.KvCache;
import java.util.Arrays;
import java.util.Optional;

/**
 * One text under way: its KV cache, the position its next token takes, and the hooks of its techniques. Belongs to one
 * thread at a time.
 */
public final class Sequence implements AutoCloseable {
    /** Stands where a row had no token but an embedding, and where none was computed. */
    public static final int NO_TOKEN = -1;

    private final KvCache cache;
    private final Optional<KvCache> crossCache;
    private SequenceHooks hooks;
    private int length;
    private Phase phase = Phase.DECODE;
    private int promptLength;
    private int[] tokens = {};

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

    /** The token that was computed at a position last, or {@link #NO_TOKEN}. */
    public int token(int position) {
        return position < tokens.length ? tokens[position] : NO_TOKEN;
    }

    void token(int position, int token) {
        if (position >= tokens.length) {
            int known = tokens.length;
            tokens = Arrays.copyOf(tokens, Math.max(64, 2 * (position + 1)));
            Arrays.fill(tokens, known, tokens.length, NO_TOKEN);
        }
        tokens[position] = token;
    }

    /** Says that positions {@code from} to {@code to} hold the keys and values of these tokens, and none after them. */
    public void hold(int[] ids, int from, int to) {
        for (int position = from; position < to; position++) token(position, ids[position]);
        length = to;
    }

    /** Bytes of fast memory that the cache and the techniques hold. */
    public long hotBytes() {
        return cache.bytes() - cache.coldBytes() + hooks.hotBytes();
    }

    /** Bytes of keys and values outside fast memory. */
    public long coldBytes() {
        return cache.coldBytes() + hooks.coldBytes();
    }

    /** Bytes of keys and values that were carried between the two so far. */
    public long movedBytes() {
        return cache.movedBytes() + hooks.movedBytes();
    }

    /** The most bytes that the cache ever held, in both, and what the techniques hold. */
    public long peakBytes() {
        return cache.peakBytes() + hooks.hotBytes() + hooks.coldBytes();
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
        copy.tokens = tokens.clone();
        return copy;
    }

    @Override
    public void close() {
        cache.close();
        crossCache.ifPresent(KvCache::close);
    }
}
