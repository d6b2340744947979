package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.Budget;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CompressKvTest {
    private static final int WINDOW = 8;

    private final Model model = Tiny.model("scalar");

    @Test
    void allHeadsOfALayerKeepWhatTheHeadsThatRetrieveAttendTo() {
        int[] text = Tiny.text(200);
        int floor = 10;
        CompressKv technique = new CompressKv(Budget.count(60), WINDOW, 1, 1, floor, 40, When.PROMPT_END);
        SemanticProbe probe = SemanticProbe.run(model, 40, WINDOW, 1, 1);
        try (Sequence sequence = Tiny.sequence(model, technique)) {
            Tiny.prefill(model, sequence, text, 70);
            int all = 0;
            for (int layer = 0; layer < 3; layer++) {
                boolean[] heads = probe.heads()[layer];
                int decides = IntStream.range(0, 4).filter(head -> heads[head]).sum();
                int[] kept = Tiny.positions(sequence.cache().head(layer, 0));
                assertThat(Tiny.positions(sequence.cache().head(layer, 1))).isEqualTo(kept);
                assertThat(kept).isEqualTo(best(seen(text, layer, decides), kept.length));
                double share = floor + probe.errors()[layer] * 3 * (60 - floor);
                assertThat(kept.length).isBetween((int) Math.floor(share - 1), (int) Math.ceil(share + 1));
                all += kept.length;
            }
            assertThat(all).isEqualTo(3 * 60);
        }
    }

    @Test
    void eachLayerHasItsHeadsAndErrorsSumToOne() {
        SemanticProbe probe = SemanticProbe.run(model, 64, WINDOW, 5, 3);
        for (boolean[] layer : probe.heads())
            assertThat(IntStream.range(0, 4).filter(head -> layer[head]).count()).isEqualTo(3);
        assertThat(Arrays.stream(probe.errors()).sum()).isCloseTo(1, within(1e-9));
        assertThat(probe.errors()).doesNotContain(0);
    }

    /** What the last rows attend to in one query head of a plain run. */
    private float[] seen(int[] text, int ofLayer, int ofHead) {
        float[] seen = new float[text.length];
        try (Sequence sequence = model.newSequence()) {
            sequence.hooks(new SequenceHooks() {
                @Override
                public boolean wantsProbabilities(int layer) {
                    return layer == ofLayer;
                }

                @Override
                public void probabilities(
                        int layer, int queryHead, int position, HeadCache entries, float[] probabilities, int offset) {
                    if (queryHead != ofHead || position < text.length - WINDOW) return;
                    for (int i = 0; i < entries.size(); i++) seen[i] += probabilities[offset + i];
                }
            });
            Tiny.prefill(model, sequence, text, text.length);
        }
        return seen;
    }

    private static int[] best(float[] seen, int count) {
        int end = seen.length - WINDOW;
        return IntStream.concat(
                        IntStream.range(0, end)
                                .boxed()
                                .sorted((a, b) -> Float.compare(seen[b], seen[a]))
                                .limit(count - WINDOW)
                                .mapToInt(Integer::intValue),
                        IntStream.range(end, seen.length))
                .sorted()
                .toArray();
    }
}
