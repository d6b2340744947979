package dev.laconic.cache;

import dev.laconic.kernels.Top;
import dev.laconic.model.Logits;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.State;
import dev.laconic.model.block.Attention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The channels of each KV head whose part in query-key products is largest on average, in texts that the model writes
 * itself.
 *
 * @param channels by layer and KV head, ascending; none where a layer has no cache
 */
record HeavyChannels(int[][][] channels) {
    private static final int TEXTS = 8;
    private static final long SEED = 20240814;

    /** Samples {@code tokens} tokens in all at temperature 1 and finds the given share of channels, at least one. */
    static HeavyChannels find(Model model, int tokens, double share, DoubleSparsity.Outliers by) {
        double[][][] sums = new double[model.layers()][0][0];
        for (Attention.Spec spec : model.architecture().attentions())
            sums[spec.layer()] = new double[spec.kvHeads()][spec.keyDimension()];
        write(model, tokens, new Watch(model.architecture().attentions(), sums, by));
        int[][][] channels = new int[sums.length][][];
        for (int layer = 0; layer < sums.length; layer++) {
            channels[layer] = new int[sums[layer].length][];
            for (int head = 0; head < sums[layer].length; head++) channels[layer][head] = heavy(model, sums[layer][head], share);
        }
        return new HeavyChannels(channels);
    }

    private static int[] heavy(Model model, double[] sums, double share) {
        float[] scores = new float[sums.length];
        for (int c = 0; c < scores.length; c++) scores[c] = (float) sums[c];
        Top top = model.kernels().top();
        int count = top.find(scores, scores.length, Math.max(1, (int) Math.ceil(share * scores.length)));
        return Arrays.copyOf(top.kept(), count);
    }

    /** Several texts at a time, each from a random token on. */
    private static void write(Model model, int tokens, SequenceHooks watch) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Sequence> texts = new ArrayList<>();
        try {
            int[] next = new int[TEXTS];
            for (int text = 0; text < TEXTS; text++) {
                texts.add(model.newSequence());
                texts.getLast().hooks(watch);
                next[text] = random.nextInt(model.vocabulary());
            }
            State state = model.newState();
            Rows rows = new Rows();
            int length = Math.min(model.parameters().context(), (tokens + TEXTS - 1) / TEXTS);
            for (int position = 0; position < length; position++) {
                rows.clear();
                for (int text = 0; text < TEXTS; text++)
                    rows.span(texts.get(text), model.architecture().mask()).token(next[text], position, true);
                model.advance(model.embed(rows, state));
                Logits logits = model.project(state);
                for (int text = 0; text < TEXTS; text++) next[text] = sample(logits, text, random.nextDouble());
            }
        } finally {
            texts.forEach(Sequence::close);
        }
    }

    private static int sample(Logits logits, int row, double at) {
        float[] values = logits.values();
        int from = logits.offset(row);
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < logits.vocabulary(); i++) max = Math.max(max, values[from + i]);
        double sum = 0;
        for (int i = 0; i < logits.vocabulary(); i++) sum += Math.exp(values[from + i] - max);
        double left = at * sum;
        int id = 0;
        while (id < logits.vocabulary() - 1 && (left -= Math.exp(values[from + id] - max)) >= 0) id++;
        return id;
    }

    private record Watch(List<Attention.Spec> specs, double[][][] sums, DoubleSparsity.Outliers by) implements SequenceHooks {
        @Override
        public boolean wantsQueries(int layer) {
            return true;
        }

        @Override
        public void beforeAttention(
                int layer, Sequence sequence, int position, int rows,
                float[] queries, int offset, int stride, float[] keys, int keyOffset, int keyStride) {
            int queryHeads = queryHeads(layer);
            int group = queryHeads / sums[layer].length;
            int dimension = sums[layer][0].length;
            for (int row = 0; row < rows; row++)
                for (int head = 0; head < queryHeads; head++) {
                    double[] sum = sums[layer][head / group];
                    int q = offset + row * stride + head * dimension;
                    int k = keyOffset + row * keyStride + head / group * dimension;
                    for (int c = 0; c < dimension; c++)
                        sum[c] += Math.abs(
                                switch (by) {
                                    case Q -> queries[q + c];
                                    case K -> keys[k + c];
                                    case QK -> queries[q + c] * keys[k + c];
                                });
                }
        }

        private int queryHeads(int layer) {
            for (Attention.Spec spec : specs) if (spec.layer() == layer) return spec.queryHeads();
            throw new IllegalStateException("layer " + layer + " has no attention");
        }
    }
}
