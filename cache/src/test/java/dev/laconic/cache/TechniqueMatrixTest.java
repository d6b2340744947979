package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.OptionInfo;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.TechniqueInfo;
import dev.laconic.core.technique.TechniqueSpec;
import dev.laconic.core.technique.Techniques;
import dev.laconic.core.technique.Pipeline;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What must hold of every registered technique of the stage. Options are set by their names, which mean the same
 * everywhere, or behind the technique's id: {@code budget} is what is kept, {@code window} the newest entries that are left
 * alone, {@code high} and {@code low} the bits of entries that are worth more and less, {@code when} the steps that end
 * with compression.
 */
class TechniqueMatrixTest {
    private static final Techniques ALL = Techniques.installed();
    private static final int[] PROMPT = Tiny.text(120);
    private static final int[] ANSWER = Arrays.copyOfRange(Tiny.text(132), 120, 132);
    private static final Map<String, String> TIGHT = Map.of("budget", "40%", "window", "16", "sinks", "2", "probe", "16");
    private static final Map<String, String> LOSSLESS =
            Map.of("cacheblend.ratio", "100%", "budget", "100%", "window", "400", "high", "16", "low", "16", "probe", "16");

    private final Model model = Tiny.model("scalar");

    static Stream<String> techniques() {
        return ALL.list(Stage.CACHE).stream().map(TechniqueInfo::id);
    }

    /** A technique under those of the settings that it has options for. */
    private static CacheTechnique create(String id, Map<String, String> settings) {
        return (CacheTechnique) ALL.create(Stage.CACHE, new TechniqueSpec(id, options(id, settings)));
    }

    private static Map<String, String> options(String id, Map<String, String> settings) {
        Map<String, String> options = new LinkedHashMap<>();
        for (OptionInfo option : ALL.find(Stage.CACHE, id).options())
            for (String name : List.of(option.name(), id + "." + option.name()))
                if (settings.containsKey(name)) options.put(option.name(), settings.get(name));
        return options;
    }

    private static Map<String, String> with(Map<String, String> settings, String name, String value) {
        Map<String, String> changed = new LinkedHashMap<>(settings);
        changed.put(name, value);
        return changed;
    }

    /** The technique, and beside an allocator something that has a budget. */
    private static Object[] chain(String id, Map<String, String> settings) {
        CacheTechnique technique = create(id, settings);
        return Pipeline.of(technique).all(KvAllocator.class).isEmpty()
                ? new Object[] {technique}
                : new Object[] {create("random", settings), technique};
    }

    private float[] run(Sequence sequence, int chunk) {
        float[] last = Tiny.prefill(model, sequence, PROMPT, chunk);
        float[] answer = Tiny.decode(model, sequence, ANSWER);
        float[] all = Arrays.copyOf(last, last.length + answer.length);
        System.arraycopy(answer, 0, all, last.length, answer.length);
        return all;
    }

    @ParameterizedTest
    @MethodSource("techniques")
    void itsLosslessSettingChangesNothing(String id) {
        TechniqueInfo info = ALL.find(Stage.CACHE, id);
        boolean canBe = info.fidelity() == Fidelity.LOSSLESS
                || !options(id, LOSSLESS).isEmpty()
                || chain(id, LOSSLESS).length > 1;
        assertThat(canBe).as("%s has no setting that loses nothing", id).isTrue();
        try (Sequence plain = model.newSequence();
                Sequence sequence = Tiny.sequence(model, chain(id, LOSSLESS))) {
            assertThat(run(sequence, 64)).isEqualTo(run(plain, 64));
        }
    }

    @ParameterizedTest
    @MethodSource("techniques")
    void promptsMayBeCutAnywhereWhereItSaysSo(String id) {
        Map<String, String> settings = with(TIGHT, "when", "prompt-end");
        if (!create(id, settings).sameForAnyChunks()) return;
        try (Sequence whole = Tiny.sequence(model, chain(id, settings));
                Sequence parts = Tiny.sequence(model, chain(id, settings))) {
            assertThat(run(parts, 33)).isEqualTo(run(whole, PROMPT.length));
            assertThat(parts.cache().bytes()).isEqualTo(whole.cache().bytes());
        }
    }

    @ParameterizedTest
    @MethodSource("techniques")
    void rowsBeforeTheFirstItNeedsMayBeComputedWithoutIt(String id) {
        CacheStage stage = Tiny.stage(model, chain(id, with(TIGHT, "when", "prompt-end")));
        int first = Math.min(stage.firstRow(PROMPT.length), PROMPT.length - 1);
        if (first == 0) return;
        try (Sequence whole = stage.attach(model.newSequence());
                Sequence sequence = model.newSequence()) {
            float[] expected = run(whole, 50);
            sequence.prefill(PROMPT.length, false);
            Tiny.step(model, sequence, Arrays.copyOf(PROMPT, first));
            stage.attach(sequence).prefill(PROMPT.length, true);
            float[] last = Tiny.step(model, sequence, Arrays.copyOfRange(PROMPT, first, PROMPT.length));
            sequence.decode();
            float[] answer = Tiny.decode(model, sequence, ANSWER);
            assertThat(last).isEqualTo(Arrays.copyOf(expected, last.length));
            assertThat(answer).isEqualTo(Arrays.copyOfRange(expected, last.length, expected.length));
            assertThat(sequence.cache().bytes()).isEqualTo(whole.cache().bytes());
        }
    }

