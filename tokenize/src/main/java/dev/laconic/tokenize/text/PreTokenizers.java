package dev.laconic.tokenize.text;

import dev.laconic.tokenize.text.Split.Behaviour;
import java.lang.Character.UnicodeScript;
import java.util.List;

/** The pre-tokenizers that {@code tokenizer.json} files name. */
public final class PreTokenizers {
    private static final TextPattern SPACE = CharPattern.of(CharClass::isWhitespace);
    private static final TextPattern PUNCTUATION = CharPattern.of(PreTokenizers::isPunctuation);

    /** Runs of word characters and runs of others are pieces; white space goes. */
    public static final PreTokenizer WHITESPACE = Split.at(new Words(), Behaviour.REMOVED, true);

    /** What stands between white space. */
    public static final PreTokenizer WHITESPACE_SPLIT = Split.at(SPACE, Behaviour.REMOVED, false);

    /** What stands between white space, punctuation by itself. */
    public static final PreTokenizer BERT =
            PreTokenizer.sequence(List.of(WHITESPACE_SPLIT, Split.isolated(PUNCTUATION)));

    /**
     * Pieces of one script; kana count as Chinese characters. Spaces and unassigned characters go with what stands before
     * them, and those that begin the text go.
     */
    public static final PreTokenizer UNICODE_SCRIPTS = PreTokenizers::scripts;

    private PreTokenizers() {}

    public static PreTokenizer punctuation(Behaviour behaviour) {
        return Split.at(PUNCTUATION, behaviour, false);
    }

    /** @param each every digit is a piece; otherwise every run */
    public static PreTokenizer digits(boolean each) {
        return each ? Split.isolated(Lexers.DIGIT) : Split.at(Lexers.DIGIT, Behaviour.CONTIGUOUS, false);
    }

    public static PreTokenizer delimiter(int codePoint) {
        return Split.at(CharPattern.of(c -> c == codePoint), Behaviour.REMOVED, false);
    }

    /** Pieces of so many code points. */
    public static PreTokenizer fixedLength(int length) {
        return next -> (text, from, to) -> {
            for (int i = from; i < to; ) {
                int end = i;
                for (int n = 0; n < length && end < to; n++) end += CharClass.width(text.chars(), end, to);
                next.piece(text, i, end);
                i = end;
            }
        };
    }

    /**
     * Bytes in GPT-2's spelling.
     *
     * @param addSpace one space is put before a piece that begins with none
     * @param cut pieces are cut by GPT-2's pattern first
     */
    public static PreTokenizer byteLevel(boolean addSpace, boolean cut) {
        PreTokenizer spelt = ByteAlphabet.speller();
        PreTokenizer words = cut ? PreTokenizer.sequence(List.of(Split.isolated(new Gpt2Lexer()), spelt)) : spelt;
        return addSpace ? PreTokenizer.sequence(List.of(PreTokenizers::addSpace, words)) : words;
    }

    private static PieceSink addSpace(PieceSink next) {
        Text spaced = new Text();
        return (text, from, to) -> {
            if (from < to && text.charAt(from) == ' ') {
                next.piece(text, from, to);
                return;
            }
            spaced.clear();
            spaced.append(' ', text.spanStart(from, to), from < to ? firstEnd(text, from, to) : text.spanEnd(from, to));
            spaced.append(text, from, to);
            next.piece(spaced, 0, spaced.length());
        };
    }

    /** Where in the original the first character of a piece ends: what is put before it shares its span. */
    private static int firstEnd(Text text, int from, int to) {
        return text.end(from + CharClass.width(text.chars(), from, to) - 1);
    }

    /** Where {@link #metaspace} puts a mark before a piece. */
    public enum Prepend {
        NEVER,
        /** Before the piece that begins the text. */
        FIRST,
        ALWAYS
    }

    /**
     * Spaces become {@code mark}.
     *
     * @param cut pieces are cut before every mark
     */
    public static PreTokenizer metaspace(char mark, Prepend prepend, boolean cut) {
        return next -> {
            Text marked = new Text();
            return (text, from, to) -> {
                if (from == to) return;
                marked.clear();
                boolean begins = text.charAt(from) == ' ' || text.charAt(from) == mark;
                if (!begins && (prepend == Prepend.ALWAYS || prepend == Prepend.FIRST && text.start(from) == 0))
                    marked.append(mark, text.start(from), firstEnd(text, from, to));
                for (int i = from; i < to; i++)
                    marked.append(text.charAt(i) == ' ' ? mark : text.charAt(i), text.start(i), text.end(i));
                int start = 0;
                for (int i = 1; cut && i < marked.length(); i++) {
                    if (marked.charAt(i) != mark) continue;
                    next.piece(marked, start, i);
                    start = i;
                }
                next.piece(marked, start, marked.length());
            };
        };
    }

    private static PieceSink scripts(PieceSink next) {
        return (text, from, to) -> {
            UnicodeScript last = null;
            int start = to;
            for (int i = from; i < to; i += CharClass.width(text.chars(), i, to)) {
                UnicodeScript script = script(text.codePointAt(i));
                if (script == null) continue;
                if (last != script) {
                    if (last != null) next.piece(text, start, i);
                    start = i;
                }
                last = script;
            }
            if (start < to) next.piece(text, start, to);
        };
    }

    private static UnicodeScript script(int code) {
        if (code == ' ') return null;
        if (code == 0x30FC) return UnicodeScript.HAN;
        UnicodeScript script = UnicodeScript.of(code);
        return switch (script) {
            case HIRAGANA, KATAKANA -> UnicodeScript.HAN;
            case UNKNOWN -> null;
            default -> script;
        };
    }

    private static boolean isPunctuation(int code) {
        if (code < 0x80) return code > ' ' && code < 0x7F && !Character.isLetterOrDigit(code);
        return (CharClass.of(code) & CharClass.PUNCTUATION) != 0;
    }

    /** {@code \w+|[^\w\s]+}. */
    private static final class Words implements TextPattern {
        @Override
        public long find(char[] chars, int from, int to, int at) {
            int start = at;
            while (start < to && CharClass.isWhitespace(chars[start])) start++;
            if (start >= to) return NONE;
            boolean word = CharClass.isWord(Character.codePointAt(chars, start, to));
            int end = start;
            while (end < to) {
                int code = Character.codePointAt(chars, end, to);
                if (CharClass.isWord(code) != word || !word && CharClass.isWhitespace(code)) break;
                end += CharClass.width(chars, end, to);
            }
            return TextPattern.span(start, end);
        }
    }
}
