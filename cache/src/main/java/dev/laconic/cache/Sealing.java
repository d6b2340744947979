package dev.laconic.cache;

import dev.laconic.model.Phase;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;

/** A quantiser at work in one sequence. */
final class Sealing implements SequenceHooks {
    private final KvQuantiser quantiser;

    Sealing(KvQuantiser quantiser) {
        this.quantiser = quantiser;
    }

    @Override
    public void afterAttention(int layer, Sequence sequence) {
        if (sequence.phase() != Phase.DECODE && !quantiser.when().includes(sequence.phase())) return;
        boolean decode = sequence.phase() == Phase.DECODE;
        for (int head = 0; head < sequence.cache().heads(layer); head++)
            seal(sequence.cache().head(layer, head), decode);
    }

    /** @param full only pages that are full: one that is sealed takes no more entries */
    private void seal(HeadCache entries, boolean full) {
        int end = entries.size() - quantiser.window();
        int least = full ? entries.format().entriesPerPage() : 1;
        for (int page = 0; page < entries.pageCount() && entries.pageStart(page) + entries.pageSize(page) <= end; page++)
            if (entries.pageSize(page) >= least && entries.page(page).format().equals(entries.format()))
                entries.seal(page, quantiser.keys(), quantiser.values());
    }
}
