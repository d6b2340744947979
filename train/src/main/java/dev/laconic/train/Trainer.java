package dev.laconic.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.laconic.bench.workload.Prose;
import dev.laconic.core.error.LaconicException;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.tokenize.train.ByteLevelBpe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
    private static final int POINT_STEPS = 20;
    private static final int MOST_SKIPPED = 10;
    private static final Duration CHECKPOINT_EVERY = Duration.ofMinutes(2);

    private final Recipe recipe;
    private final DecoderShape shape;
    private final Path folder;
    private final ByteLevelBpe vocabulary;
    private final Mixture mixture;
    private final ExecutorService workers;
    private final NDManager manager = Torch.newManager();
    private final Map<Integer, Constants> scripts = new HashMap<>();
    private final AdamW optimiser;
    private final NDArray weights;
    private final NDArray mean;
    private final NDArray variance;
    private int step;

    /**
     * @param corpus folder that holds the recipe's texts
     * @param folder where checkpoints, vocabulary and curves go
     * @param resume whether to go on from the folder's checkpoint, if it has one
     */
    public Trainer(Recipe recipe, Path corpus, Path folder, boolean resume, int threads) {
        this.recipe = recipe;
        this.folder = folder;
        shape = recipe.shape();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + folder, e);
        }
        Prose prose = recipe.training(corpus);
        vocabulary = Vocabulary.of(folder.resolve("merges.txt"), prose, shape.vocabulary());
        if (vocabulary.size() != shape.vocabulary())
            throw new LaconicException("the texts give a vocabulary of " + vocabulary.size() + ", the recipe wants "
                    + shape.vocabulary());
        mixture = new Mixture(vocabulary, prose, recipe.seed());
        workers = Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().name("train-", 0).factory());
        Path file = checkpoint();
        Checkpoint state = resume && Files.exists(file)
                ? Checkpoint.read(file, shape.parameters())
                : new Checkpoint(
                        0,
                        shape.initial(recipe.seed()),
                        new float[shape.parameters()],
                        new float[shape.parameters()]);
        step = state.step();
        weights = manager.create(state.weights());
        mean = manager.create(state.mean());
        variance = manager.create(state.variance());
        optimiser = new AdamW(manager.create(shape.decayed()));
    }

    private Path checkpoint() {
        return folder.resolve("checkpoint.bin");
    }

    /** Trains to the end of the recipe. */
    public void run() {
        Curve curve = new Curve(folder.resolve("curve.jsonl"), step);
        Meter meter = new Meter(recipe, step);
        long saved = System.nanoTime();
        double loss = 0;
        double norms = 0;
        int skipped = 0;
        Torch.prepareThread(false);
        int first = 0;
        long tokensBefore = 0;
        for (Recipe.Stage stage : recipe.stages()) {
            for (int inStage = Math.max(0, step - first); inStage < stage.steps(); inStage++) {
                int length = length(stage, step);
                float rate = stage.rateAt(inStage);
                Gradient gradient = gradient(stage, length);
                step++;
                if (Double.isFinite(gradient.loss)) {
                    float norm = optimiser.update(weights, mean, variance, gradient.values, step, rate, recipe.decay());
                    if (!Float.isFinite(norm)) throw new LaconicException("step " + step + ": gradient is " + norm);
                    loss += gradient.loss / POINT_STEPS;
                    norms += norm / POINT_STEPS;
                    skipped = 0;
                } else if (++skipped == MOST_SKIPPED)
                    throw new LaconicException("step " + step + ": loss is " + gradient.loss + ", " + skipped
                            + " times in a row; the last good state is " + checkpoint());
                else LOG.warn("step {}: loss is {}, skipped", step, gradient.loss);
                gradient.values.close();
                meter.step(stage, loss * POINT_STEPS / (step % POINT_STEPS == 0 ? POINT_STEPS : step % POINT_STEPS));
                if (step % POINT_STEPS == 0) {
                    long tokens = tokensBefore + (inStage + 1L) * stage.tokensPerStep();
                    curve.add(new Curve.Point(step, tokens, stage.name(), length, loss, norms, rate));
                    loss = 0;
                    norms = 0;
                    if (System.nanoTime() - saved > CHECKPOINT_EVERY.toNanos()) {
                        state().write(checkpoint());
                        saved = System.nanoTime();
                    }
                }
            }
            first += stage.steps();
            tokensBefore += (long) stage.steps() * stage.tokensPerStep();
            if (step == first) {
                state().write(checkpoint());
                state().write(folder.resolve(stage.name() + ".bin"));
                curve.plot(folder.resolve("curve.png"), recipe.name());
            }
        }
        meter.close();
    }

    /** Writes {@code NAME.gguf} in f16, and the folder {@code NAME} with safetensors in float32, into {@code target}. */
    public void export(Path target) {
        DecoderExport export =
                new DecoderExport(recipe.name(), shape, weights.toFloatArray(), vocabulary, recipe.context());
        export.gguf(target.resolve(recipe.name() + ".gguf"), TensorType.F16);
        export.safetensors(target.resolve(recipe.name()));
    }

    private Checkpoint state() {
        return new Checkpoint(step, weights.toFloatArray(), mean.toFloatArray(), variance.toFloatArray());
    }

    private int length(Recipe.Stage stage, int step) {
        RandomGenerator random = dev.laconic.bench.workload.Split.TRAIN.random("length-" + recipe.seed(), step);
        return stage.lengths().get(random.nextInt(stage.lengths().size()));
    }

    private record Gradient(double loss, NDArray values) {}

    private Gradient gradient(Recipe.Stage stage, int length) {
        int count = stage.tokensPerStep() / length;
        int perPart = Math.max(1, PART_TOKENS / length);
        Constants constants = scripts.computeIfAbsent(
                length, l -> Constants.of(manager, shape, l, recipe.context(), true, DecoderSource.loss(shape, l, true)));
        long number = (long) step << 12;
        List<Future<Sequence>> drawn = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long of = number + i;
            drawn.add(workers.submit(() -> mixture.sequence(of, length, stage.reach(), stage.mix())));
        }
        List<Sequence> sequences = drawn.stream().map(Trainer::get).toList();
        double total = 0;
        for (Sequence sequence : sequences)
            for (int t = 1; t <= length; t++) total += sequence.weight(t);
        float scale = (float) (1 / Math.max(total, 1));
        List<Future<Gradient>> parts = new ArrayList<>();
        for (int from = 0; from < count; from += perPart) {
            Sequence[] part = sequences.subList(from, Math.min(count, from + perPart)).toArray(Sequence[]::new);
            parts.add(workers.submit(() -> gradient(constants, part, scale)));
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

    private Gradient gradient(Constants constants, Sequence[] part, float scale) {
        Torch.prepareThread(true);
        try (NDManager inner = manager.newSubManager()) {
            NDArray leaf;
            synchronized (weights) {
                leaf = weights.duplicate();
            }
            leaf.attach(inner);
            leaf.setRequiresGradient(true);
            NDArray loss = constants.call(inner, leaf, part, scale);
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
        scripts.values().forEach(constants -> constants.script().close());
        manager.close();
    }
}
