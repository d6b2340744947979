package dev.laconic.cache;

import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.State;
import dev.laconic.model.block.Attention;
import dev.laconic.model.kv.HeadCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How much each query head attends, in a random text that is repeated, to earlier occurrences of the row's own token
 * (echo) and to the tokens that followed them (induction): means over the rows after the first repeat.
 *
 * @param groups query heads that share a KV head, by layer; 0 where a layer has no cache
 * @param echo by layer and query head
 * @param induction by layer and query head
 */
record RetrievalProbe(int[] groups, double[][] echo, double[][] induction) {
    static final int REPEATS = 4;
    private static final int CHUNK = 256;
    private static final long SEED = 20240722;

    /** Runs {@code length} random tokens, {@value #REPEATS} times over. */
    static RetrievalProbe run(Model model, int length) {
        int[] groups = new int[model.layers()];
        double[][] echo = new double[model.layers()][0];
        double[][] induction = new double[model.layers()][0];
        for (Attention.Spec spec : model.architecture().attentions()) {
            groups[spec.layer()] = spec.queryHeads() / spec.kvHeads();
            echo[spec.layer()] = new double[spec.queryHeads()];
            induction[spec.layer()] = new double[spec.queryHeads()];
        }
        int[] once = new SplittableRandom(SEED).ints(length, 0, model.vocabulary()).toArray();
        int[] start = start(model);
        int[] text = Arrays.copyOf(start, start.length + REPEATS * length);
        for (int i = start.length; i < text.length; i++) text[i] = once[(i - start.length) % length];
        try (Sequence sequence = model.newSequence()) {
            sequence.hooks(new Watch(start.length, length, echo, induction));
            compute(model, sequence, text, 0, text.length);
        }
        int counted = (REPEATS - 1) * length;
        for (double[][] scores : List.of(echo, induction))
            for (double[] layer : scores) for (int head = 0; head < layer.length; head++) layer[head] /= counted;
        return new RetrievalProbe(groups, echo, induction);
    }

    /** The token that the model's texts begin with, if its file names one. */
    static int[] start(Model model) {
        return model.parameters()
                .metadata()
                .integer("tokenizer.ggml.bos_token_id", 0, model.vocabulary() - 1)
                .map(id -> new int[] {id})
                .orElse(new int[0]);
    }

    /** Carries tokens {@code from} to {@code to} of a text through all layers, in parts. */
    static void compute(Model model, Sequence sequence, int[] text, int from, int to) {
        State state = model.newState();
        Rows rows = new Rows();
        for (int at = from; at < to; at += CHUNK) {
            model.embed(rows.clear().append(sequence, text, at, Math.min(to, at + CHUNK), false), state);
            model.advance(state);
        }
    }

    private record Watch(int start, int length, double[][] echo, double[][] induction) implements SequenceHooks {
        @Override
        public boolean wantsProbabilities(int layer) {
            return true;
        }

        @Override
        public boolean wantsProbabilities(int layer, int from, int to) {
            return to > start + length;
        }

        @Override
        public void probabilities(
                int layer, int queryHead, int position, HeadCache entries, float[] probabilities, int offset) {
            for (int earlier = position - length; earlier >= start; earlier -= length) {
                echo[layer][queryHead] += probabilities[offset + earlier];
                induction[layer][queryHead] += probabilities[offset + earlier + 1];
            }
        }
    }

    private record Scored(int layer, int head, double score) {}

    /**
     * The KV heads, by layer, that are among the best by induction or by echo; each counts as the best of its query heads
     * does, and shares are rounded up.
     */
    boolean[][] kvHeads(double byInduction, double byEcho) {
        boolean[][] heads = new boolean[groups.length][];
        for (int layer = 0; layer < heads.length; layer++)
            heads[layer] = new boolean[groups[layer] == 0 ? 0 : echo[layer].length / groups[layer]];
        mark(heads, induction, byInduction);
        mark(heads, echo, byEcho);
        return heads;
    }

    private void mark(boolean[][] heads, double[][] scores, double share) {
        List<Scored> all = new ArrayList<>();
        for (int layer = 0; layer < heads.length; layer++)
            for (int head = 0; head < heads[layer].length; head++) {
                int first = head * groups[layer];
                double best = Arrays.stream(scores[layer], first, first + groups[layer]).max().orElseThrow();
                all.add(new Scored(layer, head, best));
            }
        all.sort(Comparator.comparingDouble(Scored::score).reversed());
        long count = (long) Math.ceil(share * all.size());
        all.stream().limit(count).forEach(each -> heads[each.layer][each.head] = true);
    }
}
