package dev.laconic.tokenize.text;

import static dev.laconic.tokenize.text.CharClass.LETTER;
import static dev.laconic.tokenize.text.CharClass.NUMBER;
import static dev.laconic.tokenize.text.CharClass.SPACE;

/** GPT-2's pattern, {@value #REGEX}: every code point belongs to a match. */
public final class Gpt2Lexer implements TextPattern {
    public static final String REGEX =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    @Override
    public long find(char[] chars, int from, int to, int at) {
        return at < to ? TextPattern.span(at, end(chars, to, at)) : NONE;
    }

    private static int end(char[] chars, int to, int at) {
        char c = chars[at];
        if (c == '\'') {
            int contraction = Contraction.lowerCase(chars, at, to);
            if (contraction > 0) return at + contraction;
        }
        int first = c == ' ' && at + 1 < to ? at + 1 : at;
        int flags = CharClass.at(chars, first, to);
        if ((flags & LETTER) != 0) return Runs.of(chars, first, to, LETTER);
        if ((flags & NUMBER) != 0) return Runs.of(chars, first, to, NUMBER);
        if ((flags & SPACE) == 0) return Runs.outside(chars, first, to, LETTER | NUMBER | SPACE);
        return Runs.leadingSpace(at, Runs.of(chars, at, to, SPACE), to);
    }
}
