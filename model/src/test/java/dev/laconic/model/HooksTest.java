package dev.laconic.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.kernels.KvType;
import dev.laconic.kernels.Turns;
import dev.laconic.model.block.Attention;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.KvCache;
import dev.laconic.testkit.Seeds;
import dev.laconic.testkit.TinyLlama;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What techniques see and steer in attention. */
class HooksTest {
    private static final int VOCABULARY = TinyLlama.Sizes.SMALL.vocabulary();

    private record Delivered(int layer, int head, int position, float[] probabilities) {}

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void probabilitiesAreThoseOfTheKeysAndLeaveLogitsAlone(String provider) {
        try (Model model = TinyModels.llama(provider)) {
            int[] ids = TinyModels.ids(new SplittableRandom(4), 130, VOCABULARY);
            Sequence plain = model.newSequence();
            float[] expected = TinyModels.logits(model, plain, ids);
            Sequence watched = model.newSequence();
            ConcurrentLinkedQueue<Delivered> delivered = new ConcurrentLinkedQueue<>();
            watched.hooks(new SequenceHooks() {
                @Override
                public boolean wantsProbabilities(int layer) {
                    return layer == 1;
                }

                @Override
                public void probabilities(
                        int layer, int queryHead, int position, HeadCache entries, float[] p, int offset) {
                    delivered.add(new Delivered(layer, queryHead, position,
                            Arrays.copyOfRange(p, offset, offset + entries.size())));
                }
            });
            assertThat(TinyModels.logits(model, watched, ids)).containsExactly(expected);
            Attention.Spec spec = model.architecture().attentions().get(1);
            assertThat(delivered).hasSize(ids.length * spec.queryHeads());
            for (Delivered row : delivered) {
                assertThat(row.layer).isEqualTo(1);
                double sum = 0;
                for (int i = 0; i < row.probabilities.length; i++) {
                    if (i > row.position) assertThat(row.probabilities[i]).isZero();
                    sum += row.probabilities[i];
                }
                assertThat(sum).isCloseTo(1, within(1e-5));
            }
        }
    }

    @Test
    void selectingEverythingChangesNothing() {
        try (Model model = TinyModels.llama("scalar")) {
            int[] ids = TinyModels.ids(new SplittableRandom(6), 150, VOCABULARY);
            float[] expected = TinyModels.logits(model, model.newSequence(), ids);
            Sequence sequence = model.newSequence();
            sequence.hooks(selecting((layer, entries, selection) -> selection.addRange(0, entries.size())));
            assertThat(TinyModels.logits(model, sequence, ids)).containsExactly(expected);
        }
    }

    @Test
    void selectionEqualsEvictionOfTheRest() {
        try (Model model = TinyModels.llama("scalar")) {
            Seeds.check(6, random -> {
                int[] ids = TinyModels.ids(random, 150, VOCABULARY);
                int[] next = TinyModels.ids(random, 1, VOCABULARY);
                boolean[] kept = new boolean[151];
                for (int i = 0; i < 150; i++) kept[i] = random.nextInt(3) == 0;
                kept[150] = true;
                Sequence selecting = model.newSequence();
                TinyModels.logits(model, selecting, ids);
                selecting.hooks(selecting((layer, cached, selection) -> {
                    for (int i = 0; i < cached.size(); i++) if (kept[i]) selection.add(i);
                }));
                Sequence evicting = model.newSequence();
                TinyModels.logits(model, evicting, ids);
                int[] entries = new int[150];
                int count = 0;
                for (int i = 0; i < 150; i++) if (kept[i]) entries[count++] = i;
                KvCache cache = evicting.cache();
                for (int layer = 0; layer < cache.layers(); layer++)
                    for (int head = 0; head < cache.heads(layer); head++) cache.head(layer, head).keep(entries, count);
                float[] actual = TinyModels.logits(model, selecting, next);
                float[] expected = TinyModels.logits(model, evicting, next);
                for (int i = 0; i < expected.length; i++) assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
            });
        }
    }

