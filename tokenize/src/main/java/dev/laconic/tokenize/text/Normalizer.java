package dev.laconic.tokenize.text;

import java.util.List;

/** Rewrites text before it is cut. */
@FunctionalInterface
public interface Normalizer {

    /** Appends the normal form of {@code [from, to)} of {@code in} to {@code out}, which starts out empty. */
    void normalize(Text in, int from, int to, Text out);

    /** A copy for use by one thread; a normalizer without state is its own. */
    default Normalizer working() {
        return this;
    }

    /** Each rewrites what the one before gave. */
    static Normalizer sequence(List<Normalizer> stages) {
        if (stages.isEmpty()) return (in, from, to, out) -> out.append(in, from, to);
        return stages.size() == 1 ? stages.getFirst() : new NormalizerSequence(stages);
    }
}
