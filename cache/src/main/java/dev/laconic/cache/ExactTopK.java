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
    public SequenceHooks start(CacheContext context) {
        return new Choice(this, context);
    }

    private static final class Choice extends DecodeSelection {
        private final ExactTopK technique;
        private final Scratch[][] scratch;

        private static final class Scratch {
            private final Top top = new Top();
            private float[] scores = {};
            private float[] key = {};
        }

        Choice(ExactTopK technique, CacheContext context) {
            super(context);
            this.technique = technique;
            scratch = new Scratch[context.layers()][];
            for (int layer = 0; layer < scratch.length; layer++) {
                scratch[layer] = new Scratch[context.heads(layer)];
                for (int head = 0; head < scratch[layer].length; head++) scratch[layer][head] = new Scratch();
            }
        }

        @Override
        void choose(
                int layer, int kvHead, HeadCache entries, float[] queries, int offset, int group, Selection selection) {
            Scratch own = scratch[layer][kvHead];
            int dimension = entries.format().keyDimension();
            int size = entries.size();
            if (own.scores.length < size) own.scores = new float[2 * size];
            if (own.key.length < dimension) own.key = new float[dimension];
            for (int i = 0; i < size; i++) {
                entries.readKey(i, own.key, 0);
                float most = Float.NEGATIVE_INFINITY;
                for (int g = 0; g < group; g++)
                    most = Math.max(
                            most, context.model().kernels().dot(queries, offset + g * dimension, own.key, 0, dimension));
                own.scores[i] = most;
            }
            int count = (int) technique.budget.items(size, entries.format().fullEntryBytes() * context.allHeads());
            int found = own.top.find(own.scores, size, Math.max(1, count));
            for (int i = 0; i < found; i++) selection.add(own.top.kept()[i]);
        }
    }
}
