package dev.laconic.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.error.UsageException;
import dev.laconic.model.Embedder;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.load.ModelLoader;
import dev.laconic.tokenize.EncodeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class TrainerTest {
    private static final DecoderShape SHAPE = new DecoderShape(1, 32, 2, 1, 16, 48, 288, 10_000, 1e-5f);
    private static final int STEPS = 30;

    @TempDir
    Path folder;

    @BeforeEach
    void texts() throws IOException {
        Files.createDirectories(folder.resolve("corpus"));
        Files.writeString(
                folder.resolve("corpus/a.txt"),
                ("It was a dark night. The rain fell on the old house! \"Who goes there?\" asked the guard.\n\n").repeat(60));
    }

    private static Recipe recipe(
            String name, Objective objective, Optional<String> from, Optional<String> teacher,
            Optional<Recipe.Adapter> adapter, float stopLoss) {
        Map<String, Double> mix = Map.of("copy", 0.5, "prose", 0.5);
        return new Recipe(
                name, 1, Optional.of(SHAPE), Optional.empty(), objective, from, teacher, adapter, List.of("*.txt"), List.of("none"), 0.1f,
                List.of(
                        new Recipe.Stage("one", List.of(64), 0, 256, 256 * 20, 5e-3f, 5, 0.2f, 1e-3f, stopLoss, 1, 1, 1, Divergence.CROSS_ENTROPY, List.of(), mix),
                        new Recipe.Stage("two", List.of(64, 128), 256, 256, 256 * 10, 2e-3f, 2, 0.5f, 1e-4f, 0, 1, 1, 1, Divergence.CROSS_ENTROPY, List.of(), mix)));
    }

    /** The same with another way to compare student and teacher. */
    private static Recipe compared(Recipe recipe, Divergence divergence) {
        List<Recipe.Stage> stages = recipe.stages().stream()
                .map(s -> new Recipe.Stage(
                        s.name(), s.lengths(), s.reach(), s.tokensPerStep(), s.tokens(), s.rate(), s.warmUp(), s.decayShare(),
                        s.endRate(), s.stopLoss(), s.firstDigit(), s.result(), s.sharpness(), divergence, s.average(), s.mix()))
                .toList();
        return new Recipe(
                recipe.name(), recipe.seed(), recipe.shape(), recipe.encoder(), recipe.objective(), recipe.from(),
                recipe.teacher(), recipe.adapter(), recipe.texts(), recipe.heldOut(), recipe.decay(), stages);
    }

    private static Recipe plain(String name) {
        return recipe(name, Objective.NEXT_TOKEN, Optional.empty(), Optional.empty(), Optional.empty(), 0);
    }

    private Optional<Path> model(String name) {
        return Optional.of(folder.resolve(name + ".gguf")).filter(Files::exists);
    }

    private Checkpoint train(Recipe recipe, String run, boolean resume, int threads, int stopAfter) {
        AtomicInteger steps = new AtomicInteger();
        try (Trainer trainer = new Trainer(recipe, folder.resolve("corpus"), folder.resolve(run), this::model, resume, threads)) {
            trainer.run(() -> steps.incrementAndGet() >= stopAfter);
        }
        int size = recipe.adapter().isPresent() ? adapterSize(recipe) : SHAPE.parameters();
        return Checkpoint.read(folder.resolve(run).resolve("checkpoint.bin"), size);
    }

    private static int adapterSize(Recipe recipe) {
        return SHAPE.weights().stream()
                .filter(weight -> !weight.isNorm() && !weight.name().equals("embedding"))
                .mapToInt(weight -> recipe.adapter().orElseThrow().rank() * (weight.rows() + weight.columns()))
                .sum();
    }

    @Test
    void aResumedRunEqualsOneThatWasNotStopped() throws IOException {
        Checkpoint whole = train(plain("a"), "whole", false, 2, Integer.MAX_VALUE);
        assertThat(train(plain("a"), "parts", false, 1, 7).step()).isEqualTo(10);
        assertThat(train(plain("a"), "parts", true, 1, 11).step()).isEqualTo(30);
        Checkpoint parts = train(plain("a"), "parts", true, 2, Integer.MAX_VALUE);
        assertThat(whole.step()).isEqualTo(STEPS);
        assertThat(parts.weights()).isEqualTo(whole.weights());
        assertThat(parts.variance()).isEqualTo(whole.variance());
        assertThat(Files.readString(folder.resolve("parts/curve.jsonl")))
                .isEqualTo(Files.readString(folder.resolve("whole/curve.jsonl")));
        assertThat(folder.resolve("whole/curve.png")).exists();
    }

    /** A killed process leaves a curve that is ahead of its last checkpoint. */
    @Test
    void aRunThatWasKilledGoesOnFromItsLastCheckpoint() throws IOException {
        Checkpoint whole = train(plain("a"), "killed", false, 2, Integer.MAX_VALUE);
        String curve = Files.readString(folder.resolve("killed/curve.jsonl"));
        Files.copy(
                folder.resolve("killed/one.bin"), folder.resolve("killed/checkpoint.bin"), StandardCopyOption.REPLACE_EXISTING);
        Checkpoint again = train(plain("a"), "killed", true, 1, Integer.MAX_VALUE);
        assertThat(again.weights()).isEqualTo(whole.weights());
        assertThat(Files.readString(folder.resolve("killed/curve.jsonl"))).isEqualTo(curve);
    }

    @Test
    void aStageOfNoStepsAveragesEarlierOnes() {
        Recipe two = plain("a");
        List<Recipe.Stage> stages = new ArrayList<>(two.stages());
        stages.add(new Recipe.Stage(
                "mean", List.of(64), 0, 256, 0, 0, 0, 0, 0, 0, 1, 1, 1, Divergence.CROSS_ENTROPY, List.of("one", "two"), Map.of("prose", 1.0)));
        Recipe three = new Recipe(
                two.name(), two.seed(), two.shape(), two.encoder(), two.objective(), two.from(), two.teacher(), two.adapter(),
                two.texts(), two.heldOut(), two.decay(), stages);
        Checkpoint averaged = train(three, "averaged", false, 2, Integer.MAX_VALUE);
        float[] one = Checkpoint.read(folder.resolve("averaged/one.bin"), SHAPE.parameters()).weights();
        float[] last = Checkpoint.read(folder.resolve("averaged/two.bin"), SHAPE.parameters()).weights();
        assertThat(averaged.step()).isEqualTo(STEPS);
        for (int i = 0; i < one.length; i++)
            assertThat(averaged.weights()[i]).isCloseTo((one[i] + last[i]) / 2, within(1e-6f));
    }

    @Test
    void aStageEndsAtItsLoss() {
        Recipe easy = recipe("a", Objective.NEXT_TOKEN, Optional.empty(), Optional.empty(), Optional.empty(), 100);
        assertThat(train(easy, "early", false, 2, Integer.MAX_VALUE).step()).isEqualTo(20);
    }

    @Test
    void otherObjectivesBuildOnAFinishedRun() throws IOException {
        Checkpoint base = train(plain("base"), "base", false, 2, Integer.MAX_VALUE);
        Optional<String> from = Optional.of("base");
        Checkpoint diffusion = train(
                recipe("diffusion", Objective.MASKED_DIFFUSION, from, Optional.empty(), Optional.empty(), 0),
                "diffusion", false, 2, Integer.MAX_VALUE);
        assertThat(diffusion.weights()).isNotEqualTo(base.weights()).doesNotContain(Float.NaN);
        Recipe distilled = recipe("student", Objective.DISTILLATION, Optional.empty(), from, Optional.empty(), 0);
        Checkpoint student = train(distilled, "student", false, 2, Integer.MAX_VALUE);
        assertThat(student.weights()).doesNotContain(Float.NaN);
        Checkpoint other =
                train(compared(distilled, Divergence.TOTAL_VARIATION), "other", false, 2, Integer.MAX_VALUE);
        assertThat(other.weights()).isNotEqualTo(student.weights()).doesNotContain(Float.NaN);
        assertThat(lastLoss("other")).isBetween(0.0, 1.0);
        Recipe adapted = recipe(
                "adapted", Objective.NEXT_TOKEN, from, Optional.empty(), Optional.of(new Recipe.Adapter(4, 8)), 0);
        train(adapted, "adapted", false, 2, Integer.MAX_VALUE);
        assertThat(Files.readString(folder.resolve("adapted/curve.jsonl"))).contains("\"step\":30");
    }

    private double lastLoss(String run) throws IOException {
        String last = Files.readAllLines(folder.resolve(run).resolve("curve.jsonl")).getLast();
        return JsonMapper.shared().readTree(last).get("loss").asDouble();
    }

    @Test
    void aRunBuildsOnAModelFileWhereThereIsNoRun() throws IOException {
        train(plain("base"), "base", false, 2, Integer.MAX_VALUE);
        Recipe diffusion = recipe(
                "diffusion", Objective.MASKED_DIFFUSION, Optional.of("base"), Optional.empty(), Optional.empty(), 0);
        Checkpoint fromRun = train(diffusion, "from-run", false, 2, Integer.MAX_VALUE);
        Recipe finished = plain("base");
        try (Trainer trainer = new Trainer(
                finished, folder.resolve("corpus"), folder.resolve("base"), this::model, true, 1)) {
            trainer.export(folder);
        }
        Files.move(folder.resolve("base"), folder.resolve("moved"));
        Checkpoint fromFile = train(diffusion, "from-file", false, 2, Integer.MAX_VALUE);
        assertThat(Files.readAllLines(folder.resolve("from-file/merges.txt")))
                .isEqualTo(Files.readAllLines(folder.resolve("from-run/merges.txt")));
        for (int i = 0; i < fromRun.weights().length; i++)
            assertThat(fromFile.weights()[i]).isCloseTo(fromRun.weights()[i], within(0.02f));
        Files.delete(folder.resolve("base.gguf"));
        assertThatThrownBy(() -> train(diffusion, "from-nothing", false, 2, Integer.MAX_VALUE))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("diffusion builds on base");
    }

    @Test
    void anEncoderLearnsAndTheEngineEmbedsAlike() {
        EncoderShape shape = new EncoderShape(2, 32, 4, 64, 288, 128, 1e-6f);
        Recipe recipe = new Recipe(
                "encoder", 1, Optional.empty(), Optional.of(shape), Objective.NEXT_TOKEN, Optional.empty(),
                Optional.empty(), Optional.empty(), List.of("*.txt"), List.of("none"), 0.1f,
                List.of(new Recipe.Stage("one", List.of(32), 0, 512, 512 * 20, 5e-3f, 5, 0.2f, 1e-3f, 0, 1, 1, 1, Divergence.CROSS_ENTROPY, List.of(), Map.of())));
        Path run = folder.resolve("encoder");
        try (Trainer trainer = new Trainer(recipe, folder.resolve("corpus"), run, name -> Optional.empty(), false, 2)) {
            trainer.run(() -> false);
            trainer.export(run);
        }
        float[] weights = Checkpoint.read(run.resolve("checkpoint.bin"), shape.parameters()).weights();
        try (LoadedModel loaded =
                ModelLoader.open(run.resolve("encoder.gguf"), ModelLoader.Options.DEFAULTS)) {
            int[] ids = loaded.tokenizer().ids("The rain fell on the guard.", EncodeOptions.PROMPT);
            float[] expected = EncoderLearner.pooled(shape, weights, ids);
            float[] actual = Embedder.of(loaded.model()).embed(ids);
            for (int i = 0; i < expected.length; i++)
                assertThat(actual[i]).isCloseTo(expected[i], Offset.offset(5e-3f));
        }
    }

    @Test
    void grownModelsBeginAsWhatTheyGrewFrom() {
        DecoderShape larger = new DecoderShape(3, 32, 2, 1, 16, 48, 288, 10_000, 1e-5f);
        float[] small = SHAPE.initial(1);
        int[] ids = {1, 20, 300 % 288, 40};
        try (Evaluator before = new Evaluator(SHAPE, small);
                Evaluator after = new Evaluator(larger, larger.grown(SHAPE, small, 2))) {
            assertThat(after.logits(ids)).isEqualTo(before.logits(ids));
        }
    }

    @Test
    void builtInRecipesAreWhole() {
        for (String name : Recipe.builtIn()) {
            Recipe recipe = Recipe.read(name);
            assertThat(recipe.name()).isEqualTo(name);
            for (Recipe.Stage stage : recipe.stages())
                for (int length : stage.lengths()) assertThat(stage.tokensPerStep() % length).isZero();
        }
    }
}
