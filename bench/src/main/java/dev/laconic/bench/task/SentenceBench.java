package dev.laconic.bench.task;

import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Score;
import dev.laconic.bench.workload.Split;
import dev.laconic.model.Embedder;
import dev.laconic.tokenize.EncodeOptions;
import dev.laconic.tokenize.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * Whether vectors of texts that belong together are alike: of some sentences from all over a text, which follows the one
 * that is given?
 *
 * @param vectors how often the nearest vector (cosine) is the right sentence's
 * @param words the same by the share of words that two sentences have in common (Jaccard), which knows nothing
 * @param choices sentences to choose from
 */
public record SentenceBench(Score vectors, Score words, int choices) {
    private static final int MOST_TOKENS = 128;

    /**
     * Asks for the successor of {@code count} sentences of the test split, rounded up to whole groups of {@code choices}.
     *
     * @param embedder vectors of length 1
     * @param cancelled ends the run with what has been counted so far
     */
    public static SentenceBench of(
            Embedder embedder, Tokenizer tokenizer, Prose prose, int choices, int count, BooleanSupplier cancelled) {
        Score vectors = new Score(0, 0);
        Score words = new Score(0, 0);
        for (int group = 0; vectors.total() < count && !cancelled.getAsBoolean(); group++) {
            RandomGenerator random = Split.TEST.random("sentences", group);
            List<String> given = new ArrayList<>();
            List<String> following = new ArrayList<>();
            for (int i = 0; i < choices; i++) {
                List<String> pair = prose.consecutive(random, 2);
                given.add(pair.getFirst());
                following.add(pair.getLast());
            }
            List<float[]> from = embedder.embed(ids(tokenizer, given));
            List<float[]> to = embedder.embed(ids(tokenizer, following));
            List<Set<String>> fromWords = given.stream().map(SentenceBench::words).toList();
            List<Set<String>> toWords = following.stream().map(SentenceBench::words).toList();
            for (int i = 0; i < choices; i++) {
                float[] vector = from.get(i);
                Set<String> said = fromWords.get(i);
                vectors = vectors.plus(nearest(choices, other -> dot(vector, to.get(other))) == i);
                words = words.plus(nearest(choices, other -> inCommon(said, toWords.get(other))) == i);
            }
        }
        return new SentenceBench(vectors, words, choices);
    }

    private static int nearest(int choices, IntToDoubleFunction likeness) {
        int best = 0;
        for (int i = 1; i < choices; i++) if (likeness.applyAsDouble(i) > likeness.applyAsDouble(best)) best = i;
        return best;
    }

    static List<int[]> ids(Tokenizer tokenizer, List<String> texts) {
        return texts.stream()
                .map(text -> tokenizer.ids(text, EncodeOptions.PROMPT))
                .map(ids -> Arrays.copyOf(ids, Math.min(ids.length, MOST_TOKENS)))
                .toList();
    }

    static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) sum += a[i] * b[i];
        return sum;
    }

    static Set<String> words(String text) {
        return new HashSet<>(Arrays.asList(text.toLowerCase(Locale.ROOT).split("\\P{L}+")));
    }

    static double inCommon(Set<String> a, Set<String> b) {
        Set<String> both = new HashSet<>(a);
        both.retainAll(b);
        return (double) both.size() / (a.size() + b.size() - both.size());
    }
}
