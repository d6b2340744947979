package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.Budget;
import dev.laconic.kernels.KvType;
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

class TokenSelectTest {
    private static final int SINKS = 3;
    private static final int WINDOW = 12;
    private static final int CHOSEN = 9;
    private static final double ALWAYS_ANEW = 1.1;

    private final Model model = Tiny.model("scalar");

    private static TokenSelect technique(double reuse) {
        return new TokenSelect(Budget.count(CHOSEN), SINKS, WINDOW, 20, reuse);
    }

    private static int[] between(int[] positions) {
        return Arrays.copyOfRange(positions, SINKS, positions.length - WINDOW);
    }

    @Test
    void allHeadsOfALayerAttendToTheTokensThatTheyVoteForTogether() {
        try (Sequence sequence = Tiny.sequence(model, technique(ALWAYS_ANEW))) {
            Tiny.prefill(model, sequence, Tiny.text(90), 90);
            float[] query = new float[64];
            sequence.hooks(HookChain.of(List.of(sequence.hooks(), new SequenceHooks() {
                @Override
                public boolean wantsQueries(int layer) {
                    return layer == 0;
                }

                @Override
                public void beforeAttention(
                        int layer, Sequence of, int position, int rows,
                        float[] queries, int offset, int stride, float[] keys, int keyOffset, int keyStride) {
                    System.arraycopy(queries, offset, query, 0, query.length);
                }
            })));
            Attended attended = Attended.in(model, sequence);
            Tiny.decode(model, sequence, 7);
            for (int layer = 0; layer < 3; layer++) {
                int[] positions = attended.positions(layer, 0);
                assertThat(positions).hasSize(SINKS + CHOSEN + WINDOW).startsWith(0, 1, 2).endsWith(88, 89, 90);
                assertThat(attended.positions(layer, 1)).isEqualTo(positions);
            }
            assertThat(between(attended.positions(0, 0))).isEqualTo(elected(sequence, query, 90));
        }
    }

    /** The tokens of most votes, counted from the stored keys one by one. */
    private int[] elected(Sequence sequence, float[] query, int position) {
        Rope rope = model.architecture().rope(0).orElseThrow();
        double[] votes = new double[position + 1 - WINDOW];
        for (int head = 0; head < 4; head++) {
            float[] asked = turned(rope, Arrays.copyOfRange(query, head * 16, head * 16 + 16), WINDOW - position);
            double[] scores = new double[votes.length];
            double sum = 0;
            for (int i = SINKS; i < votes.length; i++) {
                float[] key = new float[16];
                sequence.cache().head(0, head / 2).readKey(i, key, 0);
                key = turned(rope, key, -i);
                double product = 0;
                for (int c = 0; c < 16; c++) product += asked[c] * key[c];
                scores[i] = Math.exp(product);
                sum += scores[i];
            }
            for (int i = SINKS; i < votes.length; i++) votes[i] += scores[i] / sum;
        }
        return IntStream.range(SINKS, votes.length).boxed()
                .sorted(Comparator.comparingDouble(i -> -votes[i]))
                .limit(CHOSEN)
                .mapToInt(i -> i)
                .sorted()
                .toArray();
    }

    private static float[] turned(Rope rope, float[] x, int by) {
        float[] cos = new float[8];
        float[] sin = new float[8];
        rope.angles(by, cos, sin, 0);
        float[] turned = x.clone();
        rope.apply(turned, 0, cos, sin, 0);
        return turned;
    }

    /** In layer 0 keys and values are those of the tokens alone, so that the attended tokens may be a text of their own. */
    @Test
    void whatIsAttendedToStandsSideBySideHoweverLongTheText() {
        int[] text = Tiny.text(700);
        assertThat(text.length).isGreaterThan(model.parameters().context());
        try (Sequence sequence = watched(KvType.F32, technique(ALWAYS_ANEW));
                Sequence alone = model.newSequence(KvType.F32, KvType.F32)) {
            Tiny.prefill(model, sequence, Arrays.copyOf(text, 660), 33);
            Tiny.decode(model, sequence, Arrays.copyOfRange(text, 660, 699));
            Attended attended = Attended.in(model, sequence);
            Tiny.decode(model, sequence, text[699]);
            int[] tokens = Arrays.stream(attended.positions(0, 1)).map(position -> text[position]).toArray();
            assertThat(tokens).hasSize(SINKS + CHOSEN + WINDOW);
            Attended expected = Attended.in(model, alone);
            Tiny.prefill(model, alone, tokens, tokens.length);
            for (int head = 0; head < 2; head++)
                assertThat(attended.probabilities(0, head)).containsExactly(expected.probabilities(0, head), within(1e-4f));
            assertThat(sequence.hooks().endless()).isTrue();
        }
    }

    private Sequence watched(KvType type, TokenSelect technique) {
        return Tiny.stage(model, technique).attach(model.newSequence(type, type));
    }

    @Test
    void aPromptChoosesInPartsAndRowsSeeThemselves() {
        try (Sequence sequence = Tiny.sequence(model, technique(ALWAYS_ANEW))) {
            Attended attended = Attended.in(model, sequence);
            Tiny.prefill(model, sequence, Tiny.text(97), 97);
            // The last part has 17 rows: the window is as long as they are.
            for (int layer = 0; layer < 3; layer++)
                assertThat(attended.positions(layer, 0)).hasSize(SINKS + CHOSEN + 17).startsWith(0, 1, 2).endsWith(95, 96);
        }
    }

    @Test
    void nearQueriesKeepTheChoice() {
        assertThat(choicesOf(technique(-1))).hasSize(1);
        assertThat(choicesOf(technique(ALWAYS_ANEW))).hasSizeGreaterThan(1);
    }

    /** Different choices that layer 1 makes for eight rows. */
    private List<String> choicesOf(TokenSelect technique) {
        try (Sequence sequence = Tiny.sequence(model, technique)) {
            Tiny.prefill(model, sequence, Tiny.text(90), 90);
            Attended attended = Attended.in(model, sequence);
            return IntStream.range(0, 8)
                    .mapToObj(i -> {
                        Tiny.decode(model, sequence, 7 * i);
                        return Arrays.toString(between(attended.positions(1, 0)));
                    })
                    .distinct()
                    .toList();
        }
    }

    /** Other techniques of the chain may have taken entries away: positions say what is left of the choice. */
    @Test
    void entriesThatWereEvictedAreNotMissed() {
        try (Sequence sequence = Tiny.sequence(model, new RandomEviction(Budget.share(0.6), When.PROMPT_END, 3),
                technique(ALWAYS_ANEW))) {
            Tiny.prefill(model, sequence, Tiny.text(90), 90);
            Attended attended = Attended.in(model, sequence);
            Tiny.decode(model, sequence, 7);
            HeadCache head = sequence.cache().head(1, 0);
            assertThat(Tiny.positions(head)).contains(attended.positions(1, 0));
            assertThat(attended.positions(1, 0)).hasSizeLessThanOrEqualTo(SINKS + CHOSEN + WINDOW).contains(90);
        }
    }
}
