package dev.laconic.cache;

import dev.laconic.model.Selection;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;
import java.util.Collections;
import java.util.List;

/** Several hooks one after another; of those that select, there is at most one. */
final class HookChain implements SequenceHooks {
    private final SequenceHooks[] hooks;

    private HookChain(List<SequenceHooks> hooks) {
        this.hooks = hooks.toArray(SequenceHooks[]::new);
    }

    /** The hooks as one; those of nobody cost nothing. */
    static SequenceHooks of(List<SequenceHooks> hooks) {
        if (Collections.frequency(hooks, SequenceHooks.NONE) == hooks.size()) return SequenceHooks.NONE;
        return hooks.size() == 1 ? hooks.getFirst() : new HookChain(hooks);
    }

    /** The {@code count} hooks that {@link #of} was given. */
    static List<SequenceHooks> parts(SequenceHooks hooks, int count) {
        if (hooks == SequenceHooks.NONE) return Collections.nCopies(count, hooks);
        return hooks instanceof HookChain chain ? List.of(chain.hooks) : List.of(hooks);
    }

    @Override
    public boolean wantsProbabilities(int layer) {
        for (SequenceHooks each : hooks) if (each.wantsProbabilities(layer)) return true;
        return false;
    }

    @Override
    public boolean wantsProbabilities(int layer, int from, int to) {
        for (SequenceHooks each : hooks)
            if (each.wantsProbabilities(layer) && each.wantsProbabilities(layer, from, to)) return true;
        return false;
    }

    @Override
    public void probabilities(
            int layer, int queryHead, int position, HeadCache entries, float[] probabilities, int offset) {
        for (SequenceHooks each : hooks)
            if (each.wantsProbabilities(layer) && each.wantsProbabilities(layer, position, position + 1))
                each.probabilities(layer, queryHead, position, entries, probabilities, offset);
    }

    @Override
    public boolean wantsProducts(int layer) {
        for (SequenceHooks each : hooks) if (each.wantsProducts(layer)) return true;
        return false;
    }

    @Override
    public void products(int layer, int kvHead, HeadCache entries, float[] products) {
        for (SequenceHooks each : hooks) if (each.wantsProducts(layer)) each.products(layer, kvHead, entries, products);
    }

    @Override
    public boolean wantsQueries(int layer) {
        for (SequenceHooks each : hooks) if (each.wantsQueries(layer)) return true;
        return false;
    }

    @Override
    public void beforeAttention(
            int layer, Sequence sequence, int position, int rows,
            float[] queries, int offset, int stride, float[] keys, int keyOffset, int keyStride) {
        for (SequenceHooks each : hooks)
            if (each.wantsQueries(layer))
                each.beforeAttention(
                        layer, sequence, position, rows, queries, offset, stride, keys, keyOffset, keyStride);
    }

    @Override
    public boolean wantsQueriesAhead(int layer) {
        for (SequenceHooks each : hooks) if (each.wantsQueriesAhead(layer)) return true;
        return false;
    }

    @Override
    public void queriesAhead(int layer, Sequence sequence, int rows, float[] queries, int offset, int stride) {
        for (SequenceHooks each : hooks)
            if (each.wantsQueriesAhead(layer)) each.queriesAhead(layer, sequence, rows, queries, offset, stride);
    }

    @Override
    public boolean selects(int layer) {
        for (SequenceHooks each : hooks) if (each.selects(layer)) return true;
        return false;
    }

    @Override
    public void select(
            int layer, int kvHead, HeadCache entries, float[] queries, int offset, int rows, int group,
            Selection selection) {
        for (SequenceHooks each : hooks)
            if (each.selects(layer)) each.select(layer, kvHead, entries, queries, offset, rows, group, selection);
    }

    @Override
    public boolean headEnabled(int layer, int queryHead) {
        for (SequenceHooks each : hooks) if (!each.headEnabled(layer, queryHead)) return false;
        return true;
    }

    @Override
    public void afterAttention(int layer, Sequence sequence) {
        for (SequenceHooks each : hooks) each.afterAttention(layer, sequence);
    }

    @Override
    public void afterStep(Sequence sequence, int from, int rows) {
        for (SequenceHooks each : hooks) each.afterStep(sequence, from, rows);
    }

    @Override
    public void afterTruncate(Sequence sequence) {
        for (SequenceHooks each : hooks) each.afterTruncate(sequence);
    }

    @Override
    public boolean endless() {
        for (SequenceHooks each : hooks) if (each.endless()) return true;
        return false;
    }

    @Override
    public long hotBytes() {
        long bytes = 0;
        for (SequenceHooks each : hooks) bytes += each.hotBytes();
        return bytes;
    }

    @Override
    public long coldBytes() {
        long bytes = 0;
        for (SequenceHooks each : hooks) bytes += each.coldBytes();
        return bytes;
    }

    @Override
    public long movedBytes() {
        long bytes = 0;
        for (SequenceHooks each : hooks) bytes += each.movedBytes();
        return bytes;
    }
}
