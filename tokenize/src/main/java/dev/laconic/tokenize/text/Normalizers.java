package dev.laconic.tokenize.text;

import java.text.BreakIterator;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The normalizers that {@code tokenizer.json} files name. */
public final class Normalizers {
    private static final int LONGEST_GRAPHEME = 5;

    /** Every character in lower case, whatever stands around it. */
    public static final Normalizer LOWER_CASE = (in, from, to, out) -> {
        for (int i = from, next; i < to; i = next) {
            next = i + CharClass.width(in.chars(), i, to);
            int code = in.codePointAt(i);
            if (code == 'İ') out.append("i\u0307", in.start(i), in.end(i));
            else out.appendCodePoint(Character.toLowerCase(code), in.start(i), in.end(next - 1));
        }
    };

    /** All marks go. */
    public static final Normalizer STRIP_ACCENTS = filter(code -> (CharClass.of(code) & CharClass.MARK) == 0);

    /** Bytes in GPT-2's spelling. */
    public static final Normalizer BYTE_LEVEL = ByteAlphabet::spell;

    /** The rules of SentencePiece's nmt normalizers for control characters and white space. */
    public static final Normalizer NMT = sequence(filter(Normalizers::isKeptByNmt), map(Normalizers::nmt));

    private Normalizers() {}

    /** A condition on code points. */
    @FunctionalInterface
    private interface Test {
        boolean test(int codePoint);
    }

    /** A function of code points. */
    @FunctionalInterface
    private interface Mapping {
        int map(int codePoint);
    }

    /** {@code prefix} gets the span of the character it is put before. */
    public static Normalizer prepend(String prefix) {
        return (in, from, to, out) -> {
            if (from == to) return;
            out.append(prefix, in.start(from), in.end(from + CharClass.width(in.chars(), from, to) - 1));
            out.append(in, from, to);
        };
    }

    /** White space at the ends goes. */
    public static Normalizer strip(boolean left, boolean right) {
        return (in, from, to, out) -> {
            int start = from;
            int end = to;
            while (left && start < end && CharClass.isWhitespace(in.charAt(start))) start++;
            while (right && start < end && CharClass.isWhitespace(in.charAt(end - 1))) end--;
            out.append(in, start, end);
        };
    }

    /** Every match becomes {@code content}. */
    public static Normalizer replace(TextPattern pattern, String content) {
        return (in, from, to, out) -> {
            TextPattern working = pattern.working();
            int done = from;
            for (int at = from; at <= to; ) {
                long match = working.find(in.chars(), from, to, at);
                if (match == TextPattern.NONE) break;
                int start = TextPattern.start(match);
                int end = TextPattern.end(match);
                out.append(in, done, start);
                out.append(content, in.spanStart(start, end), in.spanEnd(start, end));
                done = end;
                at = end > start ? end : end < to ? end + CharClass.width(in.chars(), end, to) : to + 1;
            }
            out.append(in, done, to);
        };
    }

    /**
     * What BERT does before it cuts words.
     *
     * @param cleanText control characters go, and all white space becomes a space
     * @param spaceChinese Chinese characters get spaces around them
     * @param stripAccents characters are decomposed and non-spacing marks go
     */
    public static Normalizer bert(boolean cleanText, boolean spaceChinese, boolean stripAccents, boolean lowerCase) {
        List<Normalizer> stages = new ArrayList<>();
        if (cleanText) {
            stages.add(filter(code -> code != 0 && code != 0xFFFD && !isBertControl(code)));
            stages.add(map(code -> CharClass.isWhitespace(code) ? ' ' : code));
        }
        if (spaceChinese) stages.add(Normalizers::spaceChinese);
        if (stripAccents) {
            stages.add(new UnicodeForm(Form.NFD));
            stages.add(filter(code -> Character.getType(code) != Character.NON_SPACING_MARK));
        }
        if (lowerCase) stages.add(LOWER_CASE);
        return Normalizer.sequence(stages);
    }

