package dev.laconic.bench.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Facts hidden in prose: one, several of which one is asked for, or several under one key of which all are asked for. */
final class Needle implements Workload {
    private final String id;
    private final Prose prose;
    private final int mostKeys;
    private final int mostValues;

    private Needle(String id, Prose prose, int mostKeys, int mostValues) {
        this.id = id;
        this.prose = prose;
        this.mostKeys = mostKeys;
        this.mostValues = mostValues;
    }

    static Needle single(Prose prose) {
        return new Needle("needle", prose, 1, 1);
    }

    static Needle multiKey(Prose prose) {
        return new Needle("multi-key", prose, 8, 1);
    }

    static Needle multiValue(Prose prose) {
        return new Needle("multi-value", prose, 2, 3);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Task generate(RandomGenerator random, int tokens, ToIntFunction<String> counter) {
        int room = Math.max(1, (tokens - 20) / 24);
        int keys = mostKeys == 1 || room == 1 ? 1 : 2 + random.nextInt(Math.min(mostKeys, room) - 1);
        boolean digits = random.nextInt(3) > 0;
        List<String> names = Words.distinct(
                keys, () -> (random.nextInt(3) == 0 ? Words.pick(random, Words.ADJECTIVES) + " " : "")
                        + Words.pick(random, Words.NOUNS));
        int perKey = mostValues == 1 ? 1 : Math.clamp(room / keys, 1, 2 + random.nextInt(mostValues - 1));
        List<String> values = Words.distinct(
                keys * perKey,
                () -> digits ? Words.digits(random, 4 + random.nextInt(3)) : Words.pick(random, Words.NOUNS));
        String kind = digits ? (random.nextBoolean() ? "magic number" : "secret code") : "secret word";
        List<Integer> order = new ArrayList<>(IntStream.range(0, values.size()).boxed().toList());
        Words.shuffle(random, order);
        List<String> needles = order.stream()
                .map(i -> "The " + kind + " of the " + names.get(i / perKey) + " is " + values.get(i) + ".")
                .toList();
        double[] depths = Hay.depths(random, needles.size());
        List<Question> questions = new ArrayList<>();
        for (int key = 0; key < keys; key++) {
            int of = key;
            List<String> found = order.stream().filter(i -> i / perKey == of).map(values::get).toList();
            String text = perKey > 1
                    ? "What are all the " + kind + "s of the " + names.get(key) + "?"
                    : "What is the " + kind + " of the " + names.get(key) + "?";
            double depth = depths[order.indexOf(key * perKey)];
            String result = String.join(", ", found);
            questions.add(new Question(
                    text,
                    perKey > 1 ? result : "The " + kind + " of the " + names.get(key) + " is " + result,
                    result,
                    Map.of(
                            "values", digits ? "digits" : "words",
                            "keys", String.valueOf(keys),
                            "depth", String.format(Locale.ROOT, "%.1f", Math.floor(depth * 10) / 10))));
        }
        int asked = questions.stream().mapToInt(q -> counter.applyAsInt("\n\n" + q.text())).max().orElseThrow();
        return new Task(id, Hay.hide(prose, random, needles, depths, tokens - asked, counter), questions);
    }
}
