package dev.laconic.bench.workload;

import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Something to ask about a context whose answer is known.
 *
 * @param text what is asked
 * @param answer the whole expected reply: it says again what was asked for and ends in the result
 * @param result the part of the reply that is graded
 * @param facets what results are told apart by: depth, keys, hops, values
 */
public record Question(String text, String answer, String result, Map<String, String> facets) {
    /** Tokens that a reply may have beyond the answer. */
    public static final int MARGIN = 32;

    public Question {
        facets = Map.copyOf(facets);
    }

    static Question of(String text, String answer, Map<String, String> facets) {
        return new Question(text, answer, answer, facets);
    }

    /** Tokens that a reply may have, by what counts those of a text. */
    public int mostTokens(ToIntFunction<String> tokens) {
        return tokens.applyAsInt(" " + answer) + MARGIN;
    }

    /** Whether {@code reply} ends in the result, but for white space, punctuation and emphasis behind it. */
    public boolean accepts(String reply) {
        String given = bare(reply);
        String wanted = bare(result);
        if (!given.endsWith(wanted)) return false;
        int before = given.length() - wanted.length() - 1;
        return before < 0 || !Character.isLetterOrDigit(given.charAt(before));
    }

    private static String bare(String text) {
        int end = text.length();
        while (end > 0 && (Character.isWhitespace(text.charAt(end - 1)) || ".!*_`\"'".indexOf(text.charAt(end - 1)) >= 0))
            end--;
        return text.substring(0, end).strip();
    }
}
