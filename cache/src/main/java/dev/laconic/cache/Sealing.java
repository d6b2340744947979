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
        for (int head = 0; head < sequence.cache().heads(layer); head++) seal(sequence.cache().head(layer, head));
    }

    /** Seals full pages only: one that is sealed takes no more entries, and its room would be lost. */
    private void seal(HeadCache entries) {
        int end = entries.size() - quantiser.window();
        int full = entries.format().entriesPerPage();
        for (int page = 0; page < entries.pageCount() && entries.pageStart(page) + entries.pageSize(page) <= end; page++)
            if (entries.pageSize(page) == full && entries.page(page).format().equals(entries.format()))
                entries.seal(page, quantiser.keys(), quantiser.values());
    }
}