    /** Alone, in runs, and side by side with entries that are moved by other numbers of positions. */
    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void movedEntriesAreAttendedToAsIfTheirKeysWereTurned(String provider) {
        try (Model model = TinyModels.llama(provider)) {
            int[] ids = TinyModels.ids(new SplittableRandom(7), 150, VOCABULARY);
            int[] next = {3};
            int[] shifts = new int[151];
            for (int i = 20; i < 100; i++) shifts[i] = i / 6 % 3 * 9;
            Arrays.fill(shifts, 100, 140, 5);
            List<Turns> turns = new ArrayList<>();
            for (int layer = 0; layer < model.layers(); layer++) {
                turns.add(new Turns(model.architecture().rope(layer).orElseThrow()));
                turns.getLast().reach(20);
            }
            Sequence moving = model.newSequence(KvType.F32, KvType.F32);
            TinyModels.logits(model, moving, ids);
            moving.hooks(selecting((layer, entries, selection) -> {
                selection.turns(turns.get(layer));
                for (int i = 0; i < entries.size(); i++) if (chosen(i)) selection.add(i, shifts[i]);
            }));
            Sequence turned = model.newSequence(KvType.F32, KvType.F32);
            TinyModels.logits(model, turned, ids);
            KvCache cache = turned.cache();
            for (int layer = 0; layer < cache.layers(); layer++)
                for (int head = 0; head < cache.heads(layer); head++)
                    for (int i = 0; i < ids.length; i++)
                        turn(cache.head(layer, head), i, turns.get(layer), shifts[i]);
            turned.hooks(selecting((layer, entries, selection) -> {
                for (int i = 0; i < entries.size(); i++) if (chosen(i)) selection.add(i);
            }));
            float[] actual = TinyModels.logits(model, moving, next);
            float[] expected = TinyModels.logits(model, turned, next);
            for (int i = 0; i < expected.length; i++) assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f));
        }
    }

    private static boolean chosen(int entry) {
        return entry >= 110 || entry % 5 != 2;
    }

    private static void turn(HeadCache entries, int entry, Turns turns, int by) {
        float[] key = new float[entries.format().keyDimension()];
        float[] value = new float[entries.format().valueDimension()];
        entries.readKey(entry, key, 0);
        entries.readValue(entry, value, 0);
        turns.turn(key, 0, by);
        entries.overwrite(entry, key, 0, value, 0, entries.position(entry), 1f);
    }

    @Test
    void maskedHeadsGiveNothing() {
        try (Model model = TinyModels.llama("scalar")) {
            int[] ids = TinyModels.ids(new SplittableRandom(8), 20, VOCABULARY);
            float[] plain = TinyModels.logits(model, model.newSequence(), ids);
            Sequence sequence = model.newSequence();
            sequence.hooks(new SequenceHooks() {
                @Override
                public boolean headEnabled(int layer, int queryHead) {
                    return layer != 2 || queryHead != 3;
                }
            });
            assertThat(TinyModels.logits(model, sequence, ids)).isNotEqualTo(plain);
        }
    }

    @Test
    void hooksSeeEveryLayerAndStep() {
        try (Model model = TinyModels.llama("scalar");
                Sequence sequence = model.newSequence()) {
            List<String> seen = new ArrayList<>();
            sequence.hooks(new SequenceHooks() {
                @Override
                public void afterAttention(int layer, Sequence passed) {
                    seen.add("layer " + layer + " " + passed.cache().head(layer, 0).size());
                }

                @Override
                public void afterStep(Sequence passed, int from, int rows) {
                    seen.add("step " + from + " " + rows);
                }
            });
            TinyModels.logits(model, sequence, new int[] {1, 2, 3});
            TinyModels.logits(model, sequence, new int[] {4});
            assertThat(seen)
                    .containsExactly("layer 0 3", "layer 1 3", "layer 2 3", "step 0 3", "layer 0 4", "layer 1 4",
                            "layer 2 4", "step 3 1");
        }
    }

    private interface Choice {
        void of(int layer, HeadCache entries, Selection selection);
    }

    private static SequenceHooks selecting(Choice choice) {
        return new SequenceHooks() {
            @Override
            public boolean selects(int layer) {
                return true;
            }

            @Override
            public void select(
                    int layer, int kvHead, HeadCache entries, float[] queries, int offset, int rows, int group,
                    Selection selection) {
                choice.of(layer, entries, selection);
            }
        };
    }
}
