package dev.laconic.cache;

import dev.laconic.cache.store.BlockKey;
import dev.laconic.cache.store.BlockShape;
import dev.laconic.cache.store.Fingerprint;
import dev.laconic.cache.store.KvBlock;
import dev.laconic.cache.store.KvStore;
import dev.laconic.core.ReceiptRecorder;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.State;
import dev.laconic.model.generate.Prompt;
import dev.laconic.model.generate.PromptCache;
import dev.laconic.model.kv.KvCache;
import dev.laconic.model.kv.KvFormat;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prompts that begin alike compute what they have in common once: their tokens are cut into blocks of a page, and the key
 * of a block is the hash of its tokens and of the key before it. Sequences share the pages of a block in memory, and copy
 * one when they write to it. What the stage's techniques must see is computed.
 */
final class PrefixReuse implements PromptCache {
    private static final Logger LOG = LoggerFactory.getLogger(PrefixReuse.class);
    private static final int BLOCK = KvFormat.DEFAULT_ENTRIES_PER_PAGE;

    private final KvStore store;
    private final CacheStage stage;
    private final String fingerprint;

    PrefixReuse(KvStore store, CacheStage stage) {
        this.store = store;
        this.stage = stage;
        this.fingerprint = Fingerprint.of(stage.model());
    }

    @Override
    public Filled fill(
            Prompt prompt, int done, Sequence sequence, State state, ReceiptRecorder recorder, BooleanSupplier cancelled) {
        // What a policy has left of the beginning is not for others to go on from.
        if (done > 0 && sequence.hooks() != SequenceHooks.NONE) return new Filled(done, done);
        int filled = done / BLOCK * BLOCK;
        BlockKey key = BlockKey.root(fingerprint, sequence.cache());
        for (int at = 0; at < filled; at += BLOCK) key = key.then(prompt.ids(), at, at + BLOCK);
        int most = Math.min(prompt.length() - 1, stage.firstRow(prompt.length()));
        while (filled + BLOCK <= most) {
            key = key.then(prompt.ids(), filled, filled + BLOCK);
            Optional<KvBlock> found = store.get(key);
            if (found.isEmpty()) break;
            if (filled < done) sequence.truncate(filled);
            try (KvBlock block = found.get()) {
                if (!read(block, key, sequence, prompt.ids(), filled)) break;
            }
            filled += BLOCK;
        }
        return new Filled(sequence.length(), sequence.length());
    }

    /** Appends a block; one that is damaged is forgotten, and the sequence as it was. */
    private boolean read(KvBlock block, BlockKey key, Sequence sequence, int[] ids, int position) {
        KvCache cache = sequence.cache();
        try {
            for (int layer = 0; layer < cache.layers(); layer++) block.read(layer, cache);
        } catch (MalformedInputException damaged) {
            LOG.warn("{}; it is computed again", damaged.getMessage());
            cache.truncate(position);
            store.remove(key);
            return false;
        }
        sequence.hold(ids, position, position + BLOCK);
        return true;
    }

    /** Keeps the blocks of a prompt, unless techniques had a hand in its keys and values. */
    @Override
    public void keep(Prompt prompt, Sequence sequence) {
        if (sequence.hooks() != SequenceHooks.NONE || sequence.length() != prompt.length()) return;
        KvCache cache = sequence.cache();
        BlockKey key = BlockKey.root(fingerprint, cache);
        for (int from = 0; from + BLOCK <= prompt.length(); from += BLOCK) {
            key = key.then(prompt.ids(), from, from + BLOCK);
            if (store.contains(key)) continue;
            if (!BlockShape.intact(cache, from, from + BLOCK)) return;
            store.put(key, cache, from, from + BLOCK);
        }
    }
}
