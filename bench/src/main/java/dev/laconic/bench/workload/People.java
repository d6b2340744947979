package dev.laconic.bench.workload;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;

/**
 * Passages about 2 to 14 people between passages of prose; a question about one of them. The reply quotes what the text says;
 * where it goes on about somebody as he or she, from the name on.
 */
final class People implements Workload {
    private static final int MOST = 14;

    private final Prose prose;

    People(Prose prose) {
        this.prose = prose;
    }

    @Override
    public String id() {
        return "qa";
    }

    @Override
    public Task generate(RandomGenerator random, int tokens, ToIntFunction<String> counter) {
        int most = Math.clamp((tokens - 20) / 40, 1, MOST);
        int count = most == 1 ? 1 : 2 + random.nextInt(most - 1);
        List<String> names = Words.distinct(count, () -> Words.pick(random, Words.NAMES));
        List<List<String>> passages = new ArrayList<>();
        List<Question> questions = new ArrayList<>();
        Map<String, Integer> owners = new HashMap<>();
        List<Map<Fact, String>> people = new ArrayList<>();
        boolean pronouns = random.nextInt(2) == 0;
        for (String name : names) {
            Map<Fact, String> facts = new LinkedHashMap<>();
            List<Fact> order = new ArrayList<>(List.of(Fact.values()));
            Words.shuffle(random, order);
            List<String> passage = new ArrayList<>();
            for (Fact fact : order.subList(0, 2 + random.nextInt(3))) {
                String value = Words.pick(random, fact.values);
                facts.put(fact, value);
                owners.merge(fact + value, 1, Integer::sum);
                String subject = passage.isEmpty() || !pronouns ? name : Words.WOMEN.contains(name) ? "She" : "He";
                passage.add(subject + ' ' + fact.says.formatted(value) + '.');
            }
            passages.add(passage);
            people.add(facts);
        }
        for (int i = 0; i < count; i++) {
            int at = 0;
            for (var entry : people.get(i).entrySet()) {
                Fact fact = entry.getKey();
                String value = entry.getValue();
                Map<String, String> facets =
                        Map.of("keys", String.valueOf(count), "subject", pronouns ? "pronoun" : "name");
                String quote = String.join(" ", passages.get(i).subList(pronouns ? 0 : at, at + 1));
                at++;
                questions.add(new Question(
                        fact.asks.formatted(names.get(i)),
                        quote.substring(0, quote.length() - 1),
                        fact == Fact.COLOUR ? value + " hat" : value,
                        facets));
                if (owners.get(fact + value) == 1 && random.nextInt(4) == 0)
                    questions.add(Question.of(fact.asksWho.formatted(value), names.get(i), facets));
            }
        }
        Words.shuffle(random, questions);
        return new Task(
                id(),
                Hay.hide(
                        prose,
                        random,
                        passages.stream().map(said -> String.join(" ", said)).toList(),
                        Hay.depths(random, count),
                        tokens - 16,
                        counter),
                questions);
    }

    private enum Fact {
        JOB("works as a %s", "What is %s's job?", "Who works as a %s?", Words.JOBS),
        CITY("lives in %s", "Where does %s live?", "Who lives in %s?", Words.CITIES),
        FOOD("likes to eat %s", "What does %s like to eat?", "Who likes to eat %s?", Words.FOODS),
        COLOUR("wears a %s hat", "What is the colour of %s's hat?", "Who wears a %s hat?", Words.COLOURS),
        PET("has a pet %s", "What pet does %s have?", "Who has a pet %s?", Words.PETS);

        private final String says;
        private final String asks;
        private final String asksWho;
        private final List<String> values;

        Fact(String says, String asks, String asksWho, List<String> values) {
            this.says = says;
            this.asks = asks;
            this.asksWho = asksWho;
            this.values = values;
        }
    }
}
