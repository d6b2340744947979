package dev.laconic.tokenize.subword;

import dev.laconic.tokenize.text.CharClass;
import dev.laconic.tokenize.text.PieceSink;
import dev.laconic.tokenize.text.Text;
import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalInt;

/**
 * Byte-pair encoding by token score, as SentencePiece does it: the adjacent pair whose concatenation is the token of
 * highest score merges first, leftmost among equals. Characters that end up in no token become the tokens of their bytes,
 * else the unknown token.
 */
public final class ScoredBpe implements SubwordModel {
    private final SymbolTable tokens;
    private final float[] scores;
    private final BitSet unmatched;
    private final ByteTokens bytes;
    private final OptionalInt unknown;

    /**
     * @param scores one per token, none of them NaN
     * @param unmatched tokens that text never becomes: control, unknown and byte tokens
     */
    public ScoredBpe(SymbolTable tokens, float[] scores, BitSet unmatched, ByteTokens bytes, OptionalInt unknown) {
        this.tokens = tokens;
        this.scores = scores;
        this.unmatched = unmatched;
        this.bytes = bytes;
        this.unknown = unknown;
    }

    @Override
    public PieceSink open(TokenSink out) {
        return new Run(out);
    }

    private final class Run implements PieceSink {
        private final TokenSink out;
        private final LongHeap heap = new LongHeap();
        private int[] starts = new int[64];
        private int[] ends = new int[64];
        private int[] previous = new int[64];
        private int[] next = new int[64];
        private int size;

        Run(TokenSink out) {
            this.out = out;
        }

        @Override
        public void piece(Text text, int from, int to) {
            size = 0;
            heap.clear();
            char[] chars = text.chars();
            for (int i = from; i < to; i = ends[size - 1]) add(i, i + CharClass.width(chars, i, to));
            for (int i = 0; i + 1 < size; i++) offer(chars, i);
            while (!heap.isEmpty()) {
                int left = (int) heap.minKey();
                int length = heap.minValue();
                heap.removeMin();
                int right = next[left];
                if (right < 0 || right == size || ends[right] - starts[left] != length) continue;
                ends[left] = ends[right];
                next[left] = next[right];
                if (next[right] < size) previous[next[right]] = left;
                next[right] = -1;
                if (previous[left] >= 0) offer(chars, previous[left]);
                offer(chars, left);
            }
            for (int i = 0; i < size; i = next[i]) emit(text, starts[i], ends[i]);
        }

        private void add(int start, int end) {
            if (size == starts.length) {
                starts = Arrays.copyOf(starts, size * 2);
                ends = Arrays.copyOf(ends, size * 2);
                previous = Arrays.copyOf(previous, size * 2);
                next = Arrays.copyOf(next, size * 2);
            }
            starts[size] = start;
            ends[size] = end;
            previous[size] = size - 1;
            next[size] = ++size;
        }

        private void offer(char[] chars, int left) {
            int right = next[left];
            if (right == size) return;
            int id = tokens.find(chars, starts[left], ends[right]);
            if (id < 0 || unmatched.get(id)) return;
            heap.add((long) descending(scores[id]) << 32 | left, ends[right] - starts[left]);
        }

        private void emit(Text text, int from, int to) {
            int id = tokens.find(text.chars(), from, to);
            if (id >= 0 && !unmatched.get(id)) {
                out.token(id, text, from, to);
            } else if (bytes.covers(text.codePointAt(from))) {
                bytes.emit(text, from, to, out);
            } else if (unknown.isPresent()) {
                out.token(unknown.getAsInt(), text, from, to);
            }
        }
    }

    /** An int that is the smaller the larger the score; both zeros are equal. */
    private static int descending(float score) {
        int bits = Float.floatToRawIntBits(score + 0f);
        return ~(bits ^ bits >> 31 & Integer.MAX_VALUE);
    }
}
