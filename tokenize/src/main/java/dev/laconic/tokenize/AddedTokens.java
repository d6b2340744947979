package dev.laconic.tokenize;

import dev.laconic.format.tokenizer.AddedToken;
import dev.laconic.tokenize.text.CharClass;
import dev.laconic.tokenize.text.Text;
import dev.laconic.tokenize.text.Trie;
import java.util.List;

/** Takes added tokens out of a text the way Hugging Face does: leftmost first, the longest of those that begin there. */
final class AddedTokens implements Partition {
    private final List<AddedToken> tokens;
    private final Trie trie = new Trie(64);

    /** @param spellings how each token is looked for; none of them empty */
    AddedTokens(List<AddedToken> tokens, List<String> spellings) {
        this.tokens = tokens;
        for (int i = 0; i < tokens.size(); i++) trie.add(spellings.get(i), i);
    }

    @Override
    public void split(Text text, boolean parseSpecial, Parts out) {
        char[] chars = text.chars();
        int n = text.length();
        int done = 0;
        for (int i = 0; i < n; ) {
            int length = trie.longest(chars, i, n);
            if (length == 0) {
                i++;
                continue;
            }
            AddedToken token = tokens.get(trie.find(chars, i, i + length));
            int start = i;
            int end = i + length;
            i = end;
            if (token.special() && !parseSpecial) continue;
            if (token.singleWord() && !standsAlone(chars, start, end, n)) continue;
            if (token.stripLeft()) while (start > done && CharClass.isWhitespace(chars[start - 1])) start--;
            if (token.stripRight()) while (end < n && CharClass.isWhitespace(chars[end])) end++;
            if (start < done) start = done;
            if (start > done) out.text(done, start);
            out.token(token.id(), start, end);
            done = end;
        }
        if (done < n) out.text(done, n);
    }

    private static boolean standsAlone(char[] chars, int start, int end, int n) {
        return (start == 0 || !CharClass.isWord(Character.codePointBefore(chars, start)))
                && (end == n || !CharClass.isWord(Character.codePointAt(chars, end, n)));
    }
}
