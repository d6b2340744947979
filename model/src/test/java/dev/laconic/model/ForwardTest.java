package dev.laconic.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.kernels.KvType;
import dev.laconic.testkit.Seeds;
import dev.laconic.testkit.TinyLlama;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same text gives the same logits however it is cut into steps and whatever else is in them. */
class ForwardTest {
    private static final int VOCABULARY = TinyLlama.Sizes.SMALL.vocabulary();

    private static float tolerance(String provider) {
        return provider.equals("scalar") ? 0f : 1e-5f;
    }

    private static void assertRow(float[] actual, int actualRow, float[] expected, int row, String provider) {
        for (int i = 0; i < VOCABULARY; i++)
            assertThat(actual[actualRow * VOCABULARY + i])
                    .as("row %s, token %s", row, i)
                    .isCloseTo(expected[row * VOCABULARY + i], within(tolerance(provider)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void chunksOfAnySizeGiveTheSameLogits(String provider) {
        try (Model model = TinyModels.llama(provider)) {
            Seeds.check(12, random -> {
                int[] ids = TinyModels.ids(random, random.nextInt(1, 150), VOCABULARY);
                try (Sequence whole = model.newSequence();
                        Sequence cut = model.newSequence()) {
                    float[] expected = TinyModels.logits(model, whole, ids);
                    State state = new State(model.kernels());
                    int at = 0;
                    while (at < ids.length) {
                        int end = Math.min(ids.length, at + random.nextInt(1, 40));
                        model.embed(new Rows().append(cut, ids, at, end, true), state);
                        model.advance(state);
                        float[] logits = model.project(state).values();
                        for (int row = at; row < end; row++) assertRow(logits, row - at, expected, row, provider);
                        at = end;
                    }
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void sequencesInOneStepDoNotSeeEachOther(String provider) {
        try (Model model = TinyModels.llama(provider, 3, TinyLlama.Sizes.SMALL)) {
            Seeds.check(8, random -> {
                int[][] ids = new int[random.nextInt(2, 5)][];
                Sequence[] sequences = new Sequence[ids.length];
                float[][] alone = new float[ids.length][];
                Rows rows = new Rows();
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = TinyModels.ids(random, random.nextInt(1, 90), VOCABULARY);
                    try (Sequence sequence = model.newSequence()) {
                        alone[i] = TinyModels.logits(model, sequence, ids[i]);
                    }
                    sequences[i] = model.newSequence();
                    rows.append(sequences[i], ids[i], 0, ids[i].length, true);
                }
                State state = model.embed(rows);
                model.advance(state);
                float[] together = model.project(state).values();
                int row = 0;
                for (int i = 0; i < ids.length; i++)
                    for (int position = 0; position < ids[i].length; position++)
                        assertRow(together, row++, alone[i], position, provider);
                for (Sequence sequence : sequences) sequence.close();
                assertThat(model.pool().bytesHeld()).isZero();
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void rowsThatWantNoLogitsEndInTheLastLayer(int threads) {
        try (Model model = TinyModels.llama("scalar", threads, TinyLlama.Sizes.SMALL)) {
            Seeds.check(12, random -> {
                int count = random.nextInt(1, 4);
                Sequence[] whole = new Sequence[count];
                Sequence[] ending = new Sequence[count];
                Steps steps = new Steps();
                for (int i = 0; i < count; i++) {
                    whole[i] = model.newSequence();
                    ending[i] = model.newSequence();
                    ending[i].hooks(steps);
                }
                State state = model.newState();
                for (int step = 0; step < 3; step++) {
                    Rows full = new Rows();
                    Rows part = new Rows();
                    int wanted = 0;
                    for (int i = 0; i < count; i++) {
                        full.span(whole[i], Mask.CAUSAL);
                        part.span(ending[i], Mask.CAUSAL);
                        int position = whole[i].length();
                        int size = random.nextInt(1, 60);
                        for (int row = 0; row < size; row++, position++) {
                            int id = random.nextInt(VOCABULARY);
                            boolean logits = random.nextInt(8) == 0;
                            if (logits) wanted++;
                            full.token(id, position, logits);
                            part.token(id, position, logits);
                        }
                    }
                    int rows = full.size();
                    float[] expected = logits(model, model.embed(full, state), wanted);
                    steps.rows = 0;
                    assertThat(logits(model, model.embed(part, state).logitsOnly(), wanted)).isEqualTo(expected);
                    assertThat(steps.rows).as("rows that hooks were told of").isEqualTo(rows);
                    assertThat(state.size()).isBetween(count, wanted + count);
                }
                for (int i = 0; i < count; i++) {
                    whole[i].close();
                    ending[i].close();
                }
            });
        }
    }

    private static float[] logits(Model model, State state, int wanted) {
        model.advance(state);
        return Arrays.copyOf(model.project(state).values(), wanted * VOCABULARY);
    }

    /** Counts the rows of steps. */
    private static final class Steps implements SequenceHooks {
        private int rows;

        @Override
        public void afterStep(Sequence sequence, int from, int count) {
            assertThat(from + count).isEqualTo(sequence.length());
            rows += count;
        }
    }

    @Test
    void layersMayBeRunInSeveralCalls() {
        try (Model model = TinyModels.llama("scalar");
                Sequence one = model.newSequence();
                Sequence other = model.newSequence()) {
            int[] ids = TinyModels.ids(new SplittableRandom(1), 20, VOCABULARY);
            float[] expected = TinyModels.logits(model, one, ids);
            State state = model.embed(new Rows().append(other, ids, 0, ids.length, true));
            model.advance(state, 0, 1);
            model.advance(state, 1, 3);
            assertThat(Arrays.copyOf(model.project(state).values(), expected.length)).containsExactly(expected);
        }
    }

    @Test
    void forksShareThePrefixAndThenGoTheirOwnWay() {
        try (Model model = TinyModels.llama("scalar")) {
            Seeds.check(6, random -> {
                int[] prefix = TinyModels.ids(random, random.nextInt(1, 200), VOCABULARY);
                int[] left = TinyModels.ids(random, random.nextInt(1, 80), VOCABULARY);
                int[] right = TinyModels.ids(random, random.nextInt(1, 80), VOCABULARY);
                Sequence sequence = model.newSequence();
                TinyModels.logits(model, sequence, prefix);
                long before = model.pool().bytesHeld();
                Sequence fork = sequence.fork();
                assertThat(model.pool().bytesHeld()).isEqualTo(before);
                float[] ofFork = TinyModels.logits(model, fork, right);
                float[] ofSequence = TinyModels.logits(model, sequence, left);
                assertThat(ofSequence).containsExactly(alone(model, prefix, left));
                assertThat(ofFork).containsExactly(alone(model, prefix, right));
                sequence.close();
                fork.close();
                assertThat(model.pool().bytesHeld()).isZero();
            });
        }
    }

    private static float[] alone(Model model, int[] prefix, int[] rest) {
        try (Sequence sequence = model.newSequence()) {
            TinyModels.logits(model, sequence, prefix);
            return TinyModels.logits(model, sequence, rest);
        }
    }

    @Test
    void truncatedTextIsForgotten() {
        try (Model model = TinyModels.llama("scalar");
                Sequence sequence = model.newSequence();
                Sequence fresh = model.newSequence()) {
            SplittableRandom random = new SplittableRandom(5);
            int[] ids = TinyModels.ids(random, 150, VOCABULARY);
            int[] rest = TinyModels.ids(random, 30, VOCABULARY);
            TinyModels.logits(model, sequence, ids);
            sequence.truncate(70);
            TinyModels.logits(model, fresh, Arrays.copyOf(ids, 70));
            assertThat(sequence.cache().bytes()).isEqualTo(fresh.cache().bytes());
            assertThat(TinyModels.logits(model, sequence, rest))
                    .containsExactly(TinyModels.logits(model, fresh, rest));
        }
    }

    @Test
    void everyBranchOfATreeReadsItsOwnAncestors() {
        try (Model model = TinyModels.llama("scalar")) {
            Seeds.check(10, random -> {
                int[] prefix = TinyModels.ids(random, random.nextInt(1, 100), VOCABULARY);
                Sequence sequence = model.newSequence();
                TinyModels.logits(model, sequence, prefix);
                int nodes = random.nextInt(1, 40);
                int[] parents = new int[nodes];
                int[] tokens = TinyModels.ids(random, nodes, VOCABULARY);
                int[] depths = new int[nodes];
                Rows rows = new Rows().span(sequence, Mask.TREE);
                for (int i = 0; i < nodes; i++) {
                    parents[i] = random.nextInt(-1, i);
                    depths[i] = parents[i] < 0 ? 0 : depths[parents[i]] + 1;
                    rows.node(tokens[i], prefix.length + depths[i], true, parents[i]);
                }
                State state = model.embed(rows);
                model.advance(state);
                float[] logits = model.project(state).values();
                for (int i = 0; i < nodes; i++) {
                    int[] path = new int[depths[i] + 1];
                    for (int node = i; node >= 0; node = parents[node]) path[depths[node]] = tokens[node];
                    float[] expected = alone(model, prefix, path);
                    for (int t = 0; t < VOCABULARY; t++)
                        assertThat(logits[i * VOCABULARY + t])
                                .isCloseTo(expected[depths[i] * VOCABULARY + t], within(1e-5f));
                }
                sequence.close();
            });
        }
    }

    @Test
    void aRowComputedAgainOverwritesItsEntry() {
        try (Model model = TinyModels.llama("scalar");
                Sequence sequence = model.newSequence();
                Sequence fresh = model.newSequence()) {
            SplittableRandom random = new SplittableRandom(9);
            int[] ids = TinyModels.ids(random, 90, VOCABULARY);
            TinyModels.logits(model, sequence, ids);
            int[] changed = ids.clone();
            changed[40] = (changed[40] + 1) % VOCABULARY;
            float[] expected = TinyModels.logits(model, fresh, changed);
            long bytes = sequence.cache().bytes();
            Rows rows = new Rows().span(sequence, Mask.CAUSAL);
            for (int position = 40; position < 90; position++) rows.token(changed[position], position, true);
            State state = model.embed(rows);
            model.advance(state);
            assertThat(Arrays.copyOf(model.project(state).values(), 50 * VOCABULARY))
                    .containsExactly(Arrays.copyOfRange(expected, 40 * VOCABULARY, 90 * VOCABULARY));
            assertThat(sequence.cache().bytes()).isEqualTo(bytes);
            assertThat(sequence.length()).isEqualTo(90);
        }
    }

    @Test
    void bidirectionalRowsSeeWhatFollows() {
        try (Model model = TinyModels.llama("scalar");
                Sequence one = model.newSequence();
                Sequence other = model.newSequence()) {
            int[] ids = TinyModels.ids(new SplittableRandom(3), 30, VOCABULARY);
            int[] changed = ids.clone();
            changed[29] = (changed[29] + 1) % VOCABULARY;
            assertThat(bidirectional(model, one, ids)[0]).isNotEqualTo(bidirectional(model, other, changed)[0]);
        }
    }

    private static float[] bidirectional(Model model, Sequence sequence, int[] ids) {
        State state = model.embed(new Rows().append(sequence, Mask.BIDIRECTIONAL, ids, 0, ids.length, true));
        model.advance(state);
        return model.project(state).row(0);
    }

    @Test
    void textMayBeMovedToOtherPositions() {
        try (Model model = TinyModels.llama("scalar");
                Sequence moved = model.newSequence(KvType.F32, KvType.F32);
                Sequence fresh = model.newSequence(KvType.F32, KvType.F32)) {
            SplittableRandom random = new SplittableRandom(11);
            int[] ids = TinyModels.ids(random, 100, VOCABULARY);
            int[] rest = TinyModels.ids(random, 10, VOCABULARY);
            TinyModels.logits(model, moved, ids);
            TinyModels.logits(model, fresh, ids);
            model.rotate(moved, 37);
            assertThat(moved.length()).isEqualTo(137);
            float[] expected = TinyModels.logits(model, fresh, rest);
            float[] actual = TinyModels.logits(model, moved, rest);
            for (int i = 0; i < expected.length; i++) assertThat(actual[i]).isCloseTo(expected[i], within(2e-4f));
        }
    }

    @Test
    void rowsDroppedBetweenLayersAreNotComputedFurther() {
        try (Model model = TinyModels.llama("scalar");
                Sequence sequence = model.newSequence()) {
            int[] ids = TinyModels.ids(new SplittableRandom(2), 20, VOCABULARY);
            State state = model.embed(new Rows().append(sequence, ids, 0, ids.length, false));
            model.advance(state, 0, 2);
            state.keep(new int[] {0, 5, 19}, 3);
            model.advance(state, 2, 3);
            assertThat(sequence.cache().head(1, 0).size()).isEqualTo(20);
            assertThat(sequence.cache().head(2, 0).size()).isEqualTo(3);
            assertThat(sequence.cache().head(2, 0).position(2)).isEqualTo(19);
            assertThat(model.project(state).rows()).isEqualTo(1);
        }
    }
}
