package dev.laconic.cache;

import dev.laconic.model.Phase;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.KvCache;

/** A quantiser at work in one sequence. */
final class Sealing implements SequenceHooks {
    private final KvQuantiser quantiser;

    Sealing(KvQuantiser quantiser, KvCache cache) {
        this.quantiser = quantiser;
        Remainder.prepare(cache);
    }

    @Override
    public void afterAttention(int layer, Sequence sequence) {
        if (sequence.phase() != Phase.DECODE && !quantiser.when().includes(sequence.phase())) return;
        for (int head = 0; head < sequence.cache().heads(layer); head++)
            seal(sequence.cache().head(layer, head), sequence.phase() == Phase.PREFILL_END);
    }

    /** Seals full pages, and at the end of the prompt one that is not full if that pays: what is sealed takes no more entries. */
    private void seal(HeadCache entries, boolean promptEnd) {
        int end = entries.size() - quantiser.window();
        int full = entries.format().entriesPerPage();
        for (int page = 0; page < entries.pageCount() && entries.pageStart(page) + entries.pageSize(page) <= end; page++) {
            if (!entries.isOpen(page)) continue;
            int size = entries.pageSize(page);
            if (size == full || promptEnd && Remainder.pays(entries.format(), size, quantiser.keys(), quantiser.values()))
                entries.seal(page, quantiser.keys(), quantiser.values());
        }
    }
}
