package dev.laconic.tokenize.text;

import java.nio.CharBuffer;
import java.text.Normalizer.Form;

/**
 * A Unicode normalization form. Text is normalized stretch by stretch, each from a character that never combines with the
 * one before to the next such; what a stretch became has the span of the whole stretch.
 */
public record UnicodeForm(Form form) implements Normalizer {
    /** Below this no form changes anything, and nothing combines with what stands before. */
    private static final int UNCHANGED = 0xA0;
    /** Longest stretch, so that sorting its marks stays cheap. */
    private static final int LONGEST = 256;

    @Override
    public void normalize(Text in, int from, int to, Text out) {
        char[] chars = in.chars();
        if (java.text.Normalizer.isNormalized(CharBuffer.wrap(chars, from, to - from), form)) {
            out.append(in, from, to);
            return;
        }
        for (int start = from, end; start < to; start = end) {
            end = start + CharClass.width(chars, start, to);
            while (end < to && end - start < LONGEST && !isBoundary(Character.codePointAt(chars, end, to)))
                end += CharClass.width(chars, end, to);
            if (end - start == 1 && chars[start] < UNCHANGED) {
                out.append(chars[start], in.start(start), in.end(start));
                continue;
            }
            CharBuffer stretch = CharBuffer.wrap(chars, start, end - start);
            if (java.text.Normalizer.isNormalized(stretch, form)) out.append(in, start, end);
            else out.append(java.text.Normalizer.normalize(stretch, form), in.start(start), in.end(end - 1));
        }
    }

    /** Whether no form lets {@code c}, or what it decomposes to, combine with a character before it. */
    private static boolean isBoundary(int c) {
        if (c < 0x300) return true;
        if ((CharClass.of(c) & CharClass.MARK) != 0) return false;
        boolean hangulPart = c >= 0x1100 && c <= 0x11FF
                || c >= 0x3131 && c <= 0x318E
                || c >= 0xD7B0 && c <= 0xD7FF
                || c >= 0xFFA0 && c <= 0xFFDC;
        boolean halfwidthVoiceMark = c == 0xFF9E || c == 0xFF9F;
        boolean kiratRaiVowel = c >= 0x16D63 && c <= 0x16D6A;
        return !hangulPart && !halfwidthVoiceMark && !kiratRaiVowel;
    }
}
