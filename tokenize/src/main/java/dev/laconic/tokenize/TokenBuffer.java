package dev.laconic.tokenize;

import dev.laconic.tokenize.subword.TokenSink;
import dev.laconic.tokenize.text.Text;
import java.util.Arrays;

/** Collects tokens and their spans in the original text. */
final class TokenBuffer implements TokenSink {
    private int[] ids = new int[64];
    private int[] starts = new int[64];
    private int[] ends = new int[64];
    private int size;

    @Override
    public void token(int id, Text text, int from, int to) {
        add(id, text.spanStart(from, to), text.spanEnd(from, to));
    }

    void add(int id, int start, int end) {
        int i = size++;
        if (i == ids.length) {
            ids = Arrays.copyOf(ids, i * 2);
            starts = Arrays.copyOf(starts, i * 2);
            ends = Arrays.copyOf(ends, i * 2);
        }
        ids[i] = id;
        starts[i] = start;
        ends[i] = end;
    }

    void clear() {
        size = 0;
    }

    int size() {
        return size;
    }

    int[] ids() {
        return Arrays.copyOf(ids, size);
    }

    Encoding encoding() {
        return new Encoding(ids(), Arrays.copyOf(starts, size), Arrays.copyOf(ends, size));
    }
}
