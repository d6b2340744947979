package dev.laconic.bench.workload;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;

/** Questions about a short list: its words backwards, its most frequent word, sums and extremes of its numbers. */
final class Lists implements Workload {
    private final String id;

    private Lists(String id) {
        this.id = id;
    }

    static Lists reverse() {
        return new Lists("reverse");
    }

    static Lists frequentWord() {
        return new Lists("frequent-word");
    }

    static Lists arithmetic() {
        return new Lists("arithmetic");
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Task generate(RandomGenerator random, int tokens, ToIntFunction<String> counter) {
        return switch (id) {
            case "reverse" -> reversed(random, tokens);
            case "frequent-word" -> mostFrequent(random, tokens, counter);
            default -> numbers(random, tokens);
        };
    }

    private Task reversed(RandomGenerator random, int tokens) {
        int count = 2 + random.nextInt(Math.clamp((tokens - 14) / 3, 1, 9));
        List<String> words = Words.distinct(count, () -> Words.pick(random, Words.NOUNS));
        String backwards = String.join(" ", words.reversed());
        return new Task(
                id,
                "Words: " + String.join(" ", words),
                List.of(Question.of("Reverse the words.", backwards, Map.of("keys", String.valueOf(count)))));
    }

    private Task mostFrequent(RandomGenerator random, int tokens, ToIntFunction<String> counter) {
        int different = 3 + random.nextInt(6);
        List<String> words = Words.distinct(different, () -> Words.pick(random, Words.NOUNS));
        int longest = words.stream().mapToInt(word -> counter.applyAsInt(" " + word)).max().orElseThrow();
        int most = Math.clamp((tokens - 14) / longest / different, 2, 30);
        int times = 2 + random.nextInt(most - 1);
        List<String> list = new ArrayList<>(Collections.nCopies(times, words.getFirst()));
        for (String word : words.subList(1, different))
            list.addAll(Collections.nCopies(1 + random.nextInt(times - 1), word));
        Words.shuffle(random, list);
        return new Task(
                id,
                "Words: " + String.join(" ", list),
                List.of(Question.of(
                        "Which word is most frequent?",
                        words.getFirst(),
                        Map.of("keys", String.valueOf(different)))));
    }

    private Task numbers(RandomGenerator random, int tokens) {
        int count = 2 + random.nextInt(Math.clamp((tokens - 30) / 4, 1, 7));
        List<Integer> list = new ArrayList<>();
        for (int i = 0; i < count; i++) list.add(random.nextInt(100));
        String context = "Numbers: " + String.join(", ", list.stream().map(String::valueOf).toList());
        List<Question> questions = new ArrayList<>(List.of(
                number("What is the largest number?", Collections.max(list), "largest"),
                number("What is the smallest number?", Collections.min(list), "smallest"),
                number("What is the first number?", list.getFirst(), "first"),
                number("What is the last number?", list.getLast(), "last"),
                number("How many numbers are there?", count, "count"),
                number(
                        "What is the sum of the first two numbers?",
                        list.get(0) + list.get(1),
                        "sum")));
        Words.shuffle(random, questions);
        return new Task(id, context, questions);
    }

    private static Question number(String text, int answer, String operation) {
        return Question.of(text, String.valueOf(answer), Map.of("operation", operation));
    }
}
