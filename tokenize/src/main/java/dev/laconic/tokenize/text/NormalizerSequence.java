package dev.laconic.tokenize.text;

import java.util.List;

/** Normalizers one after another. Only a working copy is used, for the texts on the way belong to it. */
final class NormalizerSequence implements Normalizer {
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
            start = 0;
            end = target.length();
        }
    }
}
