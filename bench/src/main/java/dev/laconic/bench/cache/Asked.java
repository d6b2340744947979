package dev.laconic.bench.cache;

import dev.laconic.bench.workload.Question;
import dev.laconic.bench.workload.Task;
import java.util.Arrays;

/**
 * A question with all tokens of its prompt.
 *
 * @param contextEnd tokens before the question
 */
record Asked(Question question, int[] ids, int contextEnd) {

    static Asked of(Task task, Subject subject) {
        int[] ids = subject.chat().apply(task.prompt());
        int[] without = subject.chat().apply(task.context() + "\n\n");
        int same = Arrays.mismatch(ids, without);
        return new Asked(task.question(), ids, Math.clamp(same < 0 ? ids.length - 1 : same, 1, ids.length - 1));
    }
}
