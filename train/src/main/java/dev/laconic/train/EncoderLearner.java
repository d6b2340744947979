package dev.laconic.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Split;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.gguf.GgufWriter;
import dev.laconic.kernels.block.Blocks;
import dev.laconic.tokenize.train.ByteLevelBpe;
import dev.laconic.train.EncoderShape.Weight;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A BERT encoder that learns from pairs of texts that belong together: to name hidden tokens, and to tell by mean vectors
 * which of a batch belongs to which (in-batch contrast). A pair is two consecutive sentences, or two crops of one passage
 * of which some words are missing (Izacard et al., Contriever, 2112.09118).
 */
final class EncoderLearner implements Learner {
    private static final int PART_TOKENS = 4096;
    private static final double HIDDEN = 0.15;
    private static final int MEAN_POOLING = 1;
    private static final double CROPPED = 0.5;
    private static final double SHORTEST_CROP = 0.4;
    private static final double MISSING = 0.15;

    private final Recipe recipe;
    private final EncoderShape shape;
    private final ByteLevelBpe vocabulary;
    private final Prose prose;
    private final int begin;
    private final int separator;
    private final int pad;
    private final int mask;
    private final Map<Integer, Script> scripts = new HashMap<>();

    EncoderLearner(Recipe recipe, ByteLevelBpe vocabulary, Prose prose) {
        this.recipe = recipe;
        this.vocabulary = vocabulary;
        this.prose = prose;
        shape = recipe.encoder().orElseThrow();
        begin = vocabulary.special(ChatFormat.CLASS);
        separator = vocabulary.special(ChatFormat.SEPARATOR);
        pad = vocabulary.special(ChatFormat.PAD);
        mask = vocabulary.special(ChatFormat.MASK);
    }

    @Override
    public float[] initial() {
        return shape.initial(recipe.seed());
    }

    @Override
    public float[] decayed() {
        return shape.decayed();
    }

