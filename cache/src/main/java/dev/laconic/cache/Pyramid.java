package dev.laconic.cache;

import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;

/**
 * Gives the first layers more of the budget than the last, in equal steps.
 *
 * <p>Cai et al., PyramidKV: Dynamic KV Cache Compression based on Pyramidal Information Funneling, 2406.02069: with the mean
 * budget b beyond the scorer's window, the last layer gets {@code b / beta}, the first {@code 2 b - b / beta}, and those
 * between lie on a line.
 */
@Technique(
        id = "pyramid",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "PyramidKV: Dynamic KV Cache Compression based on Pyramidal Information Funneling",
        paper = "2406.02069")
public record Pyramid(
        @Option(value = "20", min = 1, help = "how much less than the mean the last layer gets") double beta)
        implements KvAllocator {

    @Override
    public void layers(int[] entries, int total) {
        int last = entries.length - 1;
        double[] weights = new double[entries.length];
        for (int layer = 0; layer <= last; layer++)
            weights[layer] = last == 0 ? 1 : 2 - 1 / beta - layer * (2 - 2 / beta) / last;
        Proportions.apply(entries, weights, total);
    }
}
