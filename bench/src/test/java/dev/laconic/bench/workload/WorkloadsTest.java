package dev.laconic.bench.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.api.Test;

class WorkloadsTest {
    private static final ToIntFunction<String> WORDS_TWICE = text -> 2 * text.split("\\s+").length;

    static List<Workload> all() {
        return Workloads.over(new Prose(List.of(("It was a dark night. The rain fell on the roof of the old house! "
                        + "\"Who goes there?\" asked the guard. Nobody answered him.\n\nIn the morning it was gone. ")
                .repeat(200))));
    }

    @ParameterizedTest
    @MethodSource("all")
    void promptsFitTheirLength(Workload workload) {
        for (int tokens : new int[] {64, 256, 2048})
            for (int i = 0; i < 40; i++) {
                Task task = workload.generate(Split.TEST.random(workload.id(), i), tokens, WORDS_TWICE);
                if (tokens >= 256) assertThat(WORDS_TWICE.applyAsInt(task.prompt())).isLessThanOrEqualTo(tokens);
                assertThat(task.questions()).isNotEmpty();
                assertThat(task.question().accepts(" " + task.question().answer() + "\n")).isTrue();
                assertThat(task.question().accepts("nothing of the kind")).isFalse();
            }
    }

    @ParameterizedTest
    @MethodSource("all")
    void theSameSeedGivesTheSameTask(Workload workload) {
        Task first = workload.generate(Split.TEST.random(workload.id(), 7), 300, WORDS_TWICE);
        assertThat(workload.generate(Split.TEST.random(workload.id(), 7), 300, WORDS_TWICE)).isEqualTo(first);
        assertThat(workload.generate(Split.TRAIN.random(workload.id(), 7), 300, WORDS_TWICE)).isNotEqualTo(first);
    }

    @Test
    void answersStandInTheContext() {
        for (Workload workload : all().subList(0, 4))
            for (int i = 0; i < 100; i++) {
                Task task = workload.generate(Split.TRAIN.random(workload.id(), i), 512, WORDS_TWICE);
                for (Question question : task.questions())
                    for (String value : question.result().split(", "))
                        assertThat(task.context()).contains(value);
            }
    }

    @Test
    void drillsAreCopiesOfTheirKind() {
        for (Workload drill : Workloads.drills(Prose.builtIn())) {
            Question question = drill.generate(Split.TRAIN.random(drill.id(), 0), 512, WORDS_TWICE).question();
            assertThat("copy-" + question.facets().get("values")).isEqualTo(drill.id());
            assertThat(question.answer().split(" ").length).isBetween(40, 256);
        }
    }

    @Test
    void hiddenFactsAreFoundAtEveryDepth() {
        List<String> depths = IntStream.range(0, 300)
                .mapToObj(i -> all().getFirst().generate(Split.TEST.random("needle", i), 512, WORDS_TWICE))
                .map(task -> task.question().facets().get("depth"))
                .distinct()
                .sorted()
                .toList();
        assertThat(depths).containsExactly("0.0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9");
    }

    @Test
    void aTraceIsGradedByItsResult() {
        Question question = new Question("What is the value of K7?", "K7 = M2 = 4821", "4821", java.util.Map.of());
        assertThat(question.accepts("K7 = A1 = 4821")).isTrue();
        assertThat(question.accepts("4821")).isTrue();
        assertThat(question.accepts("K7 = M2 = 482")).isFalse();
    }

    @Test
    void intervalsHoldTheShareAndStayInside() {
        Score score = new Score(28, 30);
        assertThat(score.low()).isBetween(0.78, score.accuracy());
        assertThat(score.high()).isBetween(score.accuracy(), 0.99);
        assertThat(new Score(10, 10).high()).isLessThanOrEqualTo(1.0000001);
    }
}
