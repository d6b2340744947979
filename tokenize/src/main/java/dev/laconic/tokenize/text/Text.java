package dev.laconic.tokenize.text;

import dev.laconic.core.error.LaconicException;
import java.util.Arrays;

/**
 * A growable run of UTF-16 code units, each of which knows the span of the original text it came from. Holds no unpaired
 * surrogate: one that comes in becomes U+FFFD.
 */
public final class Text {
    private static final int[] NONE = {};
    private static final int LONGEST = 1 << 28;

    private char[] chars = new char[64];
    private int length;
    private boolean identity = true;
    private int[] starts = NONE;
    private int[] ends = NONE;

    /** Replaces the content by {@code source}, each unit at its own offset. */
    public void set(String source) {
        int n = source.length();
        if (chars.length < n) chars = new char[n];
        source.getChars(0, n, chars, 0);
        length = n;
        identity = true;
        for (int i = 0; i < n; i++) {
            char c = chars[i];
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) continue;
            if (c <= Character.MAX_HIGH_SURROGATE && i + 1 < n && Character.isLowSurrogate(chars[i + 1])) i++;
            else chars[i] = 0xFFFD;
        }
    }

    /** Empties the text; what is appended next brings its spans along. */
    public void clear() {
        length = 0;
        identity = false;
    }

    /** Appends one unit that came from {@code [start, end)} of the original. */
    public void append(char c, int start, int end) {
        int i = length++;
        if (i >= chars.length) {
            if (i >= LONGEST) throw new LaconicException("the normal form of this text is longer than " + i + " characters");
            chars = Arrays.copyOf(chars, i * 2);
        }
        if (i >= starts.length) {
            starts = Arrays.copyOf(starts, chars.length);
            ends = Arrays.copyOf(ends, chars.length);
        }
        chars[i] = c;
        starts[i] = start;
        ends[i] = end;
    }

    /** Appends a code point all of whose units came from {@code [start, end)} of the original. */
    public void appendCodePoint(int codePoint, int start, int end) {
        if (codePoint < 0x10000) {
            append((char) codePoint, start, end);
        } else {
            append(Character.highSurrogate(codePoint), start, end);
            append(Character.lowSurrogate(codePoint), start, end);
        }
    }

    /** Appends units {@code [from, to)} of another text with their spans. */
    public void append(Text other, int from, int to) {
        for (int i = from; i < to; i++) append(other.chars[i], other.start(i), other.end(i));
    }

    /** Appends {@code inserted}, all of which stands for {@code [start, end)} of the original. */
    public void append(CharSequence inserted, int start, int end) {
        for (int i = 0; i < inserted.length(); i++) append(inserted.charAt(i), start, end);
    }

    /** Drops all but the first {@code newLength} units. */
    public void truncate(int newLength) {
        length = newLength;
    }

    public int length() {
        return length;
    }

    public char charAt(int i) {
        return chars[i];
    }

    /** The backing array; units from {@link #length()} on are meaningless, and it moves when the text grows. */
    public char[] chars() {
        return chars;
    }

    public int codePointAt(int i) {
        return Character.codePointAt(chars, i, length);
    }

    /** Where in the original unit {@code i} came from: the first unit. */
    public int start(int i) {
        return identity ? i : starts[i];
    }

    /** Where in the original unit {@code i} came from: one past the last unit. */
    public int end(int i) {
        return identity ? i + 1 : ends[i];
    }

    /** The original span's start of the piece {@code [from, to)}; an empty piece has an empty span. */
    public int spanStart(int from, int to) {
        if (from < to || identity) {
            return start(from);
        }
        return from < length ? start(from) : from > 0 ? end(from - 1) : 0;
    }

    /** The original span's end of the piece {@code [from, to)}. */
    public int spanEnd(int from, int to) {
        return from < to ? end(to - 1) : spanStart(from, to);
    }

    public String string(int from, int to) {
        return new String(chars, from, to - from);
    }

    @Override
    public String toString() {
        return string(0, length);
    }
}