    /**
     * SentencePiece's compiled rules as Hugging Face applies them: first to a whole grapheme of at most five bytes, of
     * which the shortest rule that matches its beginning replaces all, else to each of its characters.
     */
    public static Normalizer precompiled(CharsMap rules) {
        return (in, from, to, out) -> {
            for (int i = from, next; i < to; i = next) {
                next = asciiBoundary(in, i, to);
                if (next == i + 1) applyToGrapheme(rules, in, i, next, out);
                else applyToGraphemes(rules, in, i, next, out);
            }
        };
    }

    /** The first place after {@code from} that is sure to part two graphemes: between two ASCII characters. */
    private static int asciiBoundary(Text in, int from, int to) {
        int i = from + 1;
        while (i < to
                && (in.charAt(i - 1) >= 0x80
                        || in.charAt(i) >= 0x80
                        || in.charAt(i - 1) == '\r' && in.charAt(i) == '\n')) i++;
        return i;
    }

    private static void applyToGraphemes(CharsMap rules, Text in, int from, int to, Text out) {
        BreakIterator graphemes = BreakIterator.getCharacterInstance(Locale.ROOT);
        graphemes.setText(in.string(from, to));
        int start = from;
        for (int end = graphemes.next(); end != BreakIterator.DONE; end = graphemes.next()) {
            applyToGrapheme(rules, in, start, from + end, out);
            start = from + end;
        }
    }

    private static void applyToGrapheme(CharsMap rules, Text in, int from, int to, Text out) {
        if (utf8Length(in, from, to) <= LONGEST_GRAPHEME && apply(rules, in, from, to, out)) return;
        for (int i = from, next; i < to; i = next) {
            next = i + CharClass.width(in.chars(), i, to);
            if (!apply(rules, in, i, next, out)) out.append(in, i, next);
        }
    }

    private static boolean apply(CharsMap rules, Text in, int from, int to, Text out) {
        long match = rules.match(in.chars(), from, to, true);
        if (match < 0) return false;
        out.append(rules.replacement(match), in.start(from), in.end(to - 1));
        return true;
    }

    private static int utf8Length(Text in, int from, int to) {
        int length = 0;
        for (int i = from; i < to; i++) {
            char c = in.charAt(i);
            length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return length;
    }

    private static Normalizer sequence(Normalizer... stages) {
        return Normalizer.sequence(List.of(stages));
    }

    private static Normalizer filter(Test kept) {
        return (in, from, to, out) -> {
            for (int i = from, next; i < to; i = next) {
                next = i + CharClass.width(in.chars(), i, to);
                if (kept.test(in.codePointAt(i))) out.append(in, i, next);
            }
        };
    }

    private static Normalizer map(Mapping mapping) {
        return (in, from, to, out) -> {
            for (int i = from, next; i < to; i = next) {
                next = i + CharClass.width(in.chars(), i, to);
                out.appendCodePoint(mapping.map(in.codePointAt(i)), in.start(i), in.end(next - 1));
            }
        };
    }

    private static void spaceChinese(Text in, int from, int to, Text out) {
        for (int i = from, next; i < to; i = next) {
            next = i + CharClass.width(in.chars(), i, to);
            boolean chinese = LlamaWords.isChinese(in.codePointAt(i));
            if (chinese) out.append(' ', in.start(i), in.end(next - 1));
            out.append(in, i, next);
            if (chinese) out.append(' ', in.start(i), in.end(next - 1));
        }
    }

    private static boolean isBertControl(int code) {
        if (code == '\t' || code == '\n' || code == '\r') return false;
        return switch (Character.getType(code)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }

    private static boolean isKeptByNmt(int code) {
        return !(code >= 1 && code <= 8
                || code == 0xB
                || code >= 0xE && code <= 0x1F
                || code == 0x7F
                || code == 0x8F
                || code == 0x9F);
    }

    private static int nmt(int code) {
        return switch (code) {
            case 9, 0xA, 0xC, 0xD, 0x1680, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD -> ' ';
            default -> code >= 0x200B && code <= 0x200F ? ' ' : code;
        };
    }
}
