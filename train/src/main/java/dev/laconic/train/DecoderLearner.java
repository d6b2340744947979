package dev.laconic.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Split;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.tokenize.train.ByteLevelBpe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** A decoder, or its adapters, under one of the {@link Objective}s. */
final class DecoderLearner implements Learner {
    private static final int PART_TOKENS = 1024;

    private record PassKey(int length, Divergence divergence) {}

    private final Recipe recipe;
    private final DecoderShape shape;
    private final ByteLevelBpe vocabulary;
    private final int mask;
    private final int end;
    private final Mixture mixture;
    private final NDManager manager = Torch.newManager();
    private final Map<PassKey, Pass> passes = new HashMap<>();
    private final Map<Integer, Pass> teacherPasses = new HashMap<>();
    private final float[] initial;
    private final Optional<Lora> lora;
    private final Optional<Pretrained> teacher;
    private final Optional<NDArray> teacherWeights;

    DecoderLearner(
            Recipe recipe,
            ByteLevelBpe vocabulary,
            Prose prose,
            Optional<Pretrained> from,
            Optional<Pretrained> teacher) {
        this.recipe = recipe;
        this.vocabulary = vocabulary;
        this.teacher = teacher;
        shape = recipe.decoder();
        mask = vocabulary.special(ChatFormat.MASK);
        end = vocabulary.special(ChatFormat.END);
        mixture = new Mixture(vocabulary, prose, recipe.seed());
        float[] base = from.map(run -> shape.grown(run.shape(), run.weights(), recipe.seed()))
                .orElseGet(() -> shape.initial(recipe.seed()));
        lora = recipe.adapter().map(adapter -> new Lora(manager, shape, adapter, base));
        initial = lora.map(adapters -> adapters.initial(recipe.seed())).orElse(base);
        teacherWeights = teacher.map(run -> manager.create(run.weights()));
    }

    @Override
    public float[] initial() {
        return initial;
    }

    @Override
    public float[] decayed() {
        if (lora.isEmpty()) return shape.decayed();
        float[] all = new float[initial.length];
        Arrays.fill(all, 1);
        return all;
    }

    @Override
    public List<Loss> losses(Recipe.Stage stage, int length, int step, Workers workers) {
        int count = stage.tokensPerStep() / length;
        List<Callable<Sequence>> drawing = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long number = ((long) step << 12) + i;
            drawing.add(() -> sequence(stage, length, number));
        }
        List<Sequence> sequences = workers.all(drawing);
        double total = 0;
        for (Sequence sequence : sequences)
            for (int t = 1; t <= length; t++) total += sequence.weight(t);
        float scale = (float) (1 / Math.max(total, 1));
        Pass pass = passes.computeIfAbsent(new PassKey(length, stage.divergence()), this::pass);
        Optional<Pass> teaching =
                teacher.map(run -> teacherPasses.computeIfAbsent(length, l -> teaching(run.shape(), l)));
        int perPart = Math.max(1, PART_TOKENS / length);
        List<Loss> losses = new ArrayList<>();
        for (int from = 0; from < count; from += perPart) {
            Sequence[] part = sequences.subList(from, Math.min(count, from + perPart)).toArray(Sequence[]::new);
            losses.add((inner, parameters) -> loss(pass, teaching, part, scale, stage.sharpness(), inner, parameters));
        }
        return losses;
    }

    private Sequence sequence(Recipe.Stage stage, int length, long number) {
        Sequence sequence = mixture.sequence(number, length, stage);
        if (recipe.objective() == Objective.MASKED_DIFFUSION) {
            sequence.fill(end);
            Masking.apply(sequence, Split.TRAIN.random("mask-" + recipe.seed(), number));
        }
        return sequence;
    }

    private Pass pass(PassKey key) {
        boolean causal = recipe.objective().causal();
        String source = recipe.objective() == Objective.DISTILLATION
                ? DecoderSource.distillation(shape, key.length, key.divergence)
                : DecoderSource.loss(shape, key.length, causal);
        return Pass.of(manager, shape, key.length, recipe.context(), causal, source);
    }

    private Pass teaching(DecoderShape teacherShape, int length) {
        String source = DecoderSource.logits(teacherShape, length, true, true);
        return Pass.of(manager, teacherShape, length, recipe.context(), true, source);
    }

    private NDArray loss(
            Pass pass, Optional<Pass> teaching, Sequence[] part, float scale, float sharpness, NDManager inner,
            NDArray parameters) {
        Pass.Batch batch = Pass.Batch.of(inner, part, scale, mask);
        NDArray targets = batch.targets();
        if (teaching.isPresent()) {
            Torch.prepareThread(false);
            targets = teaching.get().call(inner, teacherWeights.orElseThrow(), batch).muli(sharpness);
            Torch.prepareThread(true);
        }
        NDArray flat = parameters;
        if (lora.isPresent()) {
            flat = lora.get().merged(parameters);
            flat.attach(inner);
        }
        return pass.call(inner, flat, batch, targets);
    }

    @Override
    public void export(float[] parameters, Path folder) {
        float[] weights = parameters;
        if (lora.isPresent())
            try (NDManager inner = manager.newSubManager()) {
                NDArray merged = lora.get().merged(inner.create(parameters));
                merged.attach(inner);
                weights = merged.toFloatArray();
            }
        DecoderExport export = new DecoderExport(
                recipe.name(), shape, recipe.objective(), weights, vocabulary, recipe.context());
        export.gguf(folder.resolve(recipe.name() + ".gguf"), TensorType.F16);
        if (recipe.objective().causal()) export.safetensors(folder.resolve(recipe.name()));
    }

    @Override
    public void close() {
        lora.ifPresent(Lora::close);
        passes.values().forEach(Pass::close);
        teacherPasses.values().forEach(Pass::close);
        manager.close();
    }
}
