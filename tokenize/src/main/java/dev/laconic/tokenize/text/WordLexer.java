package dev.laconic.tokenize.text;

import static dev.laconic.tokenize.text.CharClass.LETTER;
import static dev.laconic.tokenize.text.CharClass.MARK;
import static dev.laconic.tokenize.text.CharClass.NUMBER;
import static dev.laconic.tokenize.text.CharClass.SPACE;

/**
 * The family of patterns that began with cl100k: contractions, words with one leading character that is neither letter,
 * digit nor line end, numbers of bounded length, punctuation with one leading space, white space. Every code point belongs
 * to a match.
 *
 * @param contractions how {@code 's 't 're 've 'm 'll 'd} are recognised
 * @param contractionsEndWords a contraction is part of the word before it, not a match of its own
 * @param words what a word is made of
 * @param maxDigits longest number
 * @param afterPunctuation characters that a run of punctuation takes along when they follow
 * @param maxAfterPunctuation how many of them
 */
public record WordLexer(
        Contractions contractions,
        boolean contractionsEndWords,
        Words words,
        int maxDigits,
        String afterPunctuation,
        int maxAfterPunctuation)
        implements TextPattern {

    /** How contractions are recognised. */
    public enum Contractions {
        NONE,
        /** ASCII letters in either case. */
        ANY_CASE,
        /** Any character that folds to one of the letters. */
        FOLDED
    }

    /** What a word is made of. */
    public enum Words {
        /** {@code \p{L}+}. */
        LETTERS(LETTER, false),
        /** {@code [\p{L}\p{M}]+}, and marks are no punctuation. */
        LETTERS_AND_MARKS(LETTER | MARK, false),
        /** {@code [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+} or the other way round. */
        CASED(LETTER | MARK, true),
        /** {@code [\p{L}--[a-z]]*[\p{L}--[A-Z]]+} or the other way round. */
        ASCII_CASED(LETTER, true),
        /** As {@link #ASCII_CASED}, with marks. */
        ASCII_CASED_AND_MARKS(LETTER | MARK, true),
        /** {@code \p{L}([\p{L}\p{M}]|[ ](?=\p{L}))*}: words with single spaces between them. */
        PHRASES(LETTER, false),
        /** {@code [\p{L}\p{M}]+}, and a mark that begins no word is punctuation. */
        UNCASED_AND_MARKS(LETTER | MARK, false);

        private final int flags;
        private final boolean cased;

        Words(int flags, boolean cased) {
            this.flags = flags;
            this.cased = cased;
        }
    }

    private static final String LINE_ENDS = "\r\n";

    public static final WordLexer LLAMA3 = new WordLexer(Contractions.ANY_CASE, false, Words.LETTERS, 3, LINE_ENDS, Integer.MAX_VALUE);
    public static final WordLexer QWEN2 = new WordLexer(Contractions.ANY_CASE, false, Words.LETTERS, 1, LINE_ENDS, Integer.MAX_VALUE);
    public static final WordLexer QWEN35 =
            new WordLexer(Contractions.ANY_CASE, false, Words.LETTERS_AND_MARKS, 1, LINE_ENDS, Integer.MAX_VALUE);

    /** {@code lexer}, but white space at the end of the text is one match even if it has line ends. */
    public static TextPattern whole(WordLexer lexer) {
        return (chars, from, to, at) -> {
            if (at < to && (CharClass.of(chars[at]) & SPACE) != 0 && Runs.of(chars, at, to, SPACE) == to)
                return TextPattern.span(at, to);
            return lexer.find(chars, from, to, at);
        };
    }

    @Override
    public long find(char[] chars, int from, int to, int at) {
        return at < to ? TextPattern.span(at, end(chars, to, at)) : NONE;
    }

    private int end(char[] chars, int to, int at) {
        char c = chars[at];
        if (c == '\'' && !contractionsEndWords) {
            int contraction = contraction(chars, at, to);
            if (contraction > 0) return at + contraction;
        }
        int flags = CharClass.at(chars, at, to);
        if ((flags & NUMBER) == 0 && c != '\r' && c != '\n') {
            int word = word(chars, at, to, flags);
            if (word > at) {
                return contractionsEndWords && word < to && chars[word] == '\'' ? word + contraction(chars, word, to) : word;
            }
        }
        return notAWord(chars, to, at);
    }

    /** The end of a number, punctuation or white space. */
    int notAWord(char[] chars, int to, int at) {
        char c = chars[at];
        if ((CharClass.at(chars, at, to) & NUMBER) != 0) return Runs.of(chars, at, to, NUMBER, maxDigits);
        int notPunctuation = LETTER | NUMBER | SPACE | (words == Words.LETTERS_AND_MARKS ? MARK : 0);
        int first = c == ' ' && at + 1 < to ? at + 1 : at;
        int end = Runs.outside(chars, first, to, notPunctuation);
        if (end > first) {
            for (int n = 0; n < maxAfterPunctuation && end < to && afterPunctuation.indexOf(chars[end]) >= 0; n++) end++;
            return end;
        }
        return space(chars, at, to);
    }

    private int contraction(char[] chars, int at, int to) {
        return switch (contractions) {
            case NONE -> 0;
            case ANY_CASE -> Contraction.anyCase(chars, at, to);
            case FOLDED -> Contraction.foldedCase(chars, at, to);
        };
    }

    /** The end of a word with or without its leading character, or {@code at} where none begins. */
    private int word(char[] chars, int at, int to, int flags) {
        int second = (flags & LETTER) != 0 ? at : at + CharClass.width(chars, at, to);
        boolean alone = (flags & words.flags) != 0;
        if (!words.cased) {
            int end = words == Words.PHRASES ? phrase(chars, second, to) : Runs.of(chars, second, to, words.flags);
            return end > second ? end : alone ? second : at;
        }
        int end = endingLower(chars, second, to);
        if (end > second) return end;
        if (alone && second > at) return endingLower(chars, at, to);
        end = upperRun(chars, second, to);
        return end > second ? end : at;
    }

    private static int phrase(char[] chars, int at, int to) {
        int end = Runs.of(chars, at, to, LETTER);
        if (end == at) return at;
        while (true) {
            end = Runs.of(chars, end, to, LETTER | MARK);
            if (end + 1 >= to || chars[end] != ' ' || (CharClass.at(chars, end + 1, to) & LETTER) == 0) return end;
            end++;
        }
    }

    /** Upper-like letters, then at least one lower-like; letters without case are both. The start where there is none. */
    private int endingLower(char[] chars, int at, int to) {
        int lastLowerLike = at;
        int i = at;
        while (i < to) {
            int flags = CharClass.at(chars, i, to);
            if (!isUpperLike(flags, chars[i])) break;
            boolean both = isLowerLike(flags, chars[i]);
            i += CharClass.width(chars, i, to);
            if (both) lastLowerLike = i;
        }
        int upperEnd = i;
        while (i < to && isLowerLike(CharClass.at(chars, i, to), chars[i])) i += CharClass.width(chars, i, to);
        return i > upperEnd ? i : lastLowerLike;
    }

    private int upperRun(char[] chars, int at, int to) {
        int i = at;
        while (i < to && isUpperLike(CharClass.at(chars, i, to), chars[i])) i += CharClass.width(chars, i, to);
        return i;
    }

    private boolean isUpperLike(int flags, char c) {
        if ((flags & words.flags) == 0) return false;
        return words == Words.CASED ? (flags & CharClass.LOWER) == 0 : c < 'a' || c > 'z';
    }

    private boolean isLowerLike(int flags, char c) {
        if ((flags & words.flags) == 0) return false;
        return words == Words.CASED ? (flags & CharClass.UPPER) == 0 : c < 'A' || c > 'Z';
    }

    /** {@code \s*[\r\n]+|\s+(?!\S)|\s+}. */
    private static int space(char[] chars, int at, int to) {
        int end = at;
        int lineEnd = at;
        while (end < to && (CharClass.of(chars[end]) & SPACE) != 0) {
            char c = chars[end++];
            if (c == '\r' || c == '\n') lineEnd = end;
        }
        return lineEnd > at ? lineEnd : Runs.leadingSpace(at, end, to);
    }
}
