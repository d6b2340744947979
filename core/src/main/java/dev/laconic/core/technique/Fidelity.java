package dev.laconic.core.technique;

import java.util.Locale;

/** What a technique does to the model's answer. */
public enum Fidelity {
    /** The same tokens at temperature 0 and the same distribution above it, up to the order of floating-point sums. */
    LOSSLESS,
    /** Another answer is possible; how often, a benchmark says. */
    APPROXIMATE;

    /** Its name in JSON. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return id();
    }
}
