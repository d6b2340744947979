package dev.laconic.core.technique;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.Budget;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.sample.RecordTrimmer;
import dev.laconic.core.technique.sample.SinkTrimmer;
import dev.laconic.core.technique.sample.Trimmer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TechniquesTest {
    private final Techniques techniques = Techniques.installed();

    @Test
    void annotatedClassesAreFound() {
        assertThat(techniques.list(Stage.CACHE))
                .extracting(TechniqueInfo::id)
                .containsExactly("record-trimmer", "sink-trimmer");
        TechniqueInfo info = techniques.find(Stage.CACHE, "sink-trimmer");
        assertThat(info.title()).isEqualTo("Sinks \"and\" windows");
        assertThat(info.needs()).containsExactly(Need.ATTENTION_SCORES, Need.HIDDEN_ROWS);
        assertThat(info.options())
                .extracting(OptionInfo::name)
                .containsExactly(
                        "sinks",
                        "window",
                        "threshold",
                        "rotate",
                        "merge",
                        "budget",
                        "label",
                        "layers",
                        "merges",
                        "weights");
        assertThat(info.options().getFirst().expected()).isEqualTo("a whole number from 0 to 64");
        assertThat(info.toMap())
                .containsEntry("stage", "cache")
                .containsEntry("fidelity", "approximate")
                .containsEntry("needs", List.of("attention-scores", "hidden-rows"));
    }

    @Test
    void textBecomesTheSameAsTheConstructorCall() {
        assertThat(describe("sink-trimmer"))
                .isEqualTo(new SinkTrimmer(
                                4,
                                1020,
                                0.5,
                                false,
                                SinkTrimmer.Merge.NEVER,
                                Budget.share(0.25),
                                "a,b",
                                List.of(),
                                List.of(),
                                Optional.empty())
                        .describe());
        assertThat(describe("sink-trimmer:sinks=2,window=9,threshold=1e-1,rotate=true,merge=per-token,budget=4MiB,"
                        + "label=\"x,\\\"y\\\"\",layers=0+3+5,merges=never+per-token,weights=some/file"))
                .isEqualTo(new SinkTrimmer(
                                2,
                                9,
                                0.1,
                                true,
                                SinkTrimmer.Merge.PER_TOKEN,
                                Budget.bytes(4 << 20),
                                "x,\"y\"",
                                List.of(0, 3, 5),
                                List.of(SinkTrimmer.Merge.NEVER, SinkTrimmer.Merge.PER_TOKEN),
                                Optional.of(Path.of("some/file")))
                        .describe());
        assertThat(describe("record-trimmer:bits=4")).isEqualTo("4 bits");
    }

    @Test
    void aTreeMeansTheSameAsText() {
        PipelineSpec tree = PipelineSpec.of(Map.of(
                "cache",
                List.of(
                        Map.of(
                                "sink-trimmer",
                                Map.of("sinks", 2, "threshold", 0.25, "rotate", true, "layers", List.of(1, 2))),
                        "record-trimmer:bits=2")));
        assertThat(techniques.create(tree).all(Trimmer.class))
                .extracting(Trimmer::describe)
                .containsExactly("2 1020 0.25 true NEVER 25% a,b [1, 2] [] Optional.empty", "2 bits");
    }

    @Test
    void errorsSayWhatToDo() {
        assertUsage(
                "sink-trimer",
                "unknown cache technique \"sink-trimer\"; did you mean \"sink-trimmer\"? techniques: record-trimmer, sink-trimmer");
        assertUsage(
                "sink-trimmer:windw=3",
                "cache sink-trimmer: unknown option \"windw\"; did you mean \"window\"? options: sinks, window, threshold, rotate, merge, budget, label, layers, merges, weights");
        assertUsage(
                "sink-trimmer:sinks=65",
                "cache sink-trimmer: sinks: found \"65\", expected a whole number from 0 to 64");
        assertUsage(
                "sink-trimmer:sinks=4.5",
                "cache sink-trimmer: sinks: found \"4.5\", expected a whole number from 0 to 64");
        assertUsage(
                "sink-trimmer:threshold=NaN",
                "cache sink-trimmer: threshold: found \"NaN\", expected a number from 0 to 1");
        assertUsage("sink-trimmer:rotate=yes", "cache sink-trimmer: rotate: found \"yes\", expected true or false");
        assertUsage(
                "sink-trimmer:merge=always",
                "cache sink-trimmer: merge: found \"always\", expected one of never, per-token");
        assertUsage(
                "sink-trimmer:layers=1+x",
                "cache sink-trimmer: layers: found \"x\", expected a list, joined by +, of: a whole number");
        assertUsage(
                "sink-trimmer:budget=lots",
                "cache sink-trimmer: budget: found \"lots\", expected a count (256), a share (25%) or a size (4MiB)");
        assertUsage("sink-trimmer:sinks=9,window=9", "cache sink-trimmer: sinks 9 leave no window");
        assertUsage(
                "record-trimmer",
                "cache record-trimmer: bits: found nothing, expected a whole number of at least 1: bits of an element");
        assertThatThrownBy(() -> techniques.find(Stage.DECODE, "record-trimmer"))
                .hasMessage(
                        "unknown decode technique \"record-trimmer\"; techniques: none; record-trimmer belongs to cache");
    }

    private void assertUsage(String text, String message) {
        assertThatThrownBy(() -> create(text))
                .isInstanceOf(UsageException.class)
                .hasMessage(message);
    }

    @Test
    void twoProvidersOfOneNameAreRefused() {
        TechniqueProvider provider = new dev.laconic.core.technique.sample.RecordTrimmerProvider();
        assertThatThrownBy(() -> Techniques.of(List.of(provider, provider)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("record-trimmer");
    }

    @Test
    void aPipelineOfInstancesKnowsItsTechniques() {
        Pipeline pipeline = Pipeline.of(new RecordTrimmer(4));
        assertThat(pipeline.all(Trimmer.class)).containsExactly(new RecordTrimmer(4));
        assertThat(pipeline.all(Runnable.class)).isEmpty();
        assertThat(pipeline.techniques()).containsExactly(techniques.find(Stage.CACHE, "record-trimmer"));
        assertThatThrownBy(() -> Pipeline.of("text"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("java.lang.String is not registered: it has no @Technique");
    }

    @Test
    void whatATechniqueNeedsMustBeThere() {
        Pipeline pipeline = create("sink-trimmer");
        assertThat(pipeline.needs()).containsExactly(Need.ATTENTION_SCORES, Need.HIDDEN_ROWS);
        pipeline.require(Set.of(Need.ATTENTION_SCORES, Need.HIDDEN_ROWS, Need.CALIBRATION));
        assertThatThrownBy(() -> pipeline.require(Set.of(Need.ATTENTION_SCORES)))
                .hasMessage("cache sink-trimmer: needs hidden-rows, which is not there");
    }

    private String describe(String text) {
        return create(text).all(Trimmer.class).getFirst().describe();
    }

    private Pipeline create(String text) {
        return techniques.create(PipelineSpec.NONE.with(Stage.CACHE, text));
    }
}
