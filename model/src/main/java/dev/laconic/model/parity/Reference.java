package dev.laconic.model.parity;

import dev.laconic.model.Embedder.Pooling;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A model and what an independent engine computed with it.
 *
 * @param name short name
 * @param file the model file
 * @param architecture what its metadata say it is
 * @param kind {@code decoder}, {@code encoder} or {@code encoder-decoder}
 * @param source the text an encoder reads before the decoder runs
 * @param tokens the text that streams and logits are for
 * @param vectors embeddings
 * @param streams residual streams of a decoder, first to last
 * @param logits of every position of the text
 * @param rounded squared distance, relative to the reference's squares, that the recording engine itself showed when it
 *     rounded activations to 8 bits; empty for weights that need no rounding
 */
public record Reference(
        String name,
        Path file,
        String architecture,
        String kind,
        Optional<int[]> source,
        int[] tokens,
        List<Vectors> vectors,
        List<Stream> streams,
        Optional<float[]> logits,
        Optional<Greedy> greedy,
        Optional<Pair> pair,
        OptionalDouble rounded) {

    /**
     * Embeddings of a text.
     *
     * @param name what the recording calls them
     * @param pooling how they were pooled; empty for a vector of each token
     */
    public record Vectors(String name, int[] tokens, Optional<Pooling> pooling, float[] values) {}

    /**
     * The residual stream after a layer, or after the final norm.
     *
     * @param name the recording engine's name for it
     * @param layer the layer it follows; the number of layers for the final norm
     * @param values [positions, width]
     */
    public record Stream(String name, int layer, float[] values) {
        static final int FINAL_NORM = Integer.MAX_VALUE;
    }

    /**
     * The likeliest continuation.
     *
     * @param margins how much each id's logit was above the next best
     */
    public record Greedy(int[] prompt, int[] ids, double[] margins) {}

    /** Two texts run in one step; logits of every position, the first text's first. */
    public record Pair(int[] first, int[] second, float[] logits) {}
}
