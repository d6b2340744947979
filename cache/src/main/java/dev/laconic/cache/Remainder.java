package dev.laconic.cache;

import dev.laconic.kernels.KvType;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.KvCache;
import dev.laconic.model.kv.KvFormat;

/** The entries of a head that do not fill a page. */
final class Remainder {
    /** What the room of a page that is not full is a multiple of. */
    private static final int STEP = 8;

    private Remainder() {}

    /** Has pages that are not full take no more room than their entries need. */
    static void prepare(KvCache cache) {
        for (int layer = 0; layer < cache.layers(); layer++)
            for (int head = 0; head < cache.heads(layer); head++) cache.head(layer, head).growBy(STEP);
    }

    /**
     * Whether so many entries, fewer than a page, had better be packed at the end of a prompt than wait for others: they
     * then have scales of their own, and the entries that follow begin another page.
     */
    static boolean pays(KvFormat format, int count, KvType keys, KvType values) {
        KvFormat packed = format.withTypes(keys, values).withRoom((count + STEP - 1) / STEP * STEP);
        return count > 0 && 2 * packed.pageBytes() <= format.entriesBytes(count);
    }
}
