package dev.laconic.tokenize.text;

import java.util.function.IntPredicate;

/** Matches single code points. */
record CharPattern(IntPredicate matched) implements TextPattern {

    static CharPattern of(IntPredicate matched) {
        return new CharPattern(matched);
    }

    @Override
    public long find(char[] chars, int from, int to, int at) {
        for (int i = at, next; i < to; i = next) {
            next = i + CharClass.width(chars, i, to);
            if (matched.test(Character.codePointAt(chars, i, to))) return TextPattern.span(i, next);
        }
        return NONE;
    }
}
