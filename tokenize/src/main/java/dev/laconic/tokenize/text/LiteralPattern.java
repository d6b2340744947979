package dev.laconic.tokenize.text;

/**
 * Matches a string that is not empty.
 */
public record LiteralPattern(String literal) implements TextPattern {

    @Override
    public long find(char[] chars, int from, int to, int at) {
        int length = literal.length();
        char first = literal.charAt(0);
        for (int i = at; i <= to - length; i++) {
            if (chars[i] != first) continue;
            int k = 1;
            while (k < length && chars[i + k] == literal.charAt(k)) k++;
            if (k == length) return TextPattern.span(i, i + length);
        }
        return NONE;
    }
}
