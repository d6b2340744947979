package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.Budget;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Pipeline;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SentenceKvTest {
    private static final int SINKS = 2;
    private static final int WINDOW = 8;
    private static final int BUDGET = 40;
    private static final int[] PROMPT = Tiny.text(200);

    private final Model model = Tiny.model("scalar");
    private final SentenceKv technique = new SentenceKv(Budget.count(BUDGET), 3, SINKS, WINDOW, 7);

    /** The sentence of each position, counted anew. */
    private static int[] sentences(int[] text) {
        int[] sentences = new int[text.length];
        for (int i = 1; i < text.length; i++) {
            boolean ends = text[i - 1] % 7 == 0 || i == PROMPT.length;
            sentences[i] = sentences[i - 1] + (ends ? 1 : 0);
        }
        return sentences;
    }

    @Test
    void aPromptKeepsWhatItsEndAttendsToAndLeavesItInTheFile() {
        try (Sequence sequence = Tiny.sequence(model, technique)) {
            Tiny.prefill(model, sequence, PROMPT, 70);
            for (int layer = 0; layer < 3; layer++)
                for (int head = 0; head < 2; head++) {
                    HeadCache entries = sequence.cache().head(layer, head);
                    assertThat(Tiny.positions(entries))
                            .hasSize(3 * BUDGET)
                            .endsWith(IntStream.range(200 - WINDOW, 200).toArray());
                    assertThat(entries.page(0).cold()).isTrue();
                    assertThat(entries.page(1).cold()).isFalse();
                }
            // Vectors of sentences of seven tokens on average are smaller than keys and values of what is kept.
            assertThat(sequence.hooks().hotBytes()).isLessThan(sequence.cache().coldBytes());
        }
    }

    @Test
    void theSentencesNearestToTheQueriesSoFarAreAttendedTo() {
        try (Sequence sequence = Tiny.sequence(model, technique)) {
            Tiny.prefill(model, sequence, PROMPT, 70);
            float[] sum = new float[16];
            sequence.hooks(HookChain.of(List.of(sequence.hooks(), new SequenceHooks() {
                @Override
                public boolean wantsQueries(int layer) {
                    return layer == 1;
                }

                @Override
                public void beforeAttention(
                        int layer, Sequence of, int position, int rows,
                        float[] queries, int offset, int stride, float[] keys, int keyOffset, int keyStride) {
                    for (int c = 0; c < 32; c++) sum[c % 16] += queries[offset + c];
                }
            })));
            Attended attended = Attended.in(model, sequence);
            int[] text = Arrays.copyOf(PROMPT, 203);
            for (int i = 200; i < 203; i++) {
                text[i] = i % 7 == 0 ? 8 : 9;
                Tiny.decode(model, sequence, text[i]);
            }
            assertThat(attended.positions(1, 0)).isEqualTo(expected(sequence.cache().head(1, 0), sentences(text), sum));
            assertThat(attended.positions(1, 0)).hasSize(BUDGET);
        }
    }

    /** What is attended to, found from the stored keys sentence by sentence. */
    private static int[] expected(HeadCache head, int[] sentences, float[] query) {
        int[] positions = Tiny.positions(head);
        int last = sentences[sentences.length - 1];
        List<List<Integer>> middle = new ArrayList<>();
        double[] nearness = new double[last];
        for (int s = 0; s < last; s++) {
            middle.add(new ArrayList<>());
            float[] mean = new float[16];
            int members = 0;
            for (int i = 0; i < positions.length; i++) {
                if (sentences[positions[i]] != s) continue;
                float[] key = new float[16];
                head.readKey(i, key, 0);
                for (int c = 0; c < 16; c++) mean[c] += key[c];
                members++;
                if (i >= SINKS && i < positions.length - WINDOW) middle.getLast().add(positions[i]);
            }
            for (int c = 0; c < 16; c++)
                nearness[s] += query[c] * Float.float16ToFloat(Float.floatToFloat16(mean[c] / Math.max(1, members)));
        }
        List<Integer> order = new ArrayList<>(IntStream.range(0, last).boxed().toList());
        order.sort(Comparator.comparingDouble(s -> -nearness[s]));
        List<Integer> chosen = new ArrayList<>();
        for (int s : order)
            for (int position : middle.get(s)) if (chosen.size() < BUDGET - SINKS - WINDOW) chosen.add(position);
        for (int i = 0; i < SINKS; i++) chosen.add(positions[i]);
        for (int i = positions.length - WINDOW; i < positions.length; i++) chosen.add(positions[i]);
        Collections.sort(chosen);
        return chosen.stream().mapToInt(i -> i).toArray();
    }

    @Test
    void aSentenceThatEndsIsOneOfTheOthersAndTheOneUnderWayIsSeenAsAWhole() {
        try (Sequence sequence = Tiny.sequence(model, technique)) {
            Tiny.prefill(model, sequence, PROMPT, 70);
            Attended attended = Attended.in(model, sequence);
            // A sentence of thirty tokens is longer than the window.
            for (int i = 0; i < 29; i++) Tiny.decode(model, sequence, 8);
            assertThat(attended.positions(2, 1)).contains(IntStream.range(200, 229).toArray());
            Tiny.decode(model, sequence, 7);
            for (int i = 0; i < 20; i++) Tiny.decode(model, sequence, 9);
            assertThat(attended.positions(2, 1)).contains(IntStream.range(230, 250).toArray());
            assertThat(attended.positions(2, 1).length).isLessThanOrEqualTo(BUDGET - WINDOW + 20);
        }
    }

    @Test
    void onlyWhatIsChosenIsReadFromTheFile() {
        try (Sequence sequence = Tiny.sequence(model, technique)) {
            Tiny.prefill(model, sequence, PROMPT, 70);
            Attended attended = Attended.in(model, sequence);
            int[] first = Tiny.positions(sequence.cache().head(0, 0));
            assertThat(first.length).isEqualTo(3 * BUDGET);
            long before = sequence.cache().movedBytes();
            Tiny.decode(model, sequence, 8);
            long entries = 0;
            for (int layer = 0; layer < 3; layer++)
                for (int head = 0; head < 2; head++) {
                    int inFile = sequence.cache().head(layer, head).position(63);
                    entries += IntStream.of(attended.positions(layer, head)).filter(i -> i <= inFile).count();
                }
            // A key and a value of 16 elements in f16.
            assertThat(sequence.cache().movedBytes() - before).isEqualTo(entries * 2 * 32);
        }
    }

    @Test
    void withoutATokenizerItSaysWhatItNeeds() {
        assertThatThrownBy(() -> CacheStage.of(Pipeline.of(technique), model))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("sentencekv")
                .hasMessageContaining("tokenizer");
    }
}
