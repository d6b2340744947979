package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.core.Budget;
import dev.laconic.kernels.Rope;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DoubleSparsityTest {
    private static final int[] PROMPT = Tiny.text(150);

    private final Model model = Tiny.model("scalar");

    private static DoubleSparsity technique(Budget budget, double channels, boolean offload) {
        return new DoubleSparsity(budget, channels, 16, DoubleSparsity.Outliers.QK, 1, 64, offload);
    }

    @Test
    void theChannelsFoundAreThoseThatWeighMost() {
        Model heavy = Tiny.withHeavyChannel(1, 0, 5);
        // A channel is rotated together with another one, to which its weight spreads.
        int other = heavy.architecture().rope(1).orElseThrow().pairing() == Rope.Pairing.HALVES ? 13 : 4;
        for (DoubleSparsity.Outliers by : List.of(DoubleSparsity.Outliers.K, DoubleSparsity.Outliers.QK)) {
            HeavyChannels found = HeavyChannels.find(heavy, 64, 0.125, by);
            assertThat(found.channels()[1][0]).containsExactlyInAnyOrder(5, other);
            assertThat(found.channels()[1][1]).hasSize(2);
        }
    }

    /** The token at hand is always attended to; of the others, those that the oracle takes. */
    @Test
    void withAllChannelsTheChoiceIsThatOfTheLargestProducts() {
        try (Sequence sequence = Tiny.sequence(model, technique(Budget.count(12), 1, false));
                Sequence oracle = Tiny.sequence(model, new ExactTopK(Budget.count(12)))) {
            Attended expected = decoded(oracle);
            Attended found = decoded(sequence);
            for (int head = 0; head < 2; head++) {
                assertThat(found.positions(0, head)).hasSize(PROMPT.length + 1);
                assertThat(found.positions(1, head)).hasSize(12).contains(PROMPT.length);
            }
            assertThat(expected.positions(1, 0)).hasSize(12);
        }
        try (Sequence sequence = Tiny.sequence(model, new DoubleSparsity(
                        Budget.count(12), 1, 16, DoubleSparsity.Outliers.Q, 0, 64, false));
                Sequence oracle = Tiny.sequence(model, new ExactTopK(Budget.count(12)))) {
            Attended expected = decoded(oracle);
            Attended found = decoded(sequence);
            for (int head = 0; head < 2; head++) {
                int[] chosen = IntStream.of(found.positions(0, head)).filter(i -> i < PROMPT.length).toArray();
                assertThat(chosen).hasSize(11);
                assertThat(expected.positions(0, head)).contains(chosen);
            }
        }
    }

    private Attended decoded(Sequence sequence) {
        Tiny.prefill(model, sequence, PROMPT, 50);
        Attended attended = Attended.in(model, sequence);
        Tiny.decode(model, sequence, 7);
        return attended;
    }

    @Test
    void aFileChangesNothingIfAllIsAttendedTo() {
        try (Sequence plain = model.newSequence();
                Sequence offloaded = Tiny.sequence(model, technique(Budget.share(1), 0.25, true))) {
            assertThat(Tiny.prefill(model, offloaded, PROMPT, 50)).isEqualTo(Tiny.prefill(model, plain, PROMPT, 50));
            assertThat(Tiny.decode(model, offloaded, Tiny.text(60))).isEqualTo(Tiny.decode(model, plain, Tiny.text(60)));
            // Three full pages in each head of the two layers that select.
            assertThat(offloaded.cache().coldBytes())
                    .isEqualTo(4 * 3 * plain.cache().head(1, 0).format().pageBytes());
            assertThat(offloaded.cache().bytes()).isEqualTo(plain.cache().bytes());
        }
        assertThat(model.pool().coldBytesHeld()).isZero();
    }

    @Test
    void onlyWhatIsChosenIsReadFromTheFile() {
        try (Sequence sequence = Tiny.sequence(model, technique(Budget.count(12), 0.25, true))) {
            Tiny.prefill(model, sequence, PROMPT, 50);
            Attended attended = Attended.in(model, sequence);
            long before = sequence.cache().movedBytes();
            Tiny.decode(model, sequence, 7);
            long entries = 0;
            for (int layer = 1; layer < 3; layer++)
                for (int head = 0; head < 2; head++)
                    entries += IntStream.of(attended.positions(layer, head)).filter(i -> i < 128).count();
            assertThat(entries).isBetween(4L, 44L);
            // A key and a value of 16 elements in f16.
            assertThat(sequence.cache().movedBytes() - before).isEqualTo(entries * 2 * 32);
        }
    }

    /** Layer 1 chooses by the queries of rows as they come to layer 0. */
    @Test
    void layersAreChosenForBeforeTheyAreReached() {
        try (Sequence sequence = Tiny.sequence(model, technique(Budget.count(12), 1, true))) {
            Tiny.prefill(model, sequence, PROMPT, 50);
            float[] ahead = new float[64];
            float[] own = new float[64];
            sequence.hooks(HookChain.of(List.of(sequence.hooks(), new SequenceHooks() {
                @Override
                public boolean wantsQueriesAhead(int layer) {
                    return layer == 1;
                }

                @Override
                public void queriesAhead(int layer, Sequence of, int rows, float[] queries, int offset, int stride) {
                    System.arraycopy(queries, offset, ahead, 0, ahead.length);
                }

                @Override
                public boolean wantsQueries(int layer) {
                    return layer == 1;
                }

                @Override
                public void beforeAttention(
                        int layer, Sequence of, int position, int rows,
                        float[] queries, int offset, int stride, float[] keys, int keyOffset, int keyStride) {
                    System.arraycopy(queries, offset, own, 0, own.length);
                }
            })));
            Attended attended = Attended.in(model, sequence);
            Tiny.decode(model, sequence, 7);
            assertThat(own).isNotEqualTo(ahead);
            int[] chosen = IntStream.of(attended.positions(1, 1)).filter(i -> i < PROMPT.length).toArray();
            assertThat(chosen).isEqualTo(largest(sequence.cache().head(1, 1), Arrays.copyOfRange(ahead, 32, 64), 12));
        }
    }

    /** The entries of the prompt with the largest product that one of two queries has with them. */
    private static int[] largest(HeadCache head, float[] queries, int count) {
        double[] scores = new double[PROMPT.length];
        for (int i = 0; i < scores.length; i++) {
            float[] key = new float[16];
            head.readKey(i, key, 0);
            double[] products = new double[2];
            for (int c = 0; c < 32; c++) products[c / 16] += queries[c] * key[c % 16];
            scores[i] = Math.max(products[0], products[1]);
        }
        return IntStream.range(0, scores.length).boxed()
                .sorted(Comparator.comparingDouble(i -> -scores[i]))
                .limit(count)
                .mapToInt(i -> i)
                .sorted()
                .toArray();
    }
}
