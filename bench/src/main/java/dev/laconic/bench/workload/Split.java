package dev.laconic.bench.workload;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Which tasks train and which test: the two never share a seed. */
public enum Split {
    TRAIN,
    TEST;

    /** The random numbers of the task with this number. */
    public RandomGenerator random(String workload, long number) {
        long seed = Math.addExact(Math.multiplyExact(number, 2L), ordinal());
        return new SplittableRandom(mix(seed * 0x9E3779B97F4A7C15L ^ workload.hashCode()) << 1 | ordinal());
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
