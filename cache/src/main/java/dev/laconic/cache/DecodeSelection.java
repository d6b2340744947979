package dev.laconic.cache;

import dev.laconic.model.Phase;
import dev.laconic.model.Selection;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;

/** A selector that leaves the prompt alone and chooses for each row of the answer. */
abstract class DecodeSelection implements SequenceHooks {
    final CacheContext context;

    DecodeSelection(CacheContext context) {
        this.context = context;
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
