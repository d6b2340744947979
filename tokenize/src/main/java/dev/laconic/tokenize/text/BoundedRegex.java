package dev.laconic.tokenize.text;

import dev.laconic.core.error.LaconicException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A regular expression that gives up, with an error that shows it, once it has looked at far more characters than the
 * text has or has nested too deep.
 */
public final class BoundedRegex implements TextPattern {
    private static final long STEPS = 20_000_000;
    private static final int STEPS_PER_CHARACTER = 200;

    private final Pattern pattern;
    private final Window window = new Window();
    private final Matcher matcher;

    public BoundedRegex(Pattern pattern) {
        this.pattern = pattern;
        this.matcher = pattern.matcher(window);
    }

    @Override
    public TextPattern working() {
        return new BoundedRegex(pattern);
    }

    @Override
    public long find(char[] chars, int from, int to, int at) {
        if (at == from || window.chars != chars || window.from != from || window.length != to - from) {
            window.chars = chars;
            window.from = from;
            window.length = to - from;
            window.steps = STEPS + (long) STEPS_PER_CHARACTER * (to - from);
            matcher.reset();
        }
        try {
            return matcher.find(at - from)
                    ? TextPattern.span(from + matcher.start(), from + matcher.end())
                    : NONE;
        } catch (StackOverflowError e) {
            throw new LaconicException("the pre-tokenizer's pattern nests too deep on this text of " + (to - from)
                    + " characters: " + pattern);
        }
    }

    private final class Window implements CharSequence {
        private char[] chars = {};
        private int from;
        private int length;
        private long steps;

        @Override
        public int length() {
            return length;
        }

        @Override
        public char charAt(int index) {
            if (--steps < 0)
                throw new LaconicException("the pre-tokenizer's pattern takes too long on this text of " + length
                        + " characters: " + pattern);
            return chars[from + index];
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new String(chars, from + start, end - start);
        }

        @Override
        public String toString() {
            return new String(chars, from, length);
        }
    }
}
