package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.Budget;
import dev.laconic.core.error.UsageException;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvictionTest {
    private final Model model = Tiny.model("scalar");

    @Test
    void h2oKeepsHeavyHittersAndTheNewest() {
        int[] text = Tiny.text(80);
        float[] gathered = attention(text, 0, text.length, 1, 0);
        try (Sequence sequence = Tiny.sequence(model, new H2o(Budget.count(20), 0.5, When.PROMPT_END))) {
            Tiny.prefill(model, sequence, text, 80);
            int[] kept = Tiny.positions(sequence.cache().head(1, 0));
            assertThat(kept).hasSize(20);
            assertThat(Arrays.copyOfRange(kept, 10, 20)).containsExactly(70, 71, 72, 73, 74, 75, 76, 77, 78, 79);
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < 10; i++) least = Math.min(least, gathered[kept[i]]);
            int above = 0;
            for (int i = 0; i < 70; i++) if (gathered[i] >= least) above++;
            assertThat(above).isEqualTo(10);
        }
    }

    @Test
    void h2oNeverHoldsMoreThanItsBudgetAndAChunkOfOneLayer() {
        int[] text = Tiny.text(512);
        try (Sequence sequence = Tiny.sequence(model, new H2o(Budget.count(64), 0.5, When.ALWAYS))) {
            Tiny.prefill(model, sequence, text, 64);
            HeadCache head = sequence.cache().head(0, 0);
            long page = head.format().gappedPageBytes();
            assertThat(sequence.cache().bytes()).isEqualTo(6 * page);
            // While a layer is computed its two heads hold a second page each; eviction copies a head before it frees.
            assertThat(sequence.cache().peakBytes()).isLessThanOrEqualTo(6 * page + 4 * page);
            Tiny.decode(model, sequence, Arrays.copyOf(text, 10));
            assertThat(head.size()).isEqualTo(64);
        }
    }

    @Test
    void snapKvKeepsItsWindowAndWhatTheWindowAttendsTo() {
        int[] text = Tiny.text(100);
        float[] seen = attention(text, 92, 100, 2, 1);
        try (Sequence sequence = Tiny.sequence(model, new SnapKv(Budget.count(28), 8, 1, Pooling.MAX, When.PROMPT_END))) {
            Tiny.prefill(model, sequence, text, 30);
            int[] kept = Tiny.positions(sequence.cache().head(2, 1));
            assertThat(kept).hasSize(28).contains(92, 93, 94, 95, 96, 97, 98, 99);
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < 20; i++) least = Math.min(least, seen[kept[i]]);
            int above = 0;
            for (int i = 0; i < 92; i++) if (seen[i] >= least) above++;
            assertThat(above).isEqualTo(20);
            Tiny.decode(model, sequence, 1, 2, 3);
            assertThat(sequence.cache().head(2, 1).size()).isEqualTo(31);
        }
    }

    @Test
    void whatStandsBesideAPeakIsWorthTheMeanOrAsMuch() {
        float[] x = {0, 0, 6, 0, 1, 0};
        float[] pooled = new float[6];
        Pooling.MEAN.pool(x, 5, 3, pooled);
        assertThat(pooled).containsExactly(0, 2, 2, 7 / 3f, 1 / 3f, 0);
        Pooling.MAX.pool(x, 5, 3, pooled);
        assertThat(pooled).containsExactly(0, 6, 6, 6, 1, 0);
        assertThatThrownBy(() -> new SnapKv(Budget.count(60), 20, 4, Pooling.MAX, When.PROMPT_END))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("kernel: found 4");
    }

    /** What rows {@code from} to {@code to} of a plain run attend to in one head. */
    private float[] attention(int[] text, int from, int to, int ofLayer, int ofHead) {
        float[] gathered = new float[text.length];
        try (Sequence sequence = model.newSequence()) {
            sequence.hooks(new SequenceHooks() {
                @Override
                public boolean wantsProbabilities(int layer) {
                    return layer == ofLayer;
                }

                @Override
                public void probabilities(
                        int layer, int queryHead, int position, HeadCache entries, float[] probabilities, int offset) {
                    if (queryHead / 2 != ofHead || position < from || position >= to) return;
                    for (int i = 0; i < entries.size(); i++) gathered[i] += probabilities[offset + i];
                }
            });
            Tiny.prefill(model, sequence, text, text.length);
        }
        return gathered;
    }

    @Test
    void budgetsAreCountsSharesOrBytes() {
        assertThat(sizes(new RandomEviction(Budget.count(30), When.ALWAYS, 1))).containsOnly(30);
        assertThat(sizes(new RandomEviction(Budget.share(0.25), When.ALWAYS, 1))).containsOnly(50);
        long page = model.newSequence().cache().head(0, 0).format().gappedPageBytes();
        assertThat(sizes(new RandomEviction(Budget.bytes(6 * page * 2 + 5), When.ALWAYS, 1))).containsOnly(128);
    }

    @Test
    void allocatorsShareTheBudgetOutAndKeepItsSum() {
        RandomEviction random = new RandomEviction(Budget.count(60), When.ALWAYS, 1);
        List<Integer> pyramid = sizes(random, new Pyramid(4));
        assertThat(pyramid).containsExactly(105, 105, 60, 60, 15, 15);
        SnapKv snap = new SnapKv(Budget.count(60), 20, 1, Pooling.MAX, When.PROMPT_END);
        assertThat(sizes(snap, new Pyramid(4))).containsExactly(90, 90, 60, 60, 30, 30);
        assertThat(sizes(random, new LayerBudgets(List.of(1.0, 2.0)))).containsExactly(36, 36, 72, 72, 72, 72);
        assertThat(sizes(random, new LayerBudgets(List.of(100.0, 1.0)))).containsExactly(176, 176, 2, 2, 2, 2);
        List<Integer> adaptive = sizes(new H2o(Budget.count(60), 0.2, When.ALWAYS), new AdaptiveHeads(0.2));
        for (int layer = 0; layer < 3; layer++) {
            assertThat(adaptive.get(2 * layer) + adaptive.get(2 * layer + 1)).isEqualTo(120);
            assertThat(adaptive.get(2 * layer)).isBetween(12, 108);
        }
        assertThat(adaptive.stream().distinct().count()).isGreaterThan(1);
    }

    private List<Integer> sizes(Object... techniques) {
        List<Integer> sizes = new ArrayList<>();
        try (Sequence sequence = Tiny.sequence(model, techniques)) {
            Tiny.prefill(model, sequence, Tiny.text(200), 50);
            for (int layer = 0; layer < 3; layer++)
                for (int head = 0; head < 2; head++) sizes.add(sequence.cache().head(layer, head).size());
        }
        return sizes;
    }

    @Test
    void anAllocatorNeedsSomethingWithABudget() {
        assertThatThrownBy(() -> Tiny.sequence(model, new Pyramid(20)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("pyramid");
    }
}
