package dev.laconic.tokenize.subword;

import dev.laconic.tokenize.text.CharClass;
import dev.laconic.tokenize.text.PieceSink;
import dev.laconic.tokenize.text.Text;
import dev.laconic.tokenize.text.Trie;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Byte-pair encoding by token score, as SentencePiece does it: the adjacent pair whose concatenation is the token of
 * highest score merges first, leftmost among equals. Characters that end up in no token become the tokens of their bytes,
 * else the unknown token.
 */
public final class ScoredBpe implements SubwordModel {
    /** Characters from which on a piece is cut where no token spans two of them. */
    private static final int LONG = 256;

    private final SymbolTable tokens;
    private final float[] scores;
    private final BitSet unmatched;
    private final ByteTokens bytes;
    private final OptionalInt unknown;
    private final Trie frozen;
    private final boolean wholeFirst;
    /** Made for the first long piece, since short ones need not be cut. */
    private volatile Optional<Adjacency> adjacent = Optional.empty();

    /**
     * @param scores one per token, none of them NaN
     * @param unmatched tokens that text never becomes: control, unknown and byte tokens
     * @param frozen tokens that are taken whole wherever they stand, and never merge
     * @param wholeFirst a piece that is a token is that token, whatever the scores say
     */
    public ScoredBpe(
            SymbolTable tokens,
            float[] scores,
            BitSet unmatched,
            ByteTokens bytes,
            OptionalInt unknown,
            Trie frozen,
            boolean wholeFirst) {
        this.frozen = frozen;
        this.wholeFirst = wholeFirst;
        this.tokens = tokens;
        this.scores = scores;
        this.unmatched = unmatched;
        this.bytes = bytes;
        this.unknown = unknown;
    }

    private synchronized Optional<Adjacency> adjacent() {
        if (adjacent.isEmpty()) {
            Adjacency all = new Adjacency();
            for (int id = 0; id < scores.length; id++) {
                if (unmatched.get(id)) continue;
                for (int i = 1; i < tokens.length(id); i++) all.add(tokens.charAt(id, i - 1), tokens.charAt(id, i));
            }
            adjacent = Optional.of(all);
        }
        return adjacent;
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
        private int unknownFrom;
        private int unknownTo;
        private boolean[] isFrozen = new boolean[64];
        private int size;

        Run(TokenSink out) {
            this.out = out;
        }

        @Override
        public void piece(Text text, int from, int to) {
            char[] chars = text.chars();
            if (wholeFirst) {
                int whole = tokens.find(chars, from, to);
                if (whole >= 0 && !unmatched.get(whole)) {
                    out.token(whole, text, from, to);
                    return;
                }
            }
            Optional<Adjacency> cuts = adjacent;
            if (cuts.isEmpty() && to - from >= LONG) cuts = adjacent();
            unknownFrom = -1;
            size = 0;
            for (int i = from, next; i < to; i = next) {
                int length = frozen.longest(chars, i, to);
                next = i + (length > 0 ? length : CharClass.width(chars, i, to));
                add(i, next, length > 0);
                if (next == to || cuts.isPresent() && !cuts.get().isPossible(chars[next - 1], chars[next])) {
                    merge(chars);
                    for (int k = 0; k < size; k = this.next[k]) emit(text, starts[k], ends[k]);
                    size = 0;
                }
            }
            flushUnknown(text);
        }

        private void merge(char[] chars) {
            heap.clear();
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
        }

        private void add(int start, int end, boolean alone) {
            if (size == starts.length) {
                starts = Arrays.copyOf(starts, size * 2);
                ends = Arrays.copyOf(ends, size * 2);
                previous = Arrays.copyOf(previous, size * 2);
                next = Arrays.copyOf(next, size * 2);
                isFrozen = Arrays.copyOf(isFrozen, size * 2);
            }
            starts[size] = start;
            ends[size] = end;
            previous[size] = size - 1;
            isFrozen[size] = alone;
            next[size] = ++size;
        }

        private void offer(char[] chars, int left) {
            int right = next[left];
            if (right == size || isFrozen[left] || isFrozen[right]) return;
            int id = tokens.find(chars, starts[left], ends[right]);
            if (id < 0 || unmatched.get(id)) return;
            heap.add((long) descending(scores[id]) << 32 | left, ends[right] - starts[left]);
        }

        private void emit(Text text, int from, int to) {
            int id = tokens.find(text.chars(), from, to);
            if (id >= 0 && !unmatched.get(id)) {
                flushUnknown(text);
                out.token(id, text, from, to);
            } else if (bytes.covers(text.codePointAt(from))) {
                flushUnknown(text);
                bytes.emit(text, from, to, out);
            } else {
                if (unknownFrom < 0) unknownFrom = from;
                unknownTo = to;
            }
        }

        /** A run of unknown characters is one token. */
        private void flushUnknown(Text text) {
            if (unknownFrom < 0) return;
            if (unknown.isPresent()) out.token(unknown.getAsInt(), text, unknownFrom, unknownTo);
            unknownFrom = -1;
        }
    }

    /** An int that is the smaller the larger the score; both zeros are equal. */
    private static int descending(float score) {
        int bits = Float.floatToRawIntBits(score + 0f);
        return ~(bits ^ bits >> 31 & Integer.MAX_VALUE);
    }
}
