package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.model.Selection;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;
import java.util.BitSet;

/**
 * A few layers attend to everything and find the entries that matter; the layers above attend to these alone.
 *
 * <p>Yang et al., TidalDecode: Fast and Accurate LLM Decoding with Position Persistent Sparse Attention, 2410.05076: for a
 * decoded row, layers below {@code full} are plain; layer {@code full} attends to all and takes, for each head, the
 * {@code budget} entries of largest query-key product; all later layers attend to the same positions, until the layer at
 * {@code again} of the depth, or the next one where that is not above, attends to all and takes anew. The prompt is computed in full. Departs from the paper: query
 * heads that share a KV head choose together, by the largest product that one of them has.
 */
@Technique(
        id = "tidal",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "TidalDecode: Fast and Accurate LLM Decoding with Position Persistent Sparse Attention",
        paper = "2410.05076")
public record TidalDecode(
        @Option(value = "256", help = "entries attended to in each head of the sparse layers") Budget budget,
        @Option(value = "2", min = 0, help = "layers at the start that are plain") int full,
        @Option(value = "0.4", min = 0, max = 1, help = "depth of the layer that takes anew, as a share of all; 0 for none") double again)
        implements KvSelector {

    @Override
    public int firstRow(int promptLength) {
        return promptLength;
    }

    @Override
    public SequenceHooks start(CacheContext context) {
        return new Tide(this, context);
    }

    private static final class Tide extends DecodeSelection {
        private final TidalDecode technique;
        private final int anew;
        private final Taken[] taken;

        /** What one KV head took last. */
        private static final class Taken {
            private final BitSet positions = new BitSet();
            private int[] entries = {};
            private int count;
        }

        Tide(TidalDecode technique, CacheContext context) {
            super(context);
            this.technique = technique;
            int depth = (int) Math.round(technique.again * context.layers());
            anew = technique.again == 0 ? technique.full : Math.max(technique.full + 1, depth);
            int heads = 0;
            for (int layer = 0; layer < context.layers(); layer++) heads = Math.max(heads, context.heads(layer));
            taken = new Taken[heads];
            for (int head = 0; head < heads; head++) taken[head] = new Taken();
        }

        @Override
        public boolean selects(int layer) {
            return layer > technique.full && layer != anew && super.selects(layer);
        }

        @Override
        public boolean wantsProducts(int layer) {
            return (layer == technique.full || layer == anew) && super.selects(layer);
        }

        @Override
        public void products(int layer, int kvHead, HeadCache entries, float[] products) {
            Taken own = taken[kvHead];
            QueryScores scores = scores(kvHead);
            long each = entries.format().fullEntryBytes() * context.allHeads();
            int most = (int) Math.max(1, technique.budget.items(entries.size(), each));
            own.count = scores.top(products, entries.size(), most);
            if (own.entries.length < own.count) own.entries = new int[2 * own.count];
            System.arraycopy(scores.kept(), 0, own.entries, 0, own.count);
            own.positions.clear();
            int page = 0;
            for (int i = 0; i < own.count; i++) {
                while (entries.pageStart(page + 1) <= own.entries[i]) page++;
                own.positions.set(entries.page(page).position(own.entries[i] - entries.pageStart(page)));
            }
        }

        @Override
        void choose(
                int layer, int kvHead, HeadCache entries, float[] queries, int offset, int group, Selection selection) {
            add(taken[kvHead], entries, selection);
        }

        /** Adds the entries at the positions taken; layers whose entries stand otherwise are searched. */
        private static void add(Taken own, HeadCache entries, Selection selection) {
            int[] kept = own.entries;
            boolean aligned = own.count > 0 && kept[own.count - 1] < entries.size();
            int page = 0;
            for (int i = 0; aligned && i < own.count; i++) {
                while (entries.pageStart(page + 1) <= kept[i]) page++;
                aligned = own.positions.get(entries.page(page).position(kept[i] - entries.pageStart(page)));
            }
            if (aligned) {
                selection.addAll(kept, own.count);
                return;
            }
            for (int entry = 0; entry < entries.size(); entry++)
                if (own.positions.get(entries.position(entry))) selection.add(entry);
            if (selection.size() == 0) selection.addRange(0, entries.size());
        }
    }
}
