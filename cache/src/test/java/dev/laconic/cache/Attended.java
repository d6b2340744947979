package dev.laconic.cache;

import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Watches what each KV head attends to; of the rows of a step, what the last one does. */
final class Attended implements SequenceHooks {
    private final int[][][] positions;
    private final float[][][] probabilities;
    private final int group;

    private Attended(Model model, Sequence sequence) {
        positions = new int[model.layers()][sequence.cache().heads(0)][0];
        probabilities = new float[model.layers()][sequence.cache().heads(0)][0];
        group = model.architecture().attentions().getFirst().queryHeads() / sequence.cache().heads(0);
    }

    /** Has the attention of a sequence watched beside what its techniques do. */
    static Attended in(Model model, Sequence sequence) {
        Attended attended = new Attended(model, sequence);
        sequence.hooks(HookChain.of(List.of(sequence.hooks(), attended)));
        return attended;
    }

    /** Positions that the first query head of a KV head attended to, in the order of the entries. */
    int[] positions(int layer, int kvHead) {
        return positions[layer][kvHead];
    }

    /** How much each of these was attended to. */
    float[] probabilities(int layer, int kvHead) {
        return probabilities[layer][kvHead];
    }

    @Override
    public boolean wantsProbabilities(int layer) {
        return true;
    }

    @Override
    public void probabilities(int layer, int queryHead, int position, HeadCache entries, float[] all, int offset) {
        if (queryHead % group > 0) return;
        int[] found = IntStream.range(0, entries.size()).filter(i -> all[offset + i] > 0).toArray();
        positions[layer][queryHead / group] = Arrays.stream(found).map(entries::position).toArray();
        float[] each = new float[found.length];
        for (int i = 0; i < each.length; i++) each[i] = all[offset + found[i]];
        probabilities[layer][queryHead / group] = each;
    }
}
