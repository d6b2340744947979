package dev.laconic.bench.workload;

import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A text that is to be repeated word for word: random words, random digits or a piece of prose. Text and repetition
 * have the asked-for length together.
 */
final class Copy implements Workload {
    private final Prose prose;

    Copy(Prose prose) {
        this.prose = prose;
    }

    @Override
    public String id() {
        return "copy";
    }

    @Override
    public Task generate(RandomGenerator random, int tokens, ToIntFunction<String> counter) {
        int length = Math.max(4, (tokens - 14) / 2);
        int kind = random.nextInt(3);
        String text = kind == 2 ? String.join(" ", prose.run(random, length, counter)) : "";
        if (text.isEmpty())
            text = kind == 0
                    ? fill(Stream.generate(() -> Words.digits(random, 1 + random.nextInt(4))), length, counter)
                    : fill(Stream.generate(() -> Words.pick(random, Words.NOUNS)), length, counter);
        String values = kind == 0 ? "digits" : kind == 1 ? "words" : "prose";
        return new Task(
                id(), "Text: " + text, List.of(Question.of("Repeat the text.", text, Map.of("values", values))));
    }

    private static String fill(Stream<String> words, int tokens, ToIntFunction<String> counter) {
        int[] left = {tokens};
        return words.takeWhile(word -> (left[0] -= counter.applyAsInt(" " + word)) >= 0)
                .collect(Collectors.joining(" "));
    }
}
