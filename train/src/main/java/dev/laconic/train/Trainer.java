package dev.laconic.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Split;
import dev.laconic.core.error.LaconicException;
import dev.laconic.tokenize.train.ByteLevelBpe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
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
    private static final int POINT_STEPS = 10;
    private static final int MOST_SKIPPED = 10;
    private static final Duration CHECKPOINT_EVERY = Duration.ofMinutes(2);

    private final Recipe recipe;
    private final Path folder;
    private final Learner learner;
    private final ExecutorService workers;
    private final NDManager manager = Torch.newManager();
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
     * @param models where the file of a model lies, for recipes that build on one of which there is no run
     * @param resume whether to go on from the folder's checkpoint, if it has one
     * @param threads that compute; the result does not depend on how many
     */
    public Trainer(
            Recipe recipe,
            Path corpus,
            Path folder,
            Function<String, Optional<Path>> models,
            boolean resume,
            int threads) {
        this.recipe = recipe;
        this.folder = folder;
        Prose prose = recipe.training(corpus);
        Path runs = folder.toAbsolutePath().getParent();
        Function<String, Pretrained> pretrained = name -> Pretrained.of(name, runs, models, recipe.name());
        Optional<Pretrained> from = recipe.from().map(pretrained);
        Optional<Pretrained> teacher = recipe.teacher().map(pretrained);
        Path merges = folder.resolve(Pretrained.MERGES);
        try {
            Files.createDirectories(folder);
            Optional<Pretrained> other = teacher.or(() -> from);
            if (other.isPresent() && !Files.exists(merges)) Vocabulary.write(merges, other.get().merges());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare " + folder, e);
        }
        recipe.write(folder.resolve(Pretrained.RECIPE));
        ByteLevelBpe vocabulary = Vocabulary.of(merges, prose, recipe.vocabulary());
        if (vocabulary.size() != recipe.vocabulary())
            throw new LaconicException("the texts give a vocabulary of " + vocabulary.size() + ", the recipe wants "
                    + recipe.vocabulary());
        learner = recipe.encoder().isPresent()
                ? new EncoderLearner(recipe, vocabulary, prose)
                : new DecoderLearner(recipe, vocabulary, prose, from, teacher);
        workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("train-", 0).factory());
        float[] initial = learner.initial();
        Checkpoint state = resume && Files.exists(checkpoint())
                ? Checkpoint.read(checkpoint(), initial.length)
                : new Checkpoint(0, 0, 0, initial, new float[initial.length], new float[initial.length]);
        step = state.step();
        stageIndex = state.stage();
        stageStep = state.stageStep();
        weights = manager.create(state.weights());
        mean = manager.create(state.mean());
        variance = manager.create(state.variance());
        optimiser = new AdamW(manager.create(learner.decayed()));
    }

    private Path checkpoint() {
        return folder.resolve(Pretrained.CHECKPOINT);
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
                average(stage.average());
                stageIndex++;
                stageStep = 0;
                state().write(checkpoint());
                state().write(endOf(stage.name()));
                curve.plot(folder.resolve("curve.png"), recipe.name());
            }
        }
    }

    private Path endOf(String stage) {
        return folder.resolve(stage + ".bin");
    }

    /** Sets the weights to the mean of those at the ends of some stages. */
    private void average(List<String> stages) {
        if (stages.isEmpty()) return;
        double[] sums = new double[(int) weights.size()];
        for (String stage : stages) {
            float[] end = Checkpoint.read(endOf(stage), sums.length).weights();
            for (int i = 0; i < sums.length; i++) sums[i] += end[i];
        }
        float[] means = new float[sums.length];
        for (int i = 0; i < means.length; i++) means[i] = (float) (sums[i] / stages.size());
        weights.set(means);
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

    /** Writes the model as {@code NAME.gguf}, and as a folder of Hugging Face's files where there is such a form. */
    public void export(Path target) {
        learner.export(weights.toFloatArray(), target);
    }

    private Checkpoint state() {
        return new Checkpoint(
                step, stageIndex, stageStep, weights.toFloatArray(), mean.toFloatArray(), variance.toFloatArray());
    }

    private int length(Recipe.Stage stage) {
        RandomGenerator random = Split.TRAIN.random("length-" + recipe.seed(), step);
        return stage.lengths().get(random.nextInt(stage.lengths().size()));
    }

    private record Gradient(double loss, NDArray values) {}

    private Gradient gradient(Recipe.Stage stage, int length) {
        List<Callable<Gradient>> parts = new ArrayList<>();
        for (Learner.Loss loss : learner.losses(stage, length, step, this::all)) parts.add(() -> gradient(loss));
        List<Gradient> done = all(parts);
        double loss = 0;
        for (Gradient part : done) loss += part.loss;
        NDArray sum = done.getFirst().values;
        for (Gradient part : done.subList(1, done.size())) {
            sum.addi(part.values);
            part.values.close();
        }
        return new Gradient(loss, sum);
    }

    private Gradient gradient(Learner.Loss of) {
        Torch.prepareThread(true);
        try (NDManager inner = manager.newSubManager()) {
            NDArray leaf;
            synchronized (weights) {
                leaf = weights.duplicate();
            }
            leaf.attach(inner);
            leaf.setRequiresGradient(true);
            NDArray loss = of.of(inner, leaf);
            JniUtils.backward((PtNDArray) loss, (PtNDArray) inner.create(1f), false, false);
            NDArray values = leaf.getGradient();
            values.attach(manager);
            return new Gradient(loss.getFloat(), values);
        } finally {
            JniUtils.setGradMode(false);
        }
    }

    private <T> List<T> all(List<Callable<T>> tasks) {
        List<Future<T>> running = tasks.stream().map(workers::submit).toList();
        return running.stream().map(Trainer::get).toList();
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
        learner.close();
        manager.close();
    }
}
