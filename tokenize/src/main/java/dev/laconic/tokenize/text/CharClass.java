package dev.laconic.tokenize.text;

/** Unicode properties of code points as bit flags, by one table look-up in the basic plane. */
public final class CharClass {
    /** General category L. */
    public static final int LETTER = 1;
    /** General category N. */
    public static final int NUMBER = 2;
    /** Property White_Space. */
    public static final int SPACE = 4;
    /** General category M. */
    public static final int MARK = 8;
    /** General category P. */
    public static final int PUNCTUATION = 16;
    /** General category S. */
    public static final int SYMBOL = 32;
    /** Categories Lu and Lt. */
    public static final int UPPER = 64;
    /** Category Ll. */
    public static final int LOWER = 128;

    private static final byte[] LATIN = table(0x100);

    /** Made for the first text that needs it: that takes longer than to encode a short one. */
    private static final class BasicPlane {
        static final byte[] TABLE = table(0x10000);
    }

    private CharClass() {}

    private static byte[] table(int size) {
        byte[] table = new byte[size];
        for (int c = 0; c < size; c++) table[c] = (byte) classify(c);
        return table;
    }

    /** The flags of a code unit of the basic plane; a surrogate has none. */
    public static int of(char c) {
        return (c < 0x100 ? LATIN[c] : BasicPlane.TABLE[c]) & 0xFF;
    }

    public static int of(int codePoint) {
        return codePoint < 0x10000 ? of((char) codePoint) : classify(codePoint);
    }

    /** The flags of the code point that begins at {@code i}. */
    public static int at(char[] chars, int i, int to) {
        int flags = of(chars[i]);
        return flags != 0 || !Character.isHighSurrogate(chars[i])
                ? flags
                : classify(Character.codePointAt(chars, i, to));
    }

    /** Units of the code point that begins at {@code i}. */
    public static int width(char[] chars, int i, int to) {
        return Character.isHighSurrogate(chars[i]) && i + 1 < to && Character.isLowSurrogate(chars[i + 1]) ? 2 : 1;
    }

    /** Property White_Space. */
    public static boolean isWhitespace(int c) {
        return c <= 0x20
                ? c == 0x20 || c >= 9 && c <= 13
                : c == 0x85 || c == 0xA0 || c == 0x1680 || c >= 0x2000 && c <= 0x200A || c == 0x2028 || c == 0x2029
                        || c == 0x202F || c == 0x205F || c == 0x3000;
    }

    /** What {@code \w} matches: letters and what acts like one, marks, decimal digits, connectors, joiners. */
    public static boolean isWord(int c) {
        return Character.isAlphabetic(c)
                || (of(c) & MARK) != 0
                || Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER
                || Character.getType(c) == Character.CONNECTOR_PUNCTUATION
                || c == 0x200C
                || c == 0x200D;
    }

    private static int classify(int c) {
        int flags =
                switch (Character.getType(c)) {
                    case Character.UPPERCASE_LETTER, Character.TITLECASE_LETTER -> LETTER | UPPER;
                    case Character.LOWERCASE_LETTER -> LETTER | LOWER;
                    case Character.MODIFIER_LETTER, Character.OTHER_LETTER -> LETTER;
                    case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
                    case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> MARK;
                    case Character.CONNECTOR_PUNCTUATION,
                            Character.DASH_PUNCTUATION,
                            Character.START_PUNCTUATION,
                            Character.END_PUNCTUATION,
                            Character.INITIAL_QUOTE_PUNCTUATION,
                            Character.FINAL_QUOTE_PUNCTUATION,
                            Character.OTHER_PUNCTUATION -> PUNCTUATION;
                    case Character.MATH_SYMBOL,
                            Character.CURRENCY_SYMBOL,
                            Character.MODIFIER_SYMBOL,
                            Character.OTHER_SYMBOL -> SYMBOL;
                    default -> 0;
                };
        return isWhitespace(c) ? flags | SPACE : flags;
    }
}
