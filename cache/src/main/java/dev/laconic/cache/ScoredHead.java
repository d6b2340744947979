package dev.laconic.cache;

import dev.laconic.model.Sequence;
import dev.laconic.model.kv.EntryColumn;
import dev.laconic.model.kv.HeadCache;

/**
 * One KV head whose entries are scored.
 *
 * @param entries its entries
 * @param gathered a number for each entry that the scorer keeps from step to step
 * @param sequence whose it is
 */
public record ScoredHead(int layer, int head, HeadCache entries, EntryColumn gathered, Sequence sequence) {

    /** Number of entries. */
    public int size() {
        return entries.size();
    }
}
