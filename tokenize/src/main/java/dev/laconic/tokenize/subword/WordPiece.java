package dev.laconic.tokenize.subword;

import dev.laconic.tokenize.text.CharClass;
import dev.laconic.tokenize.text.PieceSink;
import dev.laconic.tokenize.text.Text;
import dev.laconic.tokenize.text.Trie;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * WordPiece: each word is written as the longest token it begins with, then the longest continuation, and so on; a word
 * for which that fails is unknown as a whole.
 */
public final class WordPiece implements SubwordModel {
    private final Trie tokens;
    private final int first;
    private final int continuing;
    private final OptionalInt unknown;
    private final int longestWord;

    /**
     * @param tokens token ids by spelling
     * @param firstPrefix what the vocabulary spells before the beginning of a word
     * @param continuingPrefix what it spells before the rest
     * @param longestWord words of more code points are unknown
     */
    public WordPiece(
            Trie tokens, String firstPrefix, String continuingPrefix, OptionalInt unknown, int longestWord) {
        this.tokens = tokens;
        this.first = node(tokens, firstPrefix);
        this.continuing = node(tokens, continuingPrefix);
        this.unknown = unknown;
        this.longestWord = longestWord;
    }

    private static int node(Trie tokens, String prefix) {
        int node = Trie.ROOT;
        for (int i = 0; i < prefix.length() && node != Trie.NONE; i++) node = tokens.step(node, prefix.charAt(i));
        return node;
    }

    @Override
    public PieceSink open(TokenSink out) {
        return new Run(out);
    }

    private final class Run implements PieceSink {
        private final TokenSink out;
        private int[] ids = new int[64];
        private int[] ends = new int[64];

        Run(TokenSink out) {
            this.out = out;
        }

        @Override
        public void piece(Text text, int from, int to) {
            int count = isTooLong(text, from, to) ? 0 : tokens(text.chars(), from, to);
            if (count == 0 && unknown.isPresent()) out.token(unknown.getAsInt(), text, from, to);
            for (int i = 0, start = from; i < count; start = ends[i++]) out.token(ids[i], text, start, ends[i]);
        }

        private boolean isTooLong(Text text, int from, int to) {
            return to - from > longestWord
                    && (to - from > 2L * longestWord
                            || Character.codePointCount(text.chars(), from, to - from) > longestWord);
        }

        /** How many tokens the word is, or 0 where there is no way. */
        private int tokens(char[] chars, int from, int to) {
            int count = 0;
            boolean begun = false;
            for (int at = from; at < to || !begun; ) {
                int node = begun ? continuing : first;
                int id = !begun && first != Trie.NONE ? tokens.value(first) : Trie.NONE;
                int end = at;
                for (int i = at; i < to && node != Trie.NONE; ) {
                    int width = CharClass.width(chars, i, to);
                    for (int k = 0; k < width && node != Trie.NONE; k++) node = tokens.step(node, chars[i + k]);
                    i += width;
                    if (node == Trie.NONE || tokens.value(node) == Trie.NONE) continue;
                    id = tokens.value(node);
                    end = i;
                }
                if (id == Trie.NONE) return 0;
                if (count == ids.length) {
                    ids = Arrays.copyOf(ids, count * 2);
                    ends = Arrays.copyOf(ends, count * 2);
                }
                ids[count] = id;
                ends[count++] = end;
                at = end;
                begun = true;
            }
            return count;
        }
    }
}
