package dev.laconic.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The sizes of a BERT encoder with one segment, and where each of its weights lies in one flat vector.
 *
 * @param layers at least 1
 * @param width length of a hidden row
 * @param heads a divisor of {@code width}
 * @param hidden width of the feed-forward layer
 * @param vocabulary number of tokens
 * @param positions longest text
 * @param epsilon added to the variance in layer norms
 */
public record EncoderShape(int layers, int width, int heads, int hidden, int vocabulary, int positions, float epsilon) {
    private static final double DEVIATION = 0.02;

    /**
     * A weight: rows x columns from {@code offset} on in the flat vector.
     *
     * @param name as GGUF has it
     */
    record Weight(String name, int offset, int rows, int columns) {
        int size() {
            return rows * columns;
        }

        boolean isVector() {
            return rows == 1;
        }
    }

    List<Weight> weights() {
        List<Weight> weights = new ArrayList<>();
        add(weights, "token_embd.weight", vocabulary, width);
        add(weights, "position_embd.weight", positions, width);
        addVectors(weights, "token_embd_norm", width, true);
        for (int l = 0; l < layers; l++) {
            String layer = "blk." + l + ".";
            for (String projection : new String[] {"attn_q", "attn_k", "attn_v", "attn_output"}) {
                add(weights, layer + projection + ".weight", width, width);
                addVectors(weights, layer + projection, width, false);
            }
            addVectors(weights, layer + "attn_output_norm", width, true);
            add(weights, layer + "ffn_up.weight", hidden, width);
            addVectors(weights, layer + "ffn_up", hidden, false);
            add(weights, layer + "ffn_down.weight", width, hidden);
            addVectors(weights, layer + "ffn_down", width, false);
            addVectors(weights, layer + "layer_output_norm", width, true);
        }
        return weights;
    }

    private static void addVectors(List<Weight> weights, String name, int size, boolean norm) {
        if (norm) add(weights, name + ".weight", 1, size);
        add(weights, name + ".bias", 1, size);
    }

    private static void add(List<Weight> weights, String name, int rows, int columns) {
        int offset = weights.isEmpty() ? 0 : weights.getLast().offset() + weights.getLast().size();
        weights.add(new Weight(name, offset, rows, columns));
    }

    /** Length of the flat vector. */
    int parameters() {
        Weight last = weights().getLast();
        return last.offset() + last.size();
    }

    /** Random weights to begin with: norms 1, biases 0, matrices normal. */
    float[] initial(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        float[] flat = new float[parameters()];
        for (Weight weight : weights())
            for (int i = 0; i < weight.size(); i++)
                flat[weight.offset() + i] = !weight.isVector()
                        ? (float) (DEVIATION * random.nextGaussian())
                        : weight.name().endsWith(".weight") ? 1 : 0;
        return flat;
    }

    /** 1 where weight decay applies: matrices other than the embeddings. */
    float[] decayed() {
        float[] flat = new float[parameters()];
        for (Weight weight : weights())
            if (!weight.isVector() && weight.name().startsWith("blk."))
                Arrays.fill(flat, weight.offset(), weight.offset() + weight.size(), 1);
        return flat;
    }
}
