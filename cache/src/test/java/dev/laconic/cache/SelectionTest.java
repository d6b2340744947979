package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.core.Budget;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelectionTest {
    private final Model model = Tiny.model("scalar");

    @Test
    void tidalTakesInOneLayerWhatTheNextAttendTo() {
        int[][] attended = attended(new TidalDecode(Budget.count(12), 1, 1));
        assertThat(attended[0]).hasSize(101);
        assertThat(attended[1]).hasSize(101);
        assertThat(attended[2]).hasSize(12);
        int[][] twice = attended(new TidalDecode(Budget.count(12), 1, 0.67));
        assertThat(twice[2]).hasSize(101);
    }

    @Test
    void theOracleAttendsToTheLargestProducts() {
        int[][] attended = attended(new ExactTopK(Budget.count(10)));
        for (int[] layer : attended) assertThat(layer).hasSize(10);
    }

    /** Positions that KV head 0 of each layer attends to for one decoded token. */
    private int[][] attended(CacheTechnique technique) {
        List<int[]> layers = new ArrayList<>();
        try (Sequence sequence = Tiny.sequence(model, technique)) {
            SequenceHooks selecting = sequence.hooks();
            Tiny.prefill(model, sequence, Tiny.text(100), 50);
            sequence.hooks(HookChain.of(List.of(selecting, new SequenceHooks() {
                @Override
                public boolean wantsProbabilities(int layer) {
                    return true;
                }

                @Override
                public void probabilities(
                        int layer, int queryHead, int position, HeadCache entries, float[] probabilities, int offset) {
                    if (queryHead > 0) return;
                    int[] found = java.util.stream.IntStream.range(0, entries.size())
                            .filter(i -> probabilities[offset + i] > 0)
                            .map(entries::position)
                            .toArray();
                    layers.add(found);
                }
            })));
            Tiny.decode(model, sequence, 7);
        }
        return layers.toArray(int[][]::new);
    }
}
