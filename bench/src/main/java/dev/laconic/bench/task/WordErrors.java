package dev.laconic.bench.task;

import java.util.Arrays;

/**
 * How far a text is from the one that was expected, in words: the fewest words to put in, leave out or change (Levenshtein).
 *
 * @param errors at least 0
 * @param words of the expected text
 */
record WordErrors(long errors, long words) {
    static final WordErrors NONE = new WordErrors(0, 0);

    static WordErrors between(String expected, String given) {
        String[] wanted = expected.strip().split("\\s+");
        String[] found = given.isBlank() ? new String[0] : given.strip().split("\\s+");
        int[] above = new int[found.length + 1];
        Arrays.setAll(above, j -> j);
        for (int i = 0; i < wanted.length; i++) {
            int diagonal = above[0];
            above[0] = i + 1;
            for (int j = 0; j < found.length; j++) {
                int changed = diagonal + (wanted[i].equals(found[j]) ? 0 : 1);
                diagonal = above[j + 1];
                above[j + 1] = Math.min(changed, 1 + Math.min(diagonal, above[j]));
            }
        }
        return new WordErrors(above[found.length], wanted.length);
    }

    WordErrors plus(WordErrors other) {
        return new WordErrors(errors + other.errors, words + other.words);
    }

    /** Errors for each word; NaN of no words. */
    double rate() {
        return (double) errors / words;
    }
}
