package dev.laconic.bench.workload;

import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;

/** A kind of task with ground truth. */
public interface Workload {

    /** Short name, as in results: {@code needle}, {@code key-value}. */
    String id();

    /**
     * A task whose prompt is about {@code tokens} long, never longer where the shortest such task fits.
     *
     * @param random the only source of chance: the same state gives the same task
     * @param tokens length of context and first question together
     * @param counter how many tokens a text has
     */
    Task generate(RandomGenerator random, int tokens, ToIntFunction<String> counter);
}
