package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.Page;

/** Evicts entries by lot: what any choice must beat. Which ones go depends on the seed, layer, head and position alone. */
@Technique(id = "random", stage = Stage.CACHE, fidelity = Fidelity.APPROXIMATE, title = "Eviction by lot")
public record RandomEviction(
        @Option(value = "25%", help = "entries kept of each head") Budget budget,
        @Option(value = "always", help = "when entries are evicted") When when,
        @Option(value = "1", help = "which lot") long seed)
        implements KvScorer {

    @Override
    public int firstRow(int promptLength) {
        return when == When.PROMPT_END ? promptLength - 1 : 0;
    }

    @Override
    public void score(ScoredHead head, int allowed, float[] scores) {
        long salt = mix(seed + 0x9E3779B97F4A7C15L * (head.layer() * 1024L + head.head() + 1));
        HeadCache entries = head.entries();
        for (int p = 0; p < entries.pageCount(); p++) {
            Page page = entries.page(p);
            int start = entries.pageStart(p);
            int size = entries.pageSize(p);
            for (int slot = 0; slot < size; slot++) scores[start + slot] = mix(salt + page.position(slot)) >>> 40;
        }
    }

    /** SplitMix64's finalizer. */
    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
