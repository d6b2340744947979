package dev.laconic.model.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/** Python's notion of text: a sequence of code points, its own idea of whitespace, lines and title case. */
final class Text {
    private static final String LINE_ENDS = "\n\r\u000b\u000c\u001c\u001d\u001e\u0085\u2028\u2029";

    private Text() {}

    static boolean isSpace(int c) {
        return switch (c) {
            case ' ', '\t', '\n', '\u000b', '\f', '\r', 0x1c, 0x1d, 0x1e, 0x1f, 0x85, 0xa0, 0x1680 -> true;
            case 0x2028, 0x2029, 0x202f, 0x205f, 0x3000 -> true;
            default -> c >= 0x2000 && c <= 0x200a;
        };
    }

    /** Without the characters at both ends that are in {@code chars}. */
    static String strip(String text, IntPredicate chars) {
        return stripEnd(stripStart(text, chars), chars);
    }

    static String stripStart(String text, IntPredicate chars) {
        int from = 0;
        while (from < text.length() && chars.test(text.codePointAt(from)))
            from += Character.charCount(text.codePointAt(from));
        return text.substring(from);
    }

    static String stripEnd(String text, IntPredicate chars) {
        int to = text.length();
        while (to > 0 && chars.test(text.codePointBefore(to))) to -= Character.charCount(text.codePointBefore(to));
        return text.substring(0, to);
    }

    static String stripEnd(String text) {
        return stripEnd(text, Text::isSpace);
    }

    /** Number of code points. */
    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** Code points {@code start}, {@code start + step}, ... {@code count} of them. */
    static String slice(String text, int start, int count, int step) {
        if (count == 0) return "";
        if (step == 1) {
            int from = text.offsetByCodePoints(0, start);
            return text.substring(from, text.offsetByCodePoints(from, count));
        }
        int[] points = text.codePoints().toArray();
        StringBuilder slice = new StringBuilder(count);
        for (int i = 0; i < count; i++) slice.appendCodePoint(points[start + i * step]);
        return slice.toString();
    }

    static List<Value> characters(String text) {
        List<Value> characters = new ArrayList<>();
        for (int i = 0; i < text.length(); ) {
            int size = Character.charCount(text.codePointAt(i));
            characters.add(Value.Str.of(text.substring(i, i + size)));
            i += size;
        }
        return characters;
    }

    /**
     * Index of {@code part} in {@code text} at or after {@code from}, or -1, in time linear in both lengths.
     */
    static int find(String text, String part, int from) {
        if (part.length() <= 32) return text.indexOf(part, from);
        int[] border = new int[part.length() + 1];
        int k = 0;
        for (int i = 1; i < part.length(); i++) {
            while (k > 0 && part.charAt(i) != part.charAt(k)) k = border[k];
            if (part.charAt(i) == part.charAt(k)) k++;
            border[i + 1] = k;
        }
        k = 0;
        for (int i = Math.max(from, 0); i < text.length(); i++) {
            while (k > 0 && (k == part.length() || text.charAt(i) != part.charAt(k))) k = border[k];
            if (text.charAt(i) == part.charAt(k)) k++;
            if (k == part.length()) return i + 1 - k;
        }
        return -1;
    }

    /** Start of the last occurrence of {@code part}, or -1. */
    static int findLast(String text, String part) {
        String reversed = new StringBuilder(text).reverse().toString();
        int at = find(reversed, new StringBuilder(part).reverse().toString(), 0);
        return at < 0 ? -1 : text.length() - at - part.length();
    }

