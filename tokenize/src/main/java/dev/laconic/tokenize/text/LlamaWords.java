package dev.laconic.tokenize.text;

import java.text.Normalizer.Form;

/**
 * What llama.cpp does to a text before WordPiece: words are cut at white space and around punctuation and Chinese
 * characters; control characters go, and accents and upper case where asked.
 *
 * @param lowerCase letters become lower case
 * @param stripAccents characters become the first of their decomposition, and marks go
 */
public record LlamaWords(boolean lowerCase, boolean stripAccents) implements PreTokenizer {
    /** What was found out so far, by any thread; 0 is not yet. */
    private static final char[] BASES = new char[0x10000];

    @Override
    public PieceSink open(PieceSink next) {
        Text word = new Text();
        return (text, from, to) -> {
            word.clear();
            for (int i = from, end; i < to; i = end) {
                end = i + CharClass.width(text.chars(), i, to);
                int code = text.codePointAt(i);
                if (stripAccents && code >= 0x80) code = base(code);
                int flags = CharClass.of(code);
                if ((flags & CharClass.SPACE) != 0) {
                    flush(word, next);
                    continue;
                }
                if (code == 0xFFFD || isControl(code) || stripAccents && (flags & CharClass.MARK) != 0) continue;
                boolean alone = (flags & CharClass.PUNCTUATION) != 0
                        || code < 0x7F && (flags & CharClass.SYMBOL) != 0
                        || isChinese(code);
                if (alone) flush(word, next);
                word.appendCodePoint(lowerCase ? Character.toLowerCase(code) : code, text.start(i), text.end(end - 1));
                if (alone) flush(word, next);
            }
            flush(word, next);
        };
    }

    /** The first character of the decomposition. */
    private static int base(int code) {
        if (code > Character.MAX_VALUE) return decomposed(code);
        char known = BASES[code];
        if (known != 0) return known;
        int base = decomposed(code);
        if (base <= Character.MAX_VALUE) BASES[code] = (char) base;
        return base;
    }

    private static int decomposed(int code) {
        return java.text.Normalizer.normalize(Character.toString(code), Form.NFD).codePointAt(0);
    }

    private static void flush(Text word, PieceSink next) {
        if (word.length() == 0) return;
        next.piece(word, 0, word.length());
        word.clear();
    }

    private static boolean isControl(int code) {
        return switch (Character.getType(code)) {
            case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE -> true;
            default -> false;
        };
    }

    /** The blocks that BERT's tokenizer takes for Chinese. */
    static boolean isChinese(int c) {
        return c >= 0x4E00 && c <= 0x9FFF
                || c >= 0x3400 && c <= 0x4DBF
                || c >= 0x20000 && c <= 0x2A6DF
                || c >= 0x2A700 && c <= 0x2B73F
                || c >= 0x2B740 && c <= 0x2B81F
                || c >= 0x2B920 && c <= 0x2CEAF
                || c >= 0xF900 && c <= 0xFAFF
                || c >= 0x2F800 && c <= 0x2FA1F;
    }
}
