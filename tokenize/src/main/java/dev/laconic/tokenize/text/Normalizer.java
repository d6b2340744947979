package dev.laconic.tokenize.text;

import java.util.List;

/** Rewrites text before it is cut. Immutable. */
@FunctionalInterface
public interface Normalizer {

    /** Appends the normal form of {@code [from, to)} of {@code in} to {@code out}, which starts out empty. */
    void normalize(Text in, int from, int to, Text out);

    /** Each rewrites what the one before gave. */
    static Normalizer sequence(List<Normalizer> stages) {
        if (stages.isEmpty()) return (in, from, to, out) -> out.append(in, from, to);
        if (stages.size() == 1) return stages.getFirst();
        return (in, from, to, out) -> {
            Text[] buffers = {new Text(), new Text()};
            Text source = in;
            int start = from;
            int end = to;
            for (int i = 0; i < stages.size(); i++) {
                Text target = i == stages.size() - 1 ? out : buffers[i & 1];
                target.clear();
                stages.get(i).normalize(source, start, end, target);
                source = target;
                start = 0;
                end = target.length();
            }
        };
    }
}
