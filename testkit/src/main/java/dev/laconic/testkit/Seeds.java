package dev.laconic.testkit;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Runs a property many times, each time with a seed of its own, and names the seed that failed. */
public final class Seeds {
    private Seeds() {}

    @FunctionalInterface
    public interface Property {
        void check(RandomGenerator random) throws Exception;
    }

    /**
     * Checks {@code property} under {@code count} seeds, or under the one in the system property {@code seed} alone.
     */
    public static void check(int count, Property property) {
        Long only = Long.getLong("seed");
        for (int i = 0; i < count; i++) {
            long seed = only != null ? only : 0x9E3779B97F4A7C15L * (i + 1);
            try {
                property.check(new SplittableRandom(seed));
            } catch (Throwable failure) {
                throw new AssertionError("failed with -Dseed=" + seed + ": " + failure.getMessage(), failure);
            }
            if (only != null) return;
        }
    }
}
