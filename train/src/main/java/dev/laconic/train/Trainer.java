package dev.laconic.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Split;
import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.tokenize.train.ByteLevelBpe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a recipe. A step's sequences are spread over threads in parts of fixed size whose gradients are added in a fixed
 * order, so the result does not depend on the number of threads; a run that is killed and resumed gives the same weights
 * to the bit.
 */
public final class Trainer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);
    private static final int PART_TOKENS = 1024;
    private static final int POINT_STEPS = 10;
    private static final int MOST_SKIPPED = 10;
    private static final String CHECKPOINT = "checkpoint.bin";
    private static final String RECIPE = "recipe.json";
    private static final Duration CHECKPOINT_EVERY = Duration.ofMinutes(2);

    private final Recipe recipe;
    private final DecoderShape shape;
    private final Path folder;
    private final ByteLevelBpe vocabulary;
    private final int mask;
    private final Mixture mixture;
    private final ExecutorService workers;
    private final NDManager manager = Torch.newManager();
    private final Map<Integer, Pass> passes = new HashMap<>();
    private final Map<Integer, Pass> teacherPasses = new HashMap<>();
    private final Optional<Lora> lora;
    private final Optional<Finished> teacher;
    private final Optional<NDArray> teacherWeights;
    private final AdamW optimiser;
    private final NDArray weights;
    private final NDArray mean;
    private final NDArray variance;
    private int step;
    private int stageIndex;
    private int stageStep;

    /**
     * @param corpus folder that holds the recipe's texts
     * @param folder where checkpoints, vocabulary and curves go; the runs that a recipe builds on lie beside it
     * @param resume whether to go on from the folder's checkpoint, if it has one
     * @param threads that compute; the result does not depend on how many
     */
    public Trainer(Recipe recipe, Path corpus, Path folder, boolean resume, int threads) {
        this.recipe = recipe;
        this.folder = folder;
        shape = recipe.shape();
        Prose prose = recipe.training(corpus);
        Optional<Finished> from = recipe.from().map(this::finished);
        teacher = recipe.teacher().map(this::finished);
        try {
            Files.createDirectories(folder);
            Path merges = folder.resolve("merges.txt");
            Optional<Finished> other = teacher.or(() -> from);
            if (other.isPresent() && !Files.exists(merges)) Files.copy(other.get().folder.resolve("merges.txt"), merges);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare " + folder, e);
        }
        recipe.write(folder.resolve(RECIPE));
        vocabulary = Vocabulary.of(folder.resolve("merges.txt"), prose, shape.vocabulary());
        if (vocabulary.size() != shape.vocabulary())
            throw new LaconicException("the texts give a vocabulary of " + vocabulary.size() + ", the recipe wants "
                    + shape.vocabulary());
        mask = vocabulary.special(ChatFormat.MASK);
        mixture = new Mixture(vocabulary, prose, recipe.seed());
        workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("train-", 0).factory());
        float[] initial = from.map(run -> shape.grown(run.recipe.shape(), run.weights, recipe.seed()))
                .orElseGet(() -> shape.initial(recipe.seed()));
        lora = recipe.adapter().map(adapter -> new Lora(manager, shape, adapter, initial));
        float[] trained = lora.map(adapters -> adapters.initial(recipe.seed())).orElse(initial);
        Checkpoint state = resume && Files.exists(checkpoint())
                ? Checkpoint.read(checkpoint(), trained.length)
                : new Checkpoint(0, 0, 0, trained, new float[trained.length], new float[trained.length]);
        step = state.step();
        stageIndex = state.stage();
        stageStep = state.stageStep();
        weights = manager.create(state.weights());
        mean = manager.create(state.mean());
        variance = manager.create(state.variance());
        teacherWeights = teacher.map(run -> manager.create(run.weights));
        float[] decayed = shape.decayed();
        if (lora.isPresent()) Arrays.fill(decayed = new float[trained.length], 1);
        optimiser = new AdamW(manager.create(decayed));
    }

    /** A run that this one builds on. */
    private record Finished(Path folder, Recipe recipe, float[] weights) {}

    private Finished finished(String name) {
        Path other = folder.resolveSibling(name);
        if (!Files.exists(other.resolve(CHECKPOINT)))
            throw new UsageException(recipe.name() + " builds on " + name + ", which has no checkpoint in " + other
                    + ": train it first");
        Recipe of = Recipe.read(other.resolve(RECIPE).toString());
        return new Finished(
                other, of, Checkpoint.read(other.resolve(CHECKPOINT), of.shape().parameters()).weights());
    }

    private Path checkpoint() {
        return folder.resolve(CHECKPOINT);
    }

    /**
     * Trains to the end of the recipe.
     *
     * @param cancelled ends the run early, with a checkpoint to go on from
     */
    public void run(BooleanSupplier cancelled) {
        Torch.prepareThread(false);
        Curve curve = new Curve(folder.resolve("curve.jsonl"), step);
        try (Meter meter = new Meter(recipe, stageIndex, stageStep)) {
            while (stageIndex < recipe.stages().size()) {
                Recipe.Stage stage = recipe.stages().get(stageIndex);
                if (!run(stage, curve, meter, cancelled)) break;
                stageIndex++;
                stageStep = 0;
                state().write(checkpoint());
                state().write(folder.resolve(stage.name() + ".bin"));
                curve.plot(folder.resolve("curve.png"), recipe.name());
            }
        }
    }

    /** Trains to the end of a stage; false if cancelled before. */
    private boolean run(Recipe.Stage stage, Curve curve, Meter meter, BooleanSupplier cancelled) {
        long saved = System.nanoTime();
        double loss = 0;
        double norms = 0;
        int skipped = 0;
        while (stageStep < stage.steps()) {
            int length = length(stage);
            float rate = stage.rateAt(stageStep);
            Gradient gradient = gradient(stage, length);
            step++;
            stageStep++;
            float norm = Double.isFinite(gradient.loss)
                    ? optimiser.update(weights, mean, variance, gradient.values, step, rate, recipe.decay())
                    : Float.NaN;
            gradient.values.close();
            if (Float.isFinite(norm)) skipped = 0;
            else if (++skipped == MOST_SKIPPED)
                throw new LaconicException("step " + step + ": loss " + gradient.loss + " and gradient " + norm + ", "
                        + skipped + " times in a row; the last good state is " + checkpoint());
            else LOG.warn("step {}: loss {} and gradient {}, skipped", step, gradient.loss, norm);
            loss += gradient.loss / POINT_STEPS;
            norms += norm / POINT_STEPS;
            meter.step(stage, gradient.loss);
            boolean last = cancelled.getAsBoolean();
            if (stageStep % POINT_STEPS == 0) {
                long tokens = stage.tokensPerStep() * (long) POINT_STEPS;
                curve.add(step, tokens, stage.name(), length, loss, norms, rate);
                if (last || System.nanoTime() - saved > CHECKPOINT_EVERY.toNanos()) {
                    state().write(checkpoint());
                    saved = System.nanoTime();
                }
                if (loss <= stage.stopLoss()) return true;
                if (last) return false;
                loss = 0;
                norms = 0;
            }
        }
        return true;
    }

    /** Writes {@code NAME.gguf} in f16, and the folder {@code NAME} with safetensors in float32, into {@code target}. */
    public void export(Path target) {
        NDArray flat = lora.map(adapters -> adapters.merged(weights)).orElse(weights);
        DecoderExport export = new DecoderExport(
                recipe.name(), shape, recipe.objective(), flat.toFloatArray(), vocabulary, recipe.context());
        export.gguf(target.resolve(recipe.name() + ".gguf"), TensorType.F16);
        export.safetensors(target.resolve(recipe.name()));
    }

    private Checkpoint state() {
        return new Checkpoint(
                step, stageIndex, stageStep, weights.toFloatArray(), mean.toFloatArray(), variance.toFloatArray());
    }

    private int length(Recipe.Stage stage) {
        RandomGenerator random = Split.TRAIN.random("length-" + recipe.seed(), step);
        return stage.lengths().get(random.nextInt(stage.lengths().size()));
    }

    private Sequence sequence(Recipe.Stage stage, int length, long number) {
        Sequence sequence = mixture.sequence(number, length, stage.reach(), stage.mix());
        if (recipe.objective() == Objective.MASKED_DIFFUSION)
            Masking.apply(sequence, sequence.size(), Split.TRAIN.random("mask-" + recipe.seed(), number));
        return sequence;
    }

    private record Gradient(double loss, NDArray values) {}

    private Gradient gradient(Recipe.Stage stage, int length) {
        int count = stage.tokensPerStep() / length;
        int perPart = Math.max(1, PART_TOKENS / length);
        Pass pass = passes.computeIfAbsent(length, l -> Pass.of(
                manager, shape, l, recipe.context(), recipe.objective().causal(),
                recipe.objective() == Objective.DISTILLATION
                        ? DecoderSource.distillation(shape, l)
                        : DecoderSource.loss(shape, l, recipe.objective().causal())));
        Optional<Pass> teaching = teacher.map(run -> teacherPasses.computeIfAbsent(length, l -> Pass.of(
                manager, run.recipe.shape(), l, recipe.context(), true,
                DecoderSource.logits(run.recipe.shape(), l, true, true))));
        long number = (long) step << 12;
        List<Future<Sequence>> drawn = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long of = number + i;
            drawn.add(workers.submit(() -> sequence(stage, length, of)));
        }
        List<Sequence> sequences = drawn.stream().map(Trainer::get).toList();
        double total = 0;
        for (Sequence sequence : sequences)
            for (int t = 1; t <= length; t++) total += sequence.weight(t);
        float scale = (float) (1 / Math.max(total, 1));
        List<Future<Gradient>> parts = new ArrayList<>();
        for (int from = 0; from < count; from += perPart) {
            Sequence[] part = sequences.subList(from, Math.min(count, from + perPart)).toArray(Sequence[]::new);
            parts.add(workers.submit(() -> gradient(pass, teaching, part, scale)));
        }
        Gradient sum = get(parts.getFirst());
        double loss = sum.loss;
        for (Future<Gradient> future : parts.subList(1, parts.size())) {
            Gradient part = get(future);
            loss += part.loss;
            sum.values.addi(part.values);
            part.values.close();
        }
        return new Gradient(loss, sum.values);
    }

    private Gradient gradient(Pass pass, Optional<Pass> teaching, Sequence[] part, float scale) {
        try (NDManager inner = manager.newSubManager()) {
            Torch.prepareThread(false);
            Pass.Batch batch = Pass.Batch.of(inner, part, scale, mask);
            NDArray targets = teaching.isPresent()
                    ? teaching.get().call(inner, teacherWeights.orElseThrow(), batch)
                    : batch.targets();
            NDArray leaf;
            synchronized (weights) {
                leaf = weights.duplicate();
            }
            leaf.attach(inner);
            Torch.prepareThread(true);
            leaf.setRequiresGradient(true);
            NDArray flat = lora.isPresent() ? lora.get().merged(leaf) : leaf;
            flat.attach(inner);
            NDArray loss = pass.call(inner, flat, batch, targets);
            JniUtils.backward((PtNDArray) loss, (PtNDArray) inner.create(1f), false, false);
            NDArray values = leaf.getGradient();
            values.attach(manager);
            return new Gradient(loss.getFloat(), values);
        } finally {
            JniUtils.setGradMode(false);
        }
    }

    private static <T> T get(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) throw cause;
            throw new LaconicException("training failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LaconicException("training was interrupted", e);
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
        optimiser.close();
        lora.ifPresent(Lora::close);
        passes.values().forEach(Pass::close);
        teacherPasses.values().forEach(Pass::close);
        manager.close();
    }
}
