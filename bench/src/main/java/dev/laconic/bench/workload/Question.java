package dev.laconic.bench.workload;

import java.util.Map;

/**
 * Something to ask about a context whose answer is known.
 *
 * @param text what is asked
 * @param answer the whole expected reply
 * @param result the part of the reply that is graded: the reply itself, or what stands behind its last {@code =} where a
 *     trace is written out first
 * @param facets what results are told apart by: depth, keys, hops, values
 */
public record Question(String text, String answer, String result, Map<String, String> facets) {

    public Question {
        facets = Map.copyOf(facets);
    }

    static Question of(String text, String answer, Map<String, String> facets) {
        return new Question(text, answer, answer, facets);
    }

    /** Whether {@code reply} is right: equal to the answer but for white space around it, or ends in the result. */
    public boolean accepts(String reply) {
        String given = reply.strip();
        if (given.equals(answer)) return true;
        return !result.equals(answer) && given.substring(given.lastIndexOf('=') + 1).strip().equals(result);
    }
}
