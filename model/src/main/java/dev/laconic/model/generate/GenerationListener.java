package dev.laconic.model.generate;

/** Watches a generation from the thread that runs it. */
public interface GenerationListener {
    /** Sees nothing and never cancels. */
    GenerationListener SILENT = new GenerationListener() {};

    /** {@code done} of {@code total} prompt tokens are computed. */
    default void prefilled(int done, int total) {}

    /** A piece of the answer that is final: whole characters, nothing that may turn out to be a stop string. */
    default void text(String piece) {}

    /** Whether to stop now with what there is; asked between steps. */
    default boolean cancelled() {
        return false;
    }
}
