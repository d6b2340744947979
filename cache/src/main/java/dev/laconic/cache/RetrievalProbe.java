package dev.laconic.cache;

import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.State;
import dev.laconic.model.block.Attention;
import dev.laconic.model.kv.HeadCache;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How much each query head attends, in a random text that is repeated, to earlier occurrences of the row's own token
 * (echo) and to the tokens that followed them (induction): means over the rows after the first repeat.
 *
 * @param layers how many there are
 * @param groups query heads that share a KV head, by layer; 0 where a layer has no cache
 * @param echo by layer and query head
 * @param induction by layer and query head
 */
record RetrievalProbe(int layers, int[] groups, double[][] echo, double[][] induction) {
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
        int[] text = new int[REPEATS * length];
        for (int i = 0; i < text.length; i++) text[i] = once[i % length];
        try (Sequence sequence = model.newSequence()) {
            sequence.hooks(new Watch(length, echo, induction));
            State state = model.newState();
            Rows rows = new Rows();
            for (int from = 0; from < text.length; from += CHUNK) {
                model.embed(rows.clear().append(sequence, text, from, Math.min(text.length, from + CHUNK), false), state);
                model.advance(state);
            }
        }
        int counted = text.length - length;
        for (double[][] scores : List.of(echo, induction))
            for (double[] layer : scores) for (int head = 0; head < layer.length; head++) layer[head] /= counted;
        return new RetrievalProbe(model.layers(), groups, echo, induction);
    }

    private record Watch(int length, double[][] echo, double[][] induction) implements SequenceHooks {
        @Override
        public boolean wantsProbabilities(int layer) {
            return true;
        }

        @Override
        public boolean wantsProbabilities(int layer, int from, int to) {
            return to > length;
        }

        @Override
        public void probabilities(
                int layer, int queryHead, int position, HeadCache entries, float[] probabilities, int offset) {
            for (int earlier = position - length; earlier >= 0; earlier -= length) {
                echo[layer][queryHead] += probabilities[offset + earlier];
                induction[layer][queryHead] += probabilities[offset + earlier + 1];
            }
        }
    }

    private record Scored(int index, double score) {}

    /** Which of all query heads, numbered through, are among the best; the share is rounded up. */
    boolean[] best(double[][] scores, double share) {
        List<Scored> all = new ArrayList<>();
        for (double[] layer : scores) for (double score : layer) all.add(new Scored(all.size(), score));
        all.sort(Comparator.comparingDouble(Scored::score).reversed());
        boolean[] best = new boolean[all.size()];
        long count = Math.min(all.size(), (long) Math.ceil(share * all.size()));
        for (int i = 0; i < count; i++) best[all.get(i).index()] = true;
        return best;
    }

    /** The KV heads, by layer, of query heads that one of the two names. */
    boolean[][] kvHeads(boolean[] some, boolean[] others) {
        boolean[][] heads = new boolean[layers][];
        int at = 0;
        for (int layer = 0; layer < layers; layer++) {
            int queryHeads = echo[layer].length;
            heads[layer] = new boolean[queryHeads == 0 ? 0 : queryHeads / groups[layer]];
            for (int head = 0; head < queryHeads; head++, at++)
                if (some[at] || others[at]) heads[layer][head / groups[layer]] = true;
        }
        return heads;
    }
}
