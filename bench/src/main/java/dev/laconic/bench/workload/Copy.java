package dev.laconic.bench.workload;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A text that is to be repeated word for word. Text and repetition have the asked-for length together. */
final class Copy implements Workload {

    /** What a text is made of. */
    private enum Source {
        /** Random numbers. */
        DIGITS,
        /** Random words. */
        WORDS,
        /** Sentences that follow each other. */
        PROSE,
        /** Random draws of few words of prose: what follows a word tells itself only by the words before it. */
        FEW,
        /** Sentences with other words of the text in the place of some: what English would say next is now and then wrong. */
        ALTERED
    }

    private static final int FEWEST = 6;
    private static final int MOST_OF_FEW = 48;
    private static final double ALTERED_SHARE = 0.1;

    private final Prose prose;
    private final String id;
    private final List<Source> sources;

    private Copy(Prose prose, String id, Source... sources) {
        this.prose = prose;
        this.id = id;
        this.sources = List.of(sources);
    }

    static Copy of(Prose prose) {
        return new Copy(prose, "copy", Source.DIGITS, Source.WORDS, Source.PROSE);
    }

    static Copy ofProse(Prose prose) {
        return new Copy(prose, "copy-prose", Source.PROSE);
    }

    static Copy ofFewWords(Prose prose) {
        return new Copy(prose, "copy-few", Source.FEW);
    }

    static Copy ofAlteredProse(Prose prose) {
        return new Copy(prose, "copy-altered", Source.ALTERED);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Task generate(RandomGenerator random, int tokens, ToIntFunction<String> counter) {
        int length = Math.max(4, (tokens - 14) / 2);
        Source source = sources.get(random.nextInt(sources.size()));
        String text =
                switch (source) {
                    case DIGITS -> numbers(random, length, counter);
                    case WORDS -> words(random, length, counter);
                    case PROSE -> String.join(" ", prose.run(random, length, counter));
                    case FEW -> fewWords(random, length, counter);
                    case ALTERED -> altered(random, length, counter);
                };
        if (text.isEmpty()) text = words(random, length, counter);
        return new Task(
                id,
                "Text: " + text,
                List.of(Question.of("Repeat the text.", text, Map.of("values", source.name().toLowerCase(Locale.ROOT)))));
    }

    private static String numbers(RandomGenerator random, int length, ToIntFunction<String> counter) {
        return fill(Stream.generate(() -> Words.digits(random, 1 + random.nextInt(4))), length, counter);
    }

    private static String words(RandomGenerator random, int length, ToIntFunction<String> counter) {
        return fill(Stream.generate(() -> Words.pick(random, Words.NOUNS)), length, counter);
    }

    private String fewWords(RandomGenerator random, int length, ToIntFunction<String> counter) {
        List<String> few = prose.run(random, 4 * MOST_OF_FEW, counter).stream()
                .flatMap(sentence -> Stream.of(sentence.split(" ")))
                .distinct()
                .limit(random.nextInt(FEWEST, MOST_OF_FEW + 1))
                .toList();
        return few.isEmpty()
                ? ""
                : fill(Stream.generate(() -> few.get(random.nextInt(few.size()))), length, counter);
    }

    private String altered(RandomGenerator random, int length, ToIntFunction<String> counter) {
        List<String> words =
                List.of(String.join(" ", prose.run(random, length, counter)).split(" "));
        return fill(
                words.stream()
                        .map(word -> random.nextDouble() < ALTERED_SHARE ? words.get(random.nextInt(words.size())) : word),
                length,
                counter);
    }

    private static String fill(Stream<String> words, int tokens, ToIntFunction<String> counter) {
        int[] left = {tokens};
        return words.takeWhile(word -> (left[0] -= counter.applyAsInt(" " + word)) >= 0)
                .collect(Collectors.joining(" "));
    }
}
