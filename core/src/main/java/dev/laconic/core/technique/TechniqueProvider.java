package dev.laconic.core.technique;

/** Creates one technique. Implementations are generated from {@link Technique} and found by {@link Techniques}. */
public interface TechniqueProvider {

    TechniqueInfo info();

    /** The technique's class. */
    Class<?> type();

    /**
     * A new technique.
     *
     * @throws IllegalArgumentException if the values do not go together
     */
    Object create(OptionValues values);
}
