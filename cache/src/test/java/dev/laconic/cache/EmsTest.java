package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.Budget;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.kv.HeadCache;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EmsTest {
    private static final int SIZE = 8;
    private static final int DIMENSION = 16;
    /** What an early row pays to each entry, and what the last one does. */
    private static final float[] EARLY = {.5f, .3f, .02f, .08f, .05f, .05f, 0, 0};
    private static final float[] LAST = {.02f, .2f, .5f, .08f, .05f, .05f, .05f, .05f};
    /** The direction of each entry's key, and its length. */
    private static final int[] TOWARDS = {0, 0, 1, 1, 2, 0, 2, 3};
    private static final float[] LENGTH = {2, 3, 1, 4, 1, 1, 1, 1};

    private final Model model = Tiny.model("scalar");

    @Test
    void whatIsRepeatedIsMergedAndTheRestEvicted() {
        HeadCache held = compressed(new Ems(Budget.count(3), 1, 1, 2, 0.6, When.PROMPT_END));
        // By the early row alone 0 and 1 would stay, by the last row alone 2 and 1; by their greater share 0 and 2 do.
        assertThat(Tiny.positions(held)).containsExactly(0, 2, 7);
        float[] worth = worth();
        // Of four candidates 1 and 5 resemble 0, 3 resembles 2, and 4 nothing that stays; 6 is no candidate.
        assertEntry(held, 0, 0, 2, worth, 0, 1, 5);
        assertEntry(held, 1, 1, 1, worth, 2, 3);
        assertEntry(held, 2, 3, 1, worth, 7);
    }

    @Test
    void withoutCandidatesItOnlyEvicts() {
        HeadCache held = compressed(new Ems(Budget.count(3), 1, 1, 0, 0.6, When.PROMPT_END));
        assertThat(Tiny.positions(held)).containsExactly(0, 2, 7);
        assertEntry(held, 0, 0, 2, worth(), 0);
        assertEntry(held, 1, 1, 1, worth(), 2);
    }

    /** Each entry's score but for a factor: the window is the last entry. */
    private static float[] worth() {
        float globally = 0;
        float locally = 0;
        for (int i = 0; i < SIZE - 1; i++) {
            globally += EARLY[i] + LAST[i];
            locally += LAST[i];
        }
        float[] worth = new float[SIZE];
        for (int i = 0; i < SIZE; i++) worth[i] = Math.max(LAST[i], locally / globally * (EARLY[i] + LAST[i]));
        return worth;
    }

    /** A head of one layer whose entries' values say which they are, after two rows and compression. */
    private HeadCache compressed(Ems ems) {
        Sequence sequence = Tiny.sequence(model, ems);
        sequence.prefill(SIZE, true);
        float[] keys = new float[SIZE * DIMENSION];
        float[] values = new float[SIZE * DIMENSION];
        int[] positions = new int[SIZE];
        for (int i = 0; i < SIZE; i++) {
            keys[i * DIMENSION + TOWARDS[i]] = LENGTH[i];
            values[i * DIMENSION + i] = 1;
            positions[i] = i;
        }
        for (int head = 0; head < 2; head++) {
            HeadCache held = sequence.cache().head(0, head);
            held.append(keys, 0, DIMENSION, values, 0, DIMENSION, positions, 0, SIZE);
            for (int query = 0; query < 2; query++) {
                sequence.hooks().probabilities(0, 2 * head + query, 3, held, EARLY, 0);
                sequence.hooks().probabilities(0, 2 * head + query, SIZE - 1, held, LAST, 0);
            }
        }
        sequence.hooks().afterAttention(0, sequence);
        assertThat(Tiny.positions(sequence.cache().head(0, 1)))
                .isEqualTo(Tiny.positions(sequence.cache().head(0, 0)));
        return sequence.cache().head(0, 0);
    }

    private static void assertEntry(HeadCache held, int entry, int towards, float length, float[] worth, int... merged) {
        float[] found = new float[DIMENSION];
        held.readKey(entry, found, 0);
        for (int c = 0; c < DIMENSION; c++) assertThat(found[c]).isCloseTo(c == towards ? length : 0, within(1e-3f));
        float sum = 0;
        for (int i : merged) sum += worth[i];
        held.readValue(entry, found, 0);
        for (int c = 0; c < DIMENSION; c++) {
            int of = c;
            boolean member = Arrays.stream(merged).anyMatch(i -> i == of);
            assertThat(found[c]).isCloseTo(member ? worth[c] / sum : 0, within(1e-3f));
        }
    }
}