    /** Replaces the first {@code limit} occurrences, all if it is negative. */
    static String replace(String text, String old, String with, long limit) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        long left = limit < 0 ? Long.MAX_VALUE : limit;
        if (old.isEmpty()) {
            for (; left > 0; left--) {
                out.append(with);
                if (at == text.length()) return out.toString();
                int size = Character.charCount(text.codePointAt(at));
                out.append(text, at, at + size);
                at += size;
            }
            return out.append(text, at, text.length()).toString();
        }
        for (; left > 0; left--) {
            int found = find(text, old, at);
            if (found < 0) break;
            out.append(text, at, found).append(with);
            at = found + old.length();
        }
        return at == 0 ? text : out.append(text, at, text.length()).toString();
    }

    /** How often {@code part} occurs, not overlapping. */
    static int count(String text, String part) {
        if (part.isEmpty()) return length(text) + 1;
        int count = 0;
        for (int at = find(text, part, 0); at >= 0; at = find(text, part, at + part.length())) count++;
        return count;
    }

    /** Cuts at the first {@code limit} separators, all if it is negative. */
    static List<String> split(String text, String separator, long limit) {
        List<String> parts = new ArrayList<>();
        int at = 0;
        for (int found = find(text, separator, 0);
                found >= 0 && (limit < 0 || parts.size() < limit);
                found = find(text, separator, at)) {
            parts.add(text.substring(at, found));
            at = found + separator.length();
        }
        parts.add(text.substring(at));
        return parts;
    }

    /** Cuts at the last {@code limit} separators, all if it is negative. */
    static List<String> splitLast(String text, String separator, long limit) {
        List<String> reversed = split(
                new StringBuilder(text).reverse().toString(), new StringBuilder(separator).reverse().toString(), limit);
        List<String> parts = new ArrayList<>();
        for (String part : reversed.reversed()) parts.add(new StringBuilder(part).reverse().toString());
        return parts;
    }

    /** Cuts at runs of whitespace, of which those at the ends leave nothing; at most {@code limit} cuts. */
    static List<String> words(String text, long limit) {
        List<String> words = new ArrayList<>();
        int at = skip(text, 0, true);
        while (at < text.length()) {
            if (limit >= 0 && words.size() >= limit) {
                words.add(text.substring(at));
                break;
            }
            int end = skip(text, at, false);
            words.add(text.substring(at, end));
            at = skip(text, end, true);
        }
        return words;
    }

    /** As {@link #words}, counting cuts from the end. */
    static List<String> wordsLast(String text, long limit) {
        List<String> words = new ArrayList<>();
        String rest = stripEnd(text);
        while (!rest.isEmpty()) {
            if (limit >= 0 && words.size() >= limit) {
                words.add(rest);
                break;
            }
            int start = rest.length();
            while (start > 0 && !isSpace(rest.charAt(start - 1))) start--;
            words.add(rest.substring(start));
            int end = start;
            while (end > 0 && isSpace(rest.charAt(end - 1))) end--;
            rest = rest.substring(0, end);
        }
        Collections.reverse(words);
        return words;
    }

    private static int skip(String text, int at, boolean space) {
        while (at < text.length() && isSpace(text.charAt(at)) == space) at++;
        return at;
    }

    static List<String> lines(String text, boolean keepEnds) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (LINE_ENDS.indexOf(text.charAt(i)) < 0) continue;
            int end = i;
            if (text.charAt(i) == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') i++;
            lines.add(text.substring(start, keepEnds ? i + 1 : end));
            start = i + 1;
        }
        if (start < text.length()) lines.add(text.substring(start));
        return lines;
    }

    static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** The first character in title case, the others in lower case. */
    static String capitalize(String text) {
        if (text.isEmpty()) return text;
        int size = Character.charCount(text.codePointAt(0));
        return titleCase(text.substring(0, size)) + lower(text.substring(size));
    }

    /** Each run of letters capitalised. */
    static String title(String text) {
        StringBuilder out = new StringBuilder(text.length());
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            String letter = Character.toString(c);
            out.append(inWord ? lower(letter) : titleCase(letter));
            inWord = isCased(c);
            i += Character.charCount(c);
        }
        return out.toString();
    }

    static String swapCase(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            String letter = Character.toString(c);
            out.append(Character.isUpperCase(c) ? lower(letter) : upper(letter));
        });
        return out.toString();
    }

    private static String titleCase(String letter) {
        int c = letter.codePointAt(0);
        int title = Character.toTitleCase(c);
        if (title != c) return Character.toString(title);
        String upper = upper(letter);
        return upper.length() <= letter.length() ? upper : upper.charAt(0) + lower(upper.substring(1));
    }

    static boolean isCased(int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }

    /** Whether there is a cased letter and every cased letter passes. */
    static boolean allCased(String text, IntPredicate wanted) {
        return text.codePoints().anyMatch(Text::isCased)
                && text.codePoints().filter(Text::isCased).allMatch(wanted);
    }

    /** Whether there is a character and every character passes. */
    static boolean all(String text, IntPredicate wanted) {
        return !text.isEmpty() && text.codePoints().allMatch(wanted);
    }

    static int compare(String a, String b) {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x == y) continue;
            // Surrogates stand for code points above every other UTF-16 unit.
            if (Character.isSurrogate(x) != Character.isSurrogate(y)) return Character.isSurrogate(x) ? 1 : -1;
            return x - y;
        }
        return a.length() - b.length();
    }

    static String escapeHtml(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&#34;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c);
            }
        }
        return out.toString();
    }

    /** The text as a Python literal. */
    static String quote(String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder out = new StringBuilder(text.length() + 2).append(quote);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                    if (c == quote) out.append('\\').append(quote);
                    else if (isPrintable(c)) out.appendCodePoint(c);
                    else if (c < 0x100) out.append(String.format("\\x%02x", c));
                    else if (c < 0x10000) out.append(String.format("\\u%04x", c));
                    else out.append(String.format("\\U%08x", c));
                }
            }
        });
        return out.append(quote).toString();
    }

    static boolean isPrintable(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR -> false;
                    default -> true;
                };
    }

    /** For error messages: the text on one line, cut where it is long. */
    static String abbreviate(String text) {
        String line = text.length() > 60 ? text.substring(0, 57) + "..." : text;
        return line.replace("\n", "\\n");
    }
}
