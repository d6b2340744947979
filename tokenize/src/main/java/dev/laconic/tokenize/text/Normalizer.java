package dev.laconic.tokenize.text;

/** Rewrites text before it is cut. Immutable. */
@FunctionalInterface
public interface Normalizer {

    /** Appends the normal form of {@code [from, to)} of {@code in} to {@code out}, which starts out empty. */
    void normalize(Text in, int from, int to, Text out);
}
