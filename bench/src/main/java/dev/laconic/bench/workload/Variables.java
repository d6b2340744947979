package dev.laconic.bench.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;

/**
 * Assignments hidden in prose, some of numbers and some of other variables; the reply follows the chain in writing:
 * {@code K7 = M2 = 4821}.
 */
final class Variables implements Workload {
    private static final int MOST_HOPS = 4;

    private final Prose prose;

    Variables(Prose prose) {
        this.prose = prose;
    }

    @Override
    public String id() {
        return "variable";
    }

    @Override
    public Task generate(RandomGenerator random, int tokens, ToIntFunction<String> counter) {
        int most = Math.clamp((tokens - 20) / 12, 2, 12);
        int count = 2 + random.nextInt(most - 1);
        List<String> names =
                Words.distinct(count, () -> (char) ('A' + random.nextInt(26)) + "" + (1 + random.nextInt(9)));
        List<String> statements = new ArrayList<>();
        List<String> traces = new ArrayList<>();
        List<String> results = new ArrayList<>();
        List<Integer> hops = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = i == 0 || random.nextInt(4) == 0 ? -1 : random.nextInt(4) == 0 ? random.nextInt(i) : i - 1;
            if (from >= 0 && hops.get(from) == MOST_HOPS) from = -1;
            String right = from < 0 ? Words.digits(random, 4) : names.get(from);
            statements.add("Let " + names.get(i) + " = " + right + ".");
            traces.add(names.get(i) + " = " + (from < 0 ? right : traces.get(from)));
            results.add(from < 0 ? right : results.get(from));
            hops.add(from < 0 ? 0 : hops.get(from) + 1);
        }
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < count; i++) order.add(i);
        Words.shuffle(random, order);
        List<Question> questions = order.stream()
                .map(i -> new Question(
                        "What is the value of " + names.get(i) + "?",
                        traces.get(i),
                        results.get(i),
                        Map.of("hops", String.valueOf(hops.get(i)))))
                .toList();
        String context = random.nextInt(4) == 0 && tokens <= 256
                ? String.join("\n", statements)
                : Hay.hide(prose, random, statements, Hay.depths(random, count), tokens - 14, counter);
        return new Task(id(), context, questions);
    }
}
