package dev.laconic.bench.cache;

/** Whether a cache is compressed knowing the question. */
public enum Query {
    /** The prompt that is compressed ends with the question. */
    AWARE,
    /** The context alone is compressed; the question comes afterwards, token by token. */
    AGNOSTIC;

    /** Its name in results: {@code aware}. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
