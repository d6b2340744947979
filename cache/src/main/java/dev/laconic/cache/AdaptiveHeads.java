package dev.laconic.cache;

import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import java.util.Arrays;

/**
 * Gives the heads of a layer what their entries are worth, after a floor for each.
 *
 * <p>Feng et al., Ada-KV: Optimizing KV Cache Eviction by Adaptive Budget Allocation for Efficient LLM Inference,
 * 2407.11550: the entries of all heads compete, those of highest score stay, and a head keeps at least {@code floor} of the
 * mean. Scores of different heads must be comparable, as attention is.
 */
@Technique(
        id = "adaptive-heads",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "Ada-KV: Optimizing KV Cache Eviction by Adaptive Budget Allocation for Efficient LLM Inference",
        paper = "2407.11550")
public record AdaptiveHeads(
        @Option(value = "0.2", min = 0, max = 1, help = "share of the mean budget that every head keeps") double floor)
        implements KvAllocator {

    @Override
    public void heads(int[] entries, float[][] scores, int[] sizes) {
        long budget = 0;
        int all = 0;
        for (int head = 0; head < entries.length; head++) {
            budget += entries[head];
            all += sizes[head];
        }
        if (budget >= all) return;
        float[][] ranked = new float[entries.length][];
        for (int head = 0; head < entries.length; head++) {
            ranked[head] = Arrays.copyOf(scores[head], sizes[head]);
            Arrays.sort(ranked[head]);
            entries[head] = Math.min(sizes[head], (int) (floor * entries[head]));
            budget -= entries[head];
        }
        for (; budget > 0; budget--) {
            int best = -1;
            for (int head = 0; head < entries.length; head++)
                if (entries[head] < sizes[head] && (best < 0 || next(ranked, entries, head) > next(ranked, entries, best)))
                    best = head;
            entries[best]++;
        }
    }

    /** Score of the best entry that a head does not keep yet. */
    private static float next(float[][] ranked, int[] entries, int head) {
        return ranked[head][ranked[head].length - 1 - entries[head]];
    }
}
