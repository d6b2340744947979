package dev.laconic.cache;

import dev.laconic.model.Sequence;
import java.util.Arrays;

/**
 * Scores entries by what the prompt's last rows attend to, pooled with their neighbours. Where {@code when} is not
 * {@code prompt-end} the last rows of each part of the prompt are asked.
 */
interface ObservationWindow extends KvScorer {

    /** Neighbouring entries that are pooled, an odd number. */
    int kernel();

    Pooling pooling();

    @Override
    default int firstRow(int promptLength) {
        return when() == When.PROMPT_END ? Math.max(0, promptLength - window()) : 0;
    }

    @Override
    default boolean observes(Sequence sequence, int from, int to) {
        return from < sequence.promptLength() && to > first(sequence);
    }

    /** Position of the first row that is asked. */
    private int first(Sequence sequence) {
        return (when() == When.PROMPT_END ? sequence.promptLength() : sequence.length()) - window();
    }

    @Override
    default void observe(ScoredHead head, int position, int query, float[] probabilities, int offset) {
        if (position < first(head.sequence())) return;
        head.gathered().add(probabilities, offset, head.size());
    }

    @Override
    default void score(ScoredHead head, int allowed, float[] scores) {
        int end = Math.max(0, head.size() - window());
        pooling().pool(seen(head, end), end, kernel(), scores);
        Arrays.fill(scores, end, head.size(), KEPT);
    }

    /** What the rows that are asked pay to each of a head's first {@code end} entries. */
    default float[] seen(ScoredHead head, int end) {
        return head.gathered().values();
    }

    @Override
    default void compressed(ScoredHead head) {
        Arrays.fill(head.gathered().values(), 0, head.size(), 0f);
    }
}
