package dev.laconic.bench.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;

/** A list of keys and values as long as the context; one value is asked for. */
final class KeyValue implements Workload {

    @Override
    public String id() {
        return "key-value";
    }

    @Override
    public Task generate(RandomGenerator random, int tokens, ToIntFunction<String> counter) {
        boolean digits = random.nextBoolean();
        int digitCount = 3 + random.nextInt(3);
        boolean pairs = random.nextInt(3) > 0;
        List<String> keys = new ArrayList<>();
        List<String> values = new ArrayList<>();
        StringBuilder context = new StringBuilder();
        int room = tokens - 16;
        int failures = 0;
        while (failures < 20) {
            String key = pairs
                    ? Words.pick(random, Words.ADJECTIVES) + " " + Words.pick(random, Words.NOUNS)
                    : Words.pick(random, Words.NOUNS);
            String value = digits ? Words.digits(random, digitCount) : Words.pick(random, Words.NOUNS);
            if (keys.contains(key) || value.equals(key)) {
                failures++;
                continue;
            }
            String line = key + ": " + value + "\n";
            int length = counter.applyAsInt(line);
            if (length > room && !keys.isEmpty()) break;
            room -= length;
            keys.add(key);
            values.add(value);
            context.append(line);
        }
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) order.add(i);
        Words.shuffle(random, order);
        Map<String, String> facets =
                Map.of("values", digits ? "digits" : "words", "keys", String.valueOf(Integer.highestOneBit(keys.size())));
        List<Question> questions = order.stream()
                .map(i -> new Question(
                        "What is the value of " + keys.get(i) + "?",
                        keys.get(i) + ": " + values.get(i),
                        values.get(i),
                        facets))
                .toList();
        return new Task(id(), context.toString().strip(), questions);
    }
}
