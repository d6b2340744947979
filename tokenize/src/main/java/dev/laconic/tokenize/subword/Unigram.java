package dev.laconic.tokenize.subword;

import dev.laconic.tokenize.text.CharClass;
import dev.laconic.tokenize.text.PieceSink;
import dev.laconic.tokenize.text.Text;
import dev.laconic.tokenize.text.Trie;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * The unigram language model (Kudo, 2018): of all ways to write a piece as tokens, the one whose scores add up to the most.
 * A character that is no token by itself may also be unknown, at a score far below every token's. Time is linear in the
 * piece for tokens of bounded length.
 */
public final class Unigram implements SubwordModel {
    private final Trie tokens;
    private final double[] scores;
    private final double unknownScore;
    private final OptionalInt unknown;
    private final boolean singlePrecision;
    private final ByteTokens bytes;

    /**
     * @param tokens token ids by spelling
     * @param scores log-probabilities by id
     * @param unknownScore what an unknown character adds
     * @param unknown the token of a run of unknown characters; without one they are dropped
     * @param singlePrecision sums are rounded to float, as SentencePiece does
     * @param bytes where all bytes of a run of unknown characters have tokens, these take its place
     */
    public Unigram(
            Trie tokens,
            double[] scores,
            double unknownScore,
            OptionalInt unknown,
            boolean singlePrecision,
            ByteTokens bytes) {
        this.tokens = tokens;
        this.scores = scores;
        this.unknownScore = unknownScore;
        this.unknown = unknown;
        this.singlePrecision = singlePrecision;
        this.bytes = bytes;
    }

    @Override
    public PieceSink open(TokenSink out) {
        return new Run(out);
    }

    private final class Run implements PieceSink {
        private static final int UNKNOWN = -1;

        private final TokenSink out;
        /** By place in the piece: the best sum of the tokens up to there, the last of them and where it starts. */
        private double[] sums = new double[64];
        private int[] ids = new int[64];
        private int[] starts = new int[64];
        /** The tokens of the best way, last one first. */
        private int[] pathIds = new int[64];
        private int[] pathStarts = new int[64];

        Run(TokenSink out) {
            this.out = out;
        }

        @Override
        public void piece(Text text, int from, int to) {
            int n = to - from;
            if (n == 0) return;
            if (sums.length <= n) {
                sums = new double[n + n / 2 + 1];
                ids = new int[sums.length];
                starts = new int[sums.length];
            }
            Arrays.fill(sums, 1, n + 1, Double.NEGATIVE_INFINITY);
            sums[0] = 0;
            forward(text.chars(), from, to);
            int count = backward(n);
            for (int i = count - 1; i >= 0; i--)
                emit(text, pathIds[i], from + pathStarts[i], from + (i == 0 ? n : pathStarts[i - 1]));
        }

        private void forward(char[] chars, int from, int to) {
            for (int i = from, next; i < to; i = next) {
                next = i + CharClass.width(chars, i, to);
                double sum = sums[i - from];
                boolean single = false;
                int node = Trie.ROOT;
                for (int end = i; end < to; ) {
                    node = tokens.step(node, chars[end++]);
                    if (node == Trie.NONE) break;
                    int id = tokens.value(node);
                    if (id == Trie.NONE) continue;
                    single |= end == next;
                    boolean isUnknown = unknown.isPresent() && id == unknown.getAsInt();
                    offer(end - from, sum + scores[id], isUnknown ? UNKNOWN : id, i - from);
                }
                if (!single) offer(next - from, sum + unknownScore, UNKNOWN, i - from);
            }
        }

        private void offer(int place, double sum, int id, int start) {
            double rounded = singlePrecision ? (float) sum : sum;
            if (rounded > sums[place]) {
                sums[place] = rounded;
                ids[place] = id;
                starts[place] = start;
            }
        }

        /** Follows the table back; runs of unknown characters are one. */
        private int backward(int n) {
            int count = 0;
            for (int place = n; place > 0; ) {
                int id = ids[place];
                int start = starts[place];
                if (id == UNKNOWN && count > 0 && pathIds[count - 1] == UNKNOWN) pathStarts[count - 1] = start;
                else path(count++, id, start);
                place = start;
            }
            return count;
        }

        private void path(int i, int id, int start) {
            if (i == pathIds.length) {
                pathIds = Arrays.copyOf(pathIds, i * 2);
                pathStarts = Arrays.copyOf(pathStarts, i * 2);
            }
            pathIds[i] = id;
            pathStarts[i] = start;
        }

        private void emit(Text text, int id, int from, int to) {
            if (id != UNKNOWN) out.token(id, text, from, to);
            else if (allBytes(text, from, to)) bytes.emit(text, from, to, out);
            else if (unknown.isPresent()) out.token(unknown.getAsInt(), text, from, to);
        }

        private boolean allBytes(Text text, int from, int to) {
            if (bytes.isEmpty()) return false;
            for (int i = from; i < to; i += CharClass.width(text.chars(), i, to))
                if (!bytes.covers(text.codePointAt(i))) return false;
            return true;
        }
    }
}
