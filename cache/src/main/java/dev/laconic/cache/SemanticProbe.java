package dev.laconic.cache;

import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.Top;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.block.Attention;
import dev.laconic.model.kv.HeadCache;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Which query heads look at a needle as a whole while the model says it, and how much each layer's attention loses when its
 * cache holds a few entries that these heads choose.
 *
 * <p>A text of random tokens has a needle somewhere, then its first tokens again; the rest of it is the answer, given to the
 * model token by token. A head's score is the attention that the rows which say the answer pay to all of the needle. A
 * layer's error is {@code |O' - O| / |O|}, summed over these rows, where O is what its heads attend to and O' the same over
 * {@value #KEPT} entries; errors of a text are divided by their sum. Both are means over texts whose needles lie at
 * different depths.
 *
 * @param heads by layer and query head, whether it is among those of highest score
 * @param errors by layer; they sum to one
 */
record SemanticProbe(boolean[][] heads, double[] errors) {
    private static final int TEXTS = 5;
    private static final int NEEDLE = 32;
    private static final int KEPT = 32;
    private static final double EPSILON = 1e-5;
    private static final long SEED = 20250804;

    /** A text, its needle's place and the rows that say the answer: all but the last token of the text. */
    private record Text(int[] tokens, int needle, int needleEnd, int answer) {}

    /**
     * Runs the texts twice.
     *
     * @param length tokens before the question
     * @param window newest rows whose attention chooses the entries
     * @param kernel neighbouring entries whose worth is averaged
     * @param perLayer query heads that are chosen in each layer
     */
    static SemanticProbe run(Model model, int length, int window, int kernel, int perLayer) {
        double[][] scores = new double[model.layers()][0];
        for (Attention.Spec spec : model.architecture().attentions()) scores[spec.layer()] = new double[spec.queryHeads()];
        for (int i = 0; i < TEXTS; i++) {
            Text text = text(model, length, i);
            try (Sequence sequence = model.newSequence()) {
                sequence.hooks(new Needle(text, scores));
                RetrievalProbe.compute(model, sequence, text.tokens, 0, text.tokens.length - 1);
            }
        }
        boolean[][] heads = new boolean[scores.length][];
        for (int layer = 0; layer < heads.length; layer++) heads[layer] = best(scores[layer], perLayer);
        double[] errors = new double[scores.length];
        for (int i = 0; i < TEXTS; i++) {
            Text text = text(model, length, i);
            double[] lost = errors(model, text, heads, window, kernel);
            double all = Arrays.stream(lost).sum();
            for (int layer = 0; layer < errors.length; layer++)
                errors[layer] += (all > 0 ? lost[layer] / all : 1.0 / errors.length) / TEXTS;
        }
        return new SemanticProbe(heads, errors);
    }

    private static Text text(Model model, int length, int which) {
        int needle = Math.clamp(length / 4, 2, NEEDLE);
        int cue = Math.max(1, needle / 4);
        int[] start = RetrievalProbe.start(model);
        int[] body = new SplittableRandom(SEED + which).ints(length, 0, model.vocabulary()).toArray();
        int at = (int) ((long) (length - needle) * (2 * which + 1) / (2 * TEXTS));
        int[] tokens = Arrays.copyOf(start, start.length + length + needle);
        System.arraycopy(body, 0, tokens, start.length, length);
        System.arraycopy(body, at, tokens, start.length + length, needle);
        return new Text(tokens, start.length + at, start.length + at + needle, start.length + length + cue - 1);
    }

    private static boolean[] best(double[] scores, int count) {
        boolean[] best = new boolean[scores.length];
        IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer head) -> scores[head]).reversed())
                .limit(count)
                .forEach(head -> best[head] = true);
        return best;
    }

    private static double[] errors(Model model, Text text, boolean[][] heads, int window, int kernel) {
        int kept = Math.min(KEPT, text.answer / 4);
        int asked = Math.min(window, kept / 2);
        double[] errors = new double[heads.length];
        try (Sequence sequence = model.newSequence()) {
            Window seen = new Window(heads, text.answer - asked, new float[heads.length][][]);
            for (int layer = 0; layer < heads.length; layer++)
                seen.attention[layer] = new float[heads[layer].length][text.answer];
            sequence.hooks(seen);
            RetrievalProbe.compute(model, sequence, text.tokens, 0, text.answer);
            boolean[][] left = new boolean[heads.length][];
            for (int layer = 0; layer < heads.length; layer++)
                left[layer] = chosen(model.kernels(), seen.attention[layer], text.answer, kept, asked, kernel);
            int rows = text.tokens.length - 1 - text.answer;
            Loss loss = new Loss(left, text.answer, new double[heads.length][][], new double[heads.length][][]);
            for (int layer = 0; layer < heads.length; layer++) {
                loss.lost[layer] = new double[heads[layer].length][rows];
                loss.whole[layer] = new double[heads[layer].length][rows];
            }
            sequence.hooks(loss);
            RetrievalProbe.compute(model, sequence, text.tokens, text.answer, text.tokens.length - 1);
            for (int layer = 0; layer < heads.length; layer++)
                for (int row = 0; row < rows; row++)
                    errors[layer] += Math.sqrt(sum(loss.lost[layer], row))
                            / (Math.sqrt(sum(loss.whole[layer], row)) + EPSILON);
        }
        return errors;
    }

    private static double sum(double[][] heads, int row) {
        double sum = 0;
        for (double[] head : heads) sum += head[row];
        return sum;
    }

    private static boolean[] chosen(Kernels kernels, float[][] attention, int size, int count, int window, int kernel) {
        boolean[] chosen = new boolean[size];
        float[] seen = new float[size];
        float[] worth = new float[size];
        for (float[] head : attention) for (int i = 0; i < size; i++) seen[i] += head[i];
        Pooling.MEAN.pool(seen, size - window, kernel, worth);
        Top top = kernels.top();
        int found = top.find(worth, size - window, count - window);
        for (int i = 0; i < found; i++) chosen[top.kept()[i]] = true;
        Arrays.fill(chosen, size - window, size, true);
        return chosen;
    }

    private record Needle(Text text, double[][] scores) implements SequenceHooks {
        @Override
        public boolean wantsProbabilities(int layer) {
            return true;
        }

        @Override
        public boolean wantsProbabilities(int layer, int from, int to) {
            return to > text.answer;
        }

        @Override
        public void probabilities(
                int layer, int queryHead, int position, HeadCache entries, float[] probabilities, int offset) {
            if (position < text.answer) return;
            for (int i = text.needle; i < text.needleEnd; i++) scores[layer][queryHead] += probabilities[offset + i];
        }
    }

    /** What the chosen heads' rows from {@code first} on attend to. */
    private record Window(boolean[][] heads, int first, float[][][] attention) implements SequenceHooks {
        @Override
        public boolean wantsProbabilities(int layer) {
            return true;
        }

        @Override
        public boolean wantsProbabilities(int layer, int from, int to) {
            return to > first;
        }

        @Override
        public void probabilities(
                int layer, int queryHead, int position, HeadCache entries, float[] probabilities, int offset) {
            if (position < first || !heads[layer][queryHead]) return;
            for (int i = 0; i < entries.size(); i++) attention[layer][queryHead][i] += probabilities[offset + i];
        }
    }

    /** Squared lengths, by layer, query head and row, of what is attended to and of what is lost of it. */
    private record Loss(boolean[][] left, int first, double[][][] lost, double[][][] whole) implements SequenceHooks {
        @Override
        public boolean wantsProbabilities(int layer) {
            return true;
        }

        @Override
        public void probabilities(
                int layer, int queryHead, int position, HeadCache entries, float[] probabilities, int offset) {
            int dimension = entries.format().valueDimension();
            float[] value = new float[dimension];
            double[] all = new double[dimension];
            double[] some = new double[dimension];
            double mass = 1;
            for (int i = 0; i < entries.size(); i++) {
                float probability = probabilities[offset + i];
                if (probability == 0) continue;
                boolean kept = i >= first || left[layer][i];
                if (!kept) mass -= probability;
                entries.readValue(i, value, 0);
                for (int c = 0; c < dimension; c++) {
                    all[c] += probability * value[c];
                    if (kept) some[c] += probability * value[c];
                }
            }
            double length = 0;
            double difference = 0;
            for (int c = 0; c < dimension; c++) {
                length += all[c] * all[c];
                double rest = some[c] / Math.max(mass, EPSILON) - all[c];
                difference += rest * rest;
            }
            whole[layer][queryHead][position - first] = length;
            lost[layer][queryHead][position - first] = difference;
        }
    }
}
