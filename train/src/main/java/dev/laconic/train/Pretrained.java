package dev.laconic.train;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.Metadata;
import dev.laconic.format.gguf.GgufFile;
import dev.laconic.kernels.block.Blocks;
import dev.laconic.tokenize.train.ByteLevelBpe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A decoder that a run builds on.
 *
 * @param shape its sizes
 * @param merges its vocabulary
 * @param weights flat, as the shape lays them out
 */
record Pretrained(DecoderShape shape, List<String> merges, float[] weights) {
    static final String CHECKPOINT = "checkpoint.bin";
    static final String MERGES = "merges.txt";
    static final String RECIPE = "recipe.json";

    private static final Logger LOG = LoggerFactory.getLogger(Pretrained.class);
    private static final int MOST = 1 << 20;

    /**
     * The run of this name in a folder of runs or, where there is none, the model file of this name.
     *
     * @param models where the file of a model lies
     * @throws UsageException if there is neither
     */
    static Pretrained of(String name, Path runs, Function<String, Optional<Path>> models, String neededBy) {
        Path folder = runs.resolve(name);
        if (Files.exists(folder.resolve(CHECKPOINT)) && Files.exists(folder.resolve(RECIPE))) return run(folder, neededBy);
        Path file = models.apply(name)
                .orElseThrow(() -> new UsageException(neededBy + " builds on " + name + ", of which there is neither a run in "
                        + folder + " nor a model file: train it first"));
        LOG.warn("there is no run of {} in {}: {} builds on the rounded weights of {}", name, folder, neededBy, file);
        return file(file);
    }

    private static Pretrained run(Path folder, String neededBy) {
        Recipe recipe = Recipe.read(folder.resolve(RECIPE).toString());
        if (recipe.adapter().isPresent())
            throw new UsageException(neededBy + " cannot build on " + recipe.name() + ", which has adapters alone");
        DecoderShape shape = recipe.decoder();
        try {
            return new Pretrained(
                    shape,
                    Files.readAllLines(folder.resolve(MERGES)),
                    Checkpoint.read(folder.resolve(CHECKPOINT), shape.parameters()).weights());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder.resolve(MERGES), e);
        }
    }

    /** Reads what {@link DecoderExport#gguf} wrote, or any GGUF file of such a llama with the house vocabulary. */
    static Pretrained file(Path gguf) {
        try (GgufFile file = GgufFile.open(gguf)) {
            Metadata metadata = file.metadata();
            String arch = metadata.requireString("general.architecture");
            if (!arch.equals("llama"))
                throw new MalformedInputException(gguf.toString(), "general.architecture", arch, "llama");
            DecoderShape shape = shape(metadata);
            requireRoom(gguf, file, shape);
            float[] weights = new float[shape.parameters()];
            for (DecoderPart part : DecoderPart.of(shape)) {
                Tensor tensor = Optional.ofNullable(file.tensors().get(part.gguf()))
                        .orElseThrow(() -> new MalformedInputException(
                                gguf.toString(), part.gguf(), "no such tensor", part.rows() + " x " + part.columns()));
                if (tensor.elements() != (long) part.rows() * part.columns())
                    throw new MalformedInputException(
                            gguf.toString(), part.gguf(), tensor.shape(), part.rows() + " x " + part.columns());
                float[] values = Blocks.decode(tensor);
                if (part.rotated()) part.restore(values, weights, shape.headSize());
                else System.arraycopy(values, 0, weights, part.offset(), values.length);
            }
            return new Pretrained(shape, merges(metadata), weights);
        }
    }

    /** Sizes are believed only if the file has as many numbers. */
    private static void requireRoom(Path gguf, GgufFile file, DecoderShape shape) {
        long found = file.tensors().values().stream().mapToLong(Tensor::elements).sum();
        double width = shape.width();
        double attention = (2.0 * shape.heads() + 2.0 * shape.kvHeads()) * shape.headSize() * width;
        double layer = attention + 3.0 * shape.hidden() * width + 2 * width;
        double expected = shape.vocabulary() * width + shape.layers() * layer + width;
        if (expected > Math.min(found, Integer.MAX_VALUE))
            throw new MalformedInputException(
                    gguf.toString(), "sizes", "%.0f weights".formatted(expected), "no more than the file's " + found);
    }

    private static DecoderShape shape(Metadata metadata) {
        int width = metadata.requireInt("llama.embedding_length", 1, MOST);
        int heads = metadata.requireInt("llama.attention.head_count", 1, MOST);
        return new DecoderShape(
                metadata.requireInt("llama.block_count", 1, MOST),
                width,
                heads,
                metadata.integer("llama.attention.head_count_kv", 1, heads).orElse(heads),
                metadata.integer("llama.attention.key_length", 1, MOST).orElse(width / heads),
                metadata.requireInt("llama.feed_forward_length", 1, MOST),
                metadata.requireInt("llama.vocab_size", 1, MOST),
                metadata.number("llama.rope.freq_base").orElse(10_000.0).floatValue(),
                metadata.number("llama.attention.layer_norm_rms_epsilon").orElse(1e-5).floatValue());
    }

    private static List<String> merges(Metadata metadata) {
        List<String> merges = metadata.strings("tokenizer.ggml.merges").orElse(List.of());
        List<String> tokens = metadata.strings("tokenizer.ggml.tokens").orElse(List.of());
        if (!ByteLevelBpe.parse(ChatFormat.SPECIALS, merges).tokens().equals(tokens))
            throw new MalformedInputException(
                    metadata.source(), "tokenizer.ggml.tokens", "other tokens", "those of a model that was trained here");
        return merges;
    }
}
