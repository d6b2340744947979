package dev.laconic.tokenize.text;

import dev.laconic.core.error.LaconicException;
import java.util.List;

/** Normalizers one after another. Only a working copy is used, for the texts on the way belong to it. */
final class NormalizerSequence implements Normalizer {
    private static final int SHORT = 1 << 16;
    /** No sound normal form is so many times as long as its text. */
    private static final int GROWTH = 64;

    private final List<Normalizer> stages;
    private final Text[] buffers = {new Text(), new Text()};

    NormalizerSequence(List<Normalizer> stages) {
        this.stages = stages;
    }

    @Override
    public Normalizer working() {
        return new NormalizerSequence(stages.stream().map(Normalizer::working).toList());
    }

    @Override
    public void normalize(Text in, int from, int to, Text out) {
        Text source = in;
        int start = from;
        int end = to;
        for (int i = 0; i < stages.size(); i++) {
            Text target = i == stages.size() - 1 ? out : buffers[i & 1];
            target.clear();
            stages.get(i).normalize(source, start, end, target);
            source = target;
            if (target.length() > SHORT + (long) GROWTH * (to - from))
                throw new LaconicException("the normalizer makes more than " + target.length() + " characters of "
                        + (to - from) + ": its steps blow each other up");
            start = 0;
            end = target.length();
        }
    }
}
