package dev.laconic.cache;

import dev.laconic.kernels.Team;
import dev.laconic.model.Phase;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;
import java.util.Arrays;

/** A quantiser at work in one sequence: what pages of a layer are due are shared out among the team. */
final class Sealing implements SequenceHooks, Team.Task {
    private final KvQuantiser quantiser;
    private final Team team;
    private HeadCache[] heads = new HeadCache[16];
    private int[] pages = new int[16];
    private int due;

    Sealing(KvQuantiser quantiser, CacheContext context) {
        this.quantiser = quantiser;
        team = context.model().kernels().team();
        Remainder.prepare(context.cache());
    }

    @Override
    public void afterAttention(int layer, Sequence sequence) {
        if (sequence.phase() != Phase.DECODE && !quantiser.when().includes(sequence.phase())) return;
        due = 0;
        for (int head = 0; head < sequence.cache().heads(layer); head++)
            find(sequence.cache().head(layer, head), sequence.phase() == Phase.PREFILL_END);
        if (due > 1) team.run(this);
        else run(0, 1);
    }

    /** Finds full pages, and at the end of the prompt one that is not full if that pays: what is sealed takes no more entries. */
    private void find(HeadCache entries, boolean promptEnd) {
        int end = entries.size() - quantiser.window();
        int full = entries.format().entriesPerPage();
        for (int page = 0; page < entries.pageCount() && entries.pageStart(page) + entries.pageSize(page) <= end; page++) {
            if (!entries.isOpen(page)) continue;
            int size = entries.pageSize(page);
            if (size < full && !(promptEnd && Remainder.pays(entries.format(), size, quantiser.keys(), quantiser.values())))
                continue;
            if (due == pages.length) {
                heads = Arrays.copyOf(heads, 2 * due);
                pages = Arrays.copyOf(pages, 2 * due);
            }
            heads[due] = entries;
            pages[due++] = page;
        }
    }

    @Override
    public void run(int part, int parts) {
        for (int i = part; i < due; i += parts) heads[i].seal(pages[i], quantiser.keys(), quantiser.values());
    }
}
