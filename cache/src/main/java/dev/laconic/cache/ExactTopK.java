package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.model.Selection;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;

/**
 * Attends to the entries whose query-key products are largest and to no others: the best that any selection of so many can
 * do for this row. It reads every key to find them, so it is a bound to compare with and saves nothing.
 *
 * <p>Each decoded row chooses anew, for each KV head, by the largest product that one of its query heads has with the
 * entry; the prompt is computed in full.
 */
@Technique(id = "oracle", stage = Stage.CACHE, fidelity = Fidelity.APPROXIMATE, title = "Exact top-k attention")
public record ExactTopK(
        @Option(value = "25%", help = "entries attended to in each head") Budget budget) implements KvSelector {

    @Override
    public int firstRow(int promptLength) {
        return promptLength;
    }

    @Override
    public SequenceHooks start(CacheContext context) {
        return new Choice(this, context);
    }

    private static final class Choice extends DecodeSelection {
        private final ExactTopK technique;

        Choice(ExactTopK technique, CacheContext context) {
            super(context);
            this.technique = technique;
        }

        @Override
        void choose(
                int layer, int kvHead, HeadCache entries, float[] queries, int offset, int group, Selection selection) {
            int size = entries.size();
            long each = entries.format().fullEntryBytes() * context.allHeads();
            int most = (int) Math.max(1, technique.budget.items(size, each));
            QueryScores scores = scores(kvHead);
            scores.largest(entries, queries, offset, group);
            int found = scores.top(size, most);
            selection.addAll(scores.kept(), found);
        }
    }
}
