package dev.laconic.tokenize.subword;

import dev.laconic.tokenize.text.CharClass;
import dev.laconic.tokenize.text.PieceSink;
import dev.laconic.tokenize.text.Text;
import dev.laconic.tokenize.text.Trie;
import java.util.Arrays;
import java.util.OptionalInt;

/** RWKV's tokenizer: at every byte the longest token that matches; a byte that begins none is unknown. */
public final class LongestMatch implements SubwordModel {
    private final Trie tokens;
    private final OptionalInt unknown;

    /** @param tokens token ids by their bytes, each byte as one character 0 to FF */
    public LongestMatch(Trie tokens, OptionalInt unknown) {
        this.tokens = tokens;
        this.unknown = unknown;
    }

    @Override
    public PieceSink open(TokenSink out) {
        return new Run(out);
    }

    private final class Run implements PieceSink {
        private final TokenSink out;
        private char[] bytes = new char[64];
        /** For each byte, where its character begins. */
        private int[] places = new int[64];

        Run(TokenSink out) {
            this.out = out;
        }

        @Override
        public void piece(Text text, int from, int to) {
            int n = spell(text, from, to);
            for (int i = 0; i < n; ) {
                int length = tokens.longest(bytes, i, n);
                int end = i + Math.max(1, length);
                int last = places[end - 1];
                int spanEnd = last + CharClass.width(text.chars(), last, to);
                if (length > 0) out.token(tokens.find(bytes, i, end), text, places[i], spanEnd);
                else if (unknown.isPresent()) out.token(unknown.getAsInt(), text, places[i], spanEnd);
                i = end;
            }
        }

        private int spell(Text text, int from, int to) {
            int n = 0;
            for (int i = from; i < to; i += CharClass.width(text.chars(), i, to)) {
                int code = text.codePointAt(i);
                int length = ByteTokens.utf8Length(code);
                if (n + length > bytes.length) {
                    bytes = Arrays.copyOf(bytes, bytes.length * 2);
                    places = Arrays.copyOf(places, bytes.length);
                }
                for (int k = 0; k < length; k++) {
                    bytes[n] = (char) ByteTokens.utf8(code, length, k);
                    places[n++] = i;
                }
            }
            return n;
        }
    }
}
