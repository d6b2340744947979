package dev.laconic.bench.workload;

import java.util.List;

/**
 * A context and what can be asked about it. Tests ask the first question alone; training may ask them all.
 *
 * @param workload id of the workload it is from
 * @param context the text that holds the answers
 * @param questions at least one
 */
public record Task(String workload, String context, List<Question> questions) {

    public Task {
        questions = List.copyOf(questions);
    }

    /** The first question, which is graded. */
    public Question question() {
        return questions.getFirst();
    }

    /** What a user would send: context and first question. */
    public String prompt() {
        return context + "\n\n" + question().text();
    }
}
