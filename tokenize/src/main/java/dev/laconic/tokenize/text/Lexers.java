package dev.laconic.tokenize.text;

import static dev.laconic.tokenize.text.CharClass.LETTER;
import static dev.laconic.tokenize.text.CharClass.NUMBER;
import static dev.laconic.tokenize.text.CharClass.SPACE;

/** Small patterns written out by hand where a regular expression would be slow or not linear. */
public final class Lexers {
    /** {@code \p{N}}. */
    public static final TextPattern DIGIT = (chars, from, to, at) -> firstRun(chars, to, at, NUMBER, 1);
    /** {@code \p{N}{1,3}}. */
    public static final TextPattern DIGITS_BY_THREE = (chars, from, to, at) -> firstRun(chars, to, at, NUMBER, 3);
    /** {@code \p{N}+}. */
    public static final TextPattern DIGITS = (chars, from, to, at) -> firstRun(chars, to, at, NUMBER, Integer.MAX_VALUE);
    /** Digits in groups of three counted from the last. */
    public static final TextPattern DIGIT_GROUPS = new DigitGroups();
    /** {@code [^\n]+|\n+}. */
    public static final TextPattern LINES = Lexers::line;
    /** {@code [\r\n]}. */
    public static final TextPattern LINE_END = (chars, from, to, at) -> {
        for (int i = at; i < to; i++) if (chars[i] == '\r' || chars[i] == '\n') return TextPattern.span(i, i + 1);
        return TextPattern.NONE;
    };
    /** {@code \s+$}. */
    public static final TextPattern TRAILING_SPACE = (chars, from, to, at) -> {
        int start = to;
        while (start > at && (CharClass.of(chars[start - 1]) & SPACE) != 0) start--;
        return start < to ? TextPattern.span(start, to) : TextPattern.NONE;
    };
    /** {@code (?=(\d{3})+(?!\d))}: the empty place before every group of three ASCII digits counted from the last. */
    public static final TextPattern BEFORE_DIGIT_GROUPS = Lexers::beforeDigitGroups;
    /** Kimi K2's pattern, in the form in which its model files are read. */
    public static final TextPattern KIMI_K2 = (chars, from, to, at) -> at < to ? TextPattern.span(at, kimi(chars, to, at)) : -1;

    private Lexers() {}

    private static long firstRun(char[] chars, int to, int at, int flags, int max) {
        for (int i = at; i < to; i += CharClass.width(chars, i, to)) {
            if ((CharClass.at(chars, i, to) & flags) != 0) return TextPattern.span(i, Runs.of(chars, i, to, flags, max));
        }
        return TextPattern.NONE;
    }

    private static long line(char[] chars, int from, int to, int at) {
        if (at >= to) return TextPattern.NONE;
        boolean ends = chars[at] == '\n';
        int i = at + 1;
        while (i < to && chars[i] == '\n' == ends) i++;
        return TextPattern.span(at, i);
    }

    private static long beforeDigitGroups(char[] chars, int from, int to, int at) {
        int i = at;
        while (i < to) {
            while (i < to && !isAsciiDigit(chars[i])) i++;
            int end = i;
            while (end < to && isAsciiDigit(chars[end])) end++;
            int place = i + (end - i) % 3;
            if (place < end) return TextPattern.span(place, place);
            i = end;
        }
        return TextPattern.NONE;
    }

    private static boolean isAsciiDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static int kimi(char[] chars, int to, int at) {
        char c = chars[at];
        int i = at;
        if (isHan(Character.codePointAt(chars, at, to))) {
            while (i < to && isHan(Character.codePointAt(chars, i, to))) i += CharClass.width(chars, i, to);
            return i;
        }
        int flags = CharClass.at(chars, at, to);
        if ((flags & NUMBER) == 0 && c != '\r' && c != '\n') {
            int first = (flags & LETTER) != 0 ? at : at + CharClass.width(chars, at, to);
            i = first;
            while (i < to && (CharClass.at(chars, i, to) & LETTER) != 0 && !isHan(Character.codePointAt(chars, i, to)))
                i += CharClass.width(chars, i, to);
            if (i > first) return i < to && chars[i] == '\'' ? i + Contraction.anyCase(chars, i, to) : i;
        }
        return WordLexer.LLAMA3.notAWord(chars, to, at);
    }

    static boolean isHan(int c) {
        return c >= 0x4E00 && c <= 0x9FFF
                || c >= 0x3400 && c <= 0x4DBF
                || c >= 0x20000 && c <= 0x2A6DF
                || c >= 0x2A700 && c <= 0x2EBEF
                || c >= 0xF900 && c <= 0xFAFF
                || c >= 0x2F800 && c <= 0x2FA1F;
    }
}
