package dev.laconic.tokenize.train;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;

/**
 * Learns a {@link ByteLevelBpe} vocabulary: as long as there is room, the most frequent pair of neighbouring tokens
 * inside a piece becomes a token; of equally frequent pairs, the one with the smaller ids. The same text gives the same
 * vocabulary.
 */
public final class BpeTrainer {
    private final Map<String, Long> pieces = new TreeMap<>();

    /** Counts the pieces of {@code text}. */
    public void add(String text) {
        Matcher matcher = ByteLevelBpe.split(text);
        while (matcher.find()) pieces.merge(matcher.group(), 1L, Long::sum);
    }

    /**
     * @param specials the special tokens
     * @param size tokens in all; fewer if no pair occurs twice
     */
    public ByteLevelBpe train(List<String> specials, int size) {
        if (size < specials.size() + 256)
            throw new IllegalArgumentException("a vocabulary of " + size + " has no room for the 256 bytes and "
                    + specials.size() + " special tokens");
        int[][] words = new int[pieces.size()][];
        long[] counts = new long[words.length];
        int at = 0;
        for (var piece : pieces.entrySet()) {
            byte[] text = piece.getKey().getBytes(StandardCharsets.UTF_8);
            words[at] = new int[text.length];
            for (int i = 0; i < text.length; i++) words[at][i] = specials.size() + (text[i] & 0xFF);
            counts[at++] = piece.getValue();
        }
        Map<Long, Long> pairs = new HashMap<>();
        Map<Long, Set<Integer>> where = new HashMap<>();
        for (int w = 0; w < words.length; w++) count(words[w], w, counts[w], pairs, where);
        PriorityQueue<Candidate> queue = new PriorityQueue<>();
        pairs.forEach((pair, count) -> queue.add(new Candidate(pair, count)));

        List<int[]> merges = new ArrayList<>();
        while (specials.size() + 256 + merges.size() < size && !queue.isEmpty()) {
            Candidate best = queue.poll();
            long count = pairs.getOrDefault(best.pair, 0L);
            if (count != best.count) {
                if (count > 1) queue.add(new Candidate(best.pair, count));
                continue;
            }
            if (count < 2) break;
            int made = specials.size() + 256 + merges.size();
            int[] pair = {(int) (best.pair >> 32), (int) best.pair};
            merges.add(pair);
            Set<Long> touched = new HashSet<>();
            for (int w : where.remove(best.pair).stream().sorted().toList()) {
                count(words[w], w, -counts[w], pairs, where);
                int length = ByteLevelBpe.replace(words[w], words[w].length, pair, made);
                words[w] = Arrays.copyOf(words[w], length);
                count(words[w], w, counts[w], pairs, where);
                for (int i = 0; i + 1 < length; i++)
                    if (words[w][i] == made || words[w][i + 1] == made)
                        touched.add(ByteLevelBpe.key(words[w][i], words[w][i + 1]));
            }
            for (long key : touched) queue.add(new Candidate(key, pairs.get(key)));
        }
        return new ByteLevelBpe(specials, merges);
    }

    private static void count(int[] word, int index, long by, Map<Long, Long> pairs, Map<Long, Set<Integer>> where) {
        for (int i = 0; i + 1 < word.length; i++) {
            long key = ByteLevelBpe.key(word[i], word[i + 1]);
            pairs.merge(key, by, Long::sum);
            if (by > 0) where.computeIfAbsent(key, k -> new HashSet<>()).add(index);
        }
    }

    private record Candidate(long pair, long count) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            int byCount = Long.compare(other.count, count);
            return byCount != 0 ? byCount : Long.compare(pair, other.pair);
        }
    }
}