    @Override
    public List<Loss> losses(Recipe.Stage stage, int length, int step, Workers workers) {
        Script script = scripts.computeIfAbsent(length, l -> Torch.compile(EncoderSource.loss(shape, l)));
        int perPart = Math.max(2, PART_TOKENS / length);
        int parts = Math.max(1, stage.tokensPerStep() / length / perPart);
        List<Loss> losses = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            RandomGenerator random =
                    Split.TRAIN.random("sentences-" + recipe.seed(), ((long) step << 12) + part);
            losses.add((inner, parameters) -> loss(script, perPart, length, random, inner, parameters)
                    .div(parts));
        }
        return losses;
    }

    private NDArray loss(
            Script script, int texts, int length, RandomGenerator random, NDManager inner, NDArray parameters) {
        long[] ids = new long[texts * length];
        float[] present = new float[ids.length];
        long[] rows = new long[ids.length];
        long[] targets = new long[ids.length];
        long[] partners = new long[texts];
        Arrays.fill(ids, pad);
        int hidden = 0;
        for (int text = 0; text < texts; text += 2) {
            List<String> pair = pair(random);
            for (int i = 0; i < 2; i++) {
                partners[text + i] = text + 1 - i;
                int[] tokens = tokens(pair.get(i), length);
                for (int t = 0; t < tokens.length; t++) {
                    int at = (text + i) * length + t;
                    present[at] = 1;
                    ids[at] = tokens[t];
                    boolean inside = t > 0 && t < tokens.length - 1;
                    if (!inside || random.nextDouble() >= HIDDEN && (hidden > 0 || text + 2 < texts)) continue;
                    rows[hidden] = at;
                    targets[hidden++] = tokens[t];
                    ids[at] = mask;
                }
            }
        }
        NDArray loss = script.call(
                        parameters,
                        inner.create(ids, new Shape(texts, length)),
                        inner.create(present, new Shape(texts, length)),
                        inner.create(Arrays.copyOf(rows, hidden)),
                        inner.create(Arrays.copyOf(targets, hidden)),
                        inner.create(partners))
                .head();
        loss.attach(inner);
        return loss;
    }

    private List<String> pair(RandomGenerator random) {
        if (random.nextDouble() >= CROPPED) return prose.consecutive(random, 2);
        String[] words = String.join(" ", prose.consecutive(random, 1 + random.nextInt(2))).split("\\s+");
        return List.of(crop(words, random), crop(words, random));
    }

    private static String crop(String[] words, RandomGenerator random) {
        int size = (int) Math.ceil(words.length * random.nextDouble(SHORTEST_CROP, 1));
        int from = random.nextInt(words.length - size + 1);
        StringBuilder crop = new StringBuilder(words[from]);
        for (int i = 1; i < size; i++) if (random.nextDouble() >= MISSING) crop.append(' ').append(words[from + i]);
        return crop.toString();
    }

    private int[] tokens(String text, int length) {
        int[] body = vocabulary.encode(text);
        int[] tokens = new int[Math.min(body.length, length - 2) + 2];
        System.arraycopy(body, 0, tokens, 1, tokens.length - 2);
        tokens[0] = begin;
        tokens[tokens.length - 1] = separator;
        return tokens;
    }

    /** The mean vector of a text in PyTorch, in float32. */
    static float[] pooled(EncoderShape shape, float[] weights, int... ids) {
        Torch.prepareThread(false);
        try (NDManager manager = Torch.newManager();
                Script script = Torch.compile(EncoderSource.pooled(shape, ids.length))) {
            long[] tokens = Arrays.stream(ids).asLongStream().toArray();
            NDArray none = manager.create(new long[1]);
            NDArray result = script.call(
                            manager.create(weights),
                            manager.create(tokens, new Shape(1, ids.length)),
                            manager.ones(new Shape(1, ids.length)),
                            none,
                            none,
                            none)
                    .head();
            result.attach(manager);
            return result.toFloatArray();
        }
    }

    @Override
    public void export(float[] parameters, Path folder) {
        GgufWriter gguf = new GgufWriter()
                .string("general.architecture", "bert")
                .string("general.type", "model")
                .string("general.name", recipe.name())
                .string("general.license", DecoderExport.LICENCE)
                .uint32("bert.vocab_size", shape.vocabulary())
                .uint32("bert.context_length", shape.positions())
                .uint32("bert.embedding_length", shape.width())
                .uint32("bert.block_count", shape.layers())
                .uint32("bert.feed_forward_length", shape.hidden())
                .uint32("bert.attention.head_count", shape.heads())
                .float32("bert.attention.layer_norm_epsilon", shape.epsilon())
                .bool("bert.attention.causal", false)
                .uint32("bert.pooling_type", MEAN_POOLING);
        TokenizerFiles.write(gguf, vocabulary);
        gguf.uint32("tokenizer.ggml.bos_token_id", begin)
                .uint32("tokenizer.ggml.cls_token_id", begin)
                .uint32("tokenizer.ggml.eos_token_id", separator)
                .uint32("tokenizer.ggml.seperator_token_id", separator)
                .bool("tokenizer.ggml.add_eos_token", true);
        for (Weight weight : shape.weights()) {
            float[] values = Arrays.copyOfRange(parameters, weight.offset(), weight.offset() + weight.size());
            if (weight.isVector()) gguf.tensor(Tensor.of(weight.name(), values, weight.columns()));
            else
                gguf.tensor(
                        weight.name(),
                        TensorType.F16,
                        List.of((long) weight.rows(), (long) weight.columns()),
                        out -> out.accept(encoded(values)));
        }
        gguf.write(folder.resolve(recipe.name() + ".gguf"));
    }

    private static MemorySegment encoded(float[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[2 * values.length]);
        Blocks.encoder(TensorType.F16).encode(values, 0, values.length, bytes, 0);
        return bytes;
    }

    @Override
    public void close() {
        scripts.values().forEach(Script::close);
    }
}
