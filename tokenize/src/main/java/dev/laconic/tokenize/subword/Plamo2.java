package dev.laconic.tokenize.subword;

import dev.laconic.tokenize.text.CharClass;
import dev.laconic.tokenize.text.PieceSink;
import dev.laconic.tokenize.text.Text;
import dev.laconic.tokenize.text.Trie;

/**
 * PLaMo 2's tokenizer: of all ways to write a piece as tokens the one of highest score, worked out from the end in
 * ten-thousandths; among equals the longer token comes first. A character in no token costs 1000 and becomes its bytes.
 */
public final class Plamo2 implements SubwordModel {
    private static final int SCALE = 10_000;
    private static final int UNKNOWN_SCORE = -10_000_000;
    private static final int LOWEST_SCORE = -20_000_000;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final Trie tokens;
    private final int[] scores;
    private final ByteTokens bytes;

    /**
     * @param tokens token ids by spelling, byte tokens left out
     * @param scores by id
     */
    public Plamo2(Trie tokens, float[] scores, ByteTokens bytes) {
        this.tokens = tokens;
        this.bytes = bytes;
        this.scores = new int[scores.length];
        for (int id = 0; id < scores.length; id++)
            this.scores[id] = Float.isFinite(scores[id]) ? (int) Math.round((double) scores[id] * SCALE) : LOWEST_SCORE;
    }

    @Override
    public PieceSink open(TokenSink out) {
        return new Run(out);
    }

    private final class Run implements PieceSink {
        private final TokenSink out;
        private long[] costs = new long[64];
        private int[] lengths = new int[64];
        private int[] ids = new int[64];

        Run(TokenSink out) {
            this.out = out;
        }

        @Override
        public void piece(Text text, int from, int to) {
            int start = from < to && text.charAt(from) == BYTE_ORDER_MARK ? from + 1 : from;
            int n = to - start;
            if (costs.length <= n) {
                costs = new long[n + n / 2 + 1];
                lengths = new int[costs.length];
                ids = new int[costs.length];
            }
            backward(text.chars(), start, to);
            for (int i = start; i < to; i += lengths[i - start]) {
                int id = ids[i - start];
                int end = i + lengths[i - start];
                if (id >= 0) out.token(id, text, i, end);
                else bytes.emit(text, i, end, out);
            }
        }

        private void backward(char[] chars, int from, int to) {
            costs[to - from] = 0;
            for (int i = to - 1; i >= from; i--) {
                if (Character.isLowSurrogate(chars[i]) && i > from && Character.isHighSurrogate(chars[i - 1])) continue;
                int place = i - from;
                int width = CharClass.width(chars, i, to);
                costs[place] = Long.MAX_VALUE;
                int node = Trie.ROOT;
                for (int end = i; end < to; ) {
                    node = tokens.step(node, chars[end++]);
                    if (node == Trie.NONE) break;
                    int id = tokens.value(node);
                    if (id == Trie.NONE || scores[id] <= LOWEST_SCORE) continue;
                    long cost = costs[end - from] - scores[id];
                    if (cost <= costs[place]) set(place, cost, end - i, id);
                }
                long unknown = costs[place + width] - UNKNOWN_SCORE;
                if (unknown < costs[place]) set(place, unknown, width, -1);
            }
        }

        private void set(int place, long cost, int length, int id) {
            costs[place] = cost;
            lengths[place] = length;
            ids[place] = id;
        }
    }
}
