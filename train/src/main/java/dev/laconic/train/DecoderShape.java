package dev.laconic.train;

import dev.laconic.core.error.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The sizes of a llama-family decoder with tied embeddings, and where each of its weights lies in one flat vector. Query,
 * key and value projections lie together, as do the gate and up projections. Queries and keys rotate halves of a head
 * against each other, as Hugging Face's llama does.
 *
 * @param layers at least 1
 * @param width length of a hidden row
 * @param heads query heads
 * @param kvHeads key and value heads, a divisor of {@code heads}
 * @param headSize length of a head, even
 * @param hidden width of the feed-forward layer
 * @param vocabulary number of tokens
 * @param ropeBase base of the rotation's frequencies
 * @param epsilon added to the mean square in RMS norms
 */
public record DecoderShape(
        int layers,
        int width,
        int heads,
        int kvHeads,
        int headSize,
        int hidden,
        int vocabulary,
        float ropeBase,
        float epsilon) {

    /** A weight: rows x columns from {@code offset} on in the flat vector; a norm has one row. */
    record Weight(String name, int offset, int rows, int columns) {
        int size() {
            return rows * columns;
        }

        boolean isNorm() {
            return rows == 1;
        }
    }

    List<Weight> weights() {
        List<Weight> weights = new ArrayList<>();
        add(weights, "embedding", vocabulary, width);
        for (int l = 0; l < layers; l++) {
            add(weights, "attention-norm." + l, 1, width);
            add(weights, "qkv." + l, (heads + 2 * kvHeads) * headSize, width);
            add(weights, "output." + l, width, heads * headSize);
            add(weights, "feed-forward-norm." + l, 1, width);
            add(weights, "gate-up." + l, 2 * hidden, width);
            add(weights, "down." + l, width, hidden);
        }
        add(weights, "norm", 1, width);
        return weights;
    }

    private static void add(List<Weight> weights, String name, int rows, int columns) {
        int offset = weights.isEmpty() ? 0 : weights.getLast().offset() + weights.getLast().size();
        weights.add(new Weight(name, offset, rows, columns));
    }

    /** Length of the flat vector. */
    public int parameters() {
        Weight last = weights().getLast();
        return last.offset() + last.size();
    }

    /** Random weights to begin with: norms 1, matrices normal, those that write to the residual stream smaller. */
    float[] initial(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        float[] flat = new float[parameters()];
        for (Weight weight : weights()) {
            double deviation = weight.name().equals("embedding")
                    ? 0.02
                    : 0.5 / Math.sqrt(weight.columns())
                            / (weight.rows() == width ? Math.sqrt(2 * layers) : 1);
            for (int i = 0; i < weight.size(); i++)
                flat[weight.offset() + i] = weight.isNorm() ? 1 : (float) (deviation * random.nextGaussian());
        }
        return flat;
    }

    /**
     * The weights of a model with fewer layers, with layers of its own above them that change nothing at first.
     *
     * @throws UsageException if the models differ in more than their number of layers
     */
    float[] grown(DecoderShape from, float[] weights, long seed) {
        DecoderShape same =
                new DecoderShape(from.layers, width, heads, kvHeads, headSize, hidden, vocabulary, ropeBase, epsilon);
        if (!same.equals(from) || from.layers > layers)
            throw new UsageException("a model " + this + " cannot begin with the weights of " + from);
        float[] flat = initial(seed);
        List<Weight> old = from.weights();
        for (Weight weight : weights()) {
            Optional<Weight> source =
                    old.stream().filter(w -> w.name().equals(weight.name())).findFirst();
            if (source.isPresent())
                System.arraycopy(weights, source.get().offset(), flat, weight.offset(), weight.size());
            else if (weight.name().startsWith("output.") || weight.name().startsWith("down."))
                Arrays.fill(flat, weight.offset(), weight.offset() + weight.size(), 0);
        }
        return flat;
    }

    /** 1 where weight decay applies: matrices other than the embedding. */
    float[] decayed() {
        float[] flat = new float[parameters()];
        for (Weight weight : weights())
            if (!weight.isNorm() && !weight.name().equals("embedding"))
                Arrays.fill(flat, weight.offset(), weight.offset() + weight.size(), 1);
        return flat;
    }
}
