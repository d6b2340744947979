package dev.laconic.bench.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;

/** Sentences hidden between the sentences of real prose. */
final class Hay {
    private Hay() {}

    /**
     * Prose with {@code needles} in it in their order.
     *
     * @param depths where each needle stands, from 0 (the beginning) to 1 (the end), ascending
     * @param tokens length of the whole
     */
    static String hide(
            Prose prose, RandomGenerator random, List<String> needles, double[] depths, int tokens, ToIntFunction<String> counter) {
        int room = tokens;
        for (String needle : needles) room -= counter.applyAsInt(" " + needle);
        List<String> hay = room > 0 ? prose.run(random, room, counter) : List.of();
        List<String> all = new ArrayList<>(hay.size() + needles.size());
        int next = 0;
        for (int i = 0; i <= hay.size(); i++) {
            while (next < needles.size() && Math.round(depths[next] * hay.size()) <= i) all.add(needles.get(next++));
            if (i < hay.size()) all.add(hay.get(i));
        }
        return String.join(" ", all);
    }

    /** {@code count} random depths, ascending. */
    static double[] depths(RandomGenerator random, int count) {
        return random.doubles(count).sorted().toArray();
    }
}