    @ParameterizedTest
    @MethodSource("techniques")
    void otherSequencesOfAStepAreUntouched(String id) {
        int[] other = Tiny.text(90);
        try (Sequence alone = model.newSequence();
                Sequence beside = model.newSequence();
                Sequence watched = Tiny.sequence(model, chain(id, TIGHT))) {
            float[] expected = Tiny.prefill(model, alone, other, 30);
            float[] found = {};
            for (int from = 0; from < other.length; from += 30) {
                watched.prefill(PROMPT.length, from == 60);
                Rows rows = new Rows()
                        .append(watched, PROMPT, from, from + 30, false)
                        .append(beside, other, from, from + 30, false);
                State state = model.embed(rows);
                model.advance(state);
                int last = model.project(state).offset(1);
                found = Arrays.copyOfRange(model.project(state).values(), last, last + model.vocabulary());
            }
            assertThat(found).isEqualTo(expected);
            assertThat(beside.cache().bytes()).isEqualTo(alone.cache().bytes());
        }
    }

    @ParameterizedTest
    @MethodSource("techniques")
    void whatAForkEditsItsOriginKeeps(String id) {
        int[] prefix = Arrays.copyOf(PROMPT, 100);
        try (Sequence plain = model.newSequence();
                Sequence origin = model.newSequence()) {
            Tiny.prefill(model, plain, prefix, 50);
            float[] expected = Tiny.decode(model, plain, ANSWER);
            Tiny.prefill(model, origin, prefix, 50);
            try (Sequence fork = Tiny.stage(model, chain(id, TIGHT)).attach(origin.fork())) {
                fork.prefill(PROMPT.length, true);
                Tiny.step(model, fork, Arrays.copyOfRange(PROMPT, 100, 120));
                fork.decode();
                Tiny.decode(model, fork, ANSWER);
            }
            assertThat(Tiny.decode(model, origin, ANSWER)).isEqualTo(expected);
        }
    }

    /** A fork with the same technique goes on where its origin stands: both give what one alone gives. */
    @ParameterizedTest
    @MethodSource("techniques")
    void aForkGoesOnAsItsOriginDoes(String id) {
        Object[] chain = chain(id, TIGHT);
        CacheStage stage = Tiny.stage(model, chain);
        try (Sequence alone = stage.attach(model.newSequence());
                Sequence origin = stage.attach(model.newSequence())) {
            float[] expected = run(alone, 50);
            float[] last = Tiny.prefill(model, origin, PROMPT, 50);
            try (Sequence fork = stage.fork(origin)) {
                float[] forked = Tiny.decode(model, fork, ANSWER);
                float[] continued = Tiny.decode(model, origin, ANSWER);
                assertThat(forked).isEqualTo(continued);
                assertThat(continued).isEqualTo(Arrays.copyOfRange(expected, last.length, expected.length));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("techniques")
    void bytesReportedAreBytesHeldAndNothingLeaks(String id) {
        Sequence sequence = Tiny.sequence(model, chain(id, TIGHT));
        long probed = model.pool().peakBytes();
        Tiny.prefill(model, sequence, PROMPT, 40);
        for (int token : ANSWER) {
            Tiny.step(model, sequence, token);
            assertThat(sequence.cache().bytes()).isEqualTo(Tiny.pageBytes(sequence.cache()));
            assertThat(sequence.cache().bytes()).isEqualTo(model.pool().bytesHeld());
            assertThat(sequence.cache().coldBytes()).isEqualTo(model.pool().coldBytesHeld());
        }
        assertThat(model.pool().peakBytes()).isEqualTo(Math.max(probed, sequence.cache().peakBytes()));
        sequence.truncate(sequence.length() / 2);
        Tiny.decode(model, sequence, ANSWER);
        assertThat(sequence.cache().bytes()).isEqualTo(model.pool().bytesHeld());
        sequence.close();
        assertThat(model.pool().bytesHeld()).isZero();
        assertThat(model.pool().pagesHeld()).isZero();
    }

    @Test
    void threadsChangeNothing() {
        List<String> ids = techniques().toList();
        Model threaded = Tiny.model("scalar", 3);
        for (String id : ids)
            try (Sequence one = Tiny.sequence(model, chain(id, TIGHT));
                    Sequence three = Tiny.sequence(threaded, chain(id, TIGHT))) {
                assertThat(Tiny.prefill(threaded, three, PROMPT, 50))
                        .as(id)
                        .isEqualTo(Tiny.prefill(model, one, PROMPT, 50));
            }
    }

    /** Any two run together in either order, or the message names both. */
    @Test
    void pairsRunTogether() {
        List<String> ids = techniques().toList();
        List<String> refused = new ArrayList<>();
        for (String first : ids)
            for (String second : ids) {
                if (first.equals(second)) continue;
                Sequence sequence = model.newSequence();
                try {
                    Object[] techniques = {create(first, TIGHT), create(second, TIGHT)};
                    Tiny.stage(model, techniques).attach(sequence);
                    Tiny.prefill(model, sequence, Arrays.copyOf(PROMPT, 80), 50);
                    float[] logits = Tiny.decode(model, sequence, Arrays.copyOf(ANSWER, 4));
                    for (float logit : logits) assertThat(logit).as("%s,%s", first, second).isFinite();
                    assertThat(sequence.cache().bytes()).isEqualTo(Tiny.pageBytes(sequence.cache()));
                } catch (UsageException incompatible) {
                    refused.add(first + "," + second);
                    assertThat(incompatible.getMessage()).containsAnyOf(first, second);
                } finally {
                    sequence.close();
                }
            }
        assertThat(model.pool().bytesHeld()).isZero();
        assertThat(refused.size()).as("refused: %s", refused).isLessThan(ids.size() * ids.size() / 3);
    }
}
