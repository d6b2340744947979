package dev.laconic.cache;

import dev.laconic.model.Phase;
import dev.laconic.model.Selection;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;

/** A selector that leaves the prompt alone and chooses for each row of the answer. */
abstract class DecodeSelection implements SequenceHooks {
    final CacheContext context;
    /** One for each KV head of a layer: heads choose at the same time, layers one after another. */
    private final QueryScores[] scores;

    DecodeSelection(CacheContext context) {
        this.context = context;
        int heads = 0;
        for (int layer = 0; layer < context.layers(); layer++) heads = Math.max(heads, context.heads(layer));
        scores = new QueryScores[heads];
        for (int head = 0; head < heads; head++) scores[head] = new QueryScores(context.model().kernels());
    }

    QueryScores scores(int kvHead) {
        return scores[kvHead];
    }

    @Override
    public boolean selects(int layer) {
        return context.sequence().phase() == Phase.DECODE;
    }

    @Override
    public void select(
            int layer, int kvHead, HeadCache entries, float[] queries, int offset, int rows, int group,
            Selection selection) {
        if (rows == 1) choose(layer, kvHead, entries, queries, offset, group, selection);
        else selection.addRange(0, entries.size());
    }

    /** Chooses for one row, whose rotated query of head g begins at {@code offset + g * dimension}. */
    abstract void choose(
            int layer, int kvHead, HeadCache entries, float[] queries, int offset, int group, Selection selection);
}
