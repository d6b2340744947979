package dev.laconic.tokenize.text;

/**
 * GPT-2's spelling of bytes as printable characters: bytes 21-7E, A1-AC and AE-FF stand for themselves, the other 68 for
 * U+0100 and on, in order.
 */
public final class ByteAlphabet {
    private static final char[] TO_CHAR = new char[256];
    private static final short[] TO_BYTE = new short[0x144];

    static {
        java.util.Arrays.fill(TO_BYTE, (short) -1);
        int next = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= 0x21 && b <= 0x7E || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            TO_CHAR[b] = (char) (printable ? b : next++);
            TO_BYTE[TO_CHAR[b]] = (short) b;
        }
    }

    private ByteAlphabet() {}

    public static char toChar(int unsignedByte) {
        return TO_CHAR[unsignedByte];
    }

    /** The byte that {@code c} spells, or -1. */
    public static int toByte(char c) {
        return c < TO_BYTE.length ? TO_BYTE[c] : -1;
    }

    /** Appends the spelling of the UTF-8 bytes of {@code [from, to)}; every byte has the span of its whole character. */
    public static void spell(Text in, int from, int to, Text out) {
        char[] chars = in.chars();
        for (int i = from; i < to; i++) {
            char c = chars[i];
            int start = in.start(i);
            int end = in.end(i);
            if (c < 0x80) {
                out.append(TO_CHAR[c], start, end);
            } else if (c < 0x800) {
                out.append(TO_CHAR[0xC0 | c >> 6], start, end);
                out.append(TO_CHAR[0x80 | c & 0x3F], start, end);
            } else if (Character.isHighSurrogate(c) && i + 1 < to) {
                int code = Character.toCodePoint(c, chars[++i]);
                end = in.end(i);
                out.append(TO_CHAR[0xF0 | code >> 18], start, end);
                out.append(TO_CHAR[0x80 | code >> 12 & 0x3F], start, end);
                out.append(TO_CHAR[0x80 | code >> 6 & 0x3F], start, end);
                out.append(TO_CHAR[0x80 | code & 0x3F], start, end);
            } else {
                out.append(TO_CHAR[0xE0 | c >> 12], start, end);
                out.append(TO_CHAR[0x80 | c >> 6 & 0x3F], start, end);
                out.append(TO_CHAR[0x80 | c & 0x3F], start, end);
            }
        }
    }

    /** Spells every piece's bytes. */
    public static PreTokenizer speller() {
        return next -> {
            Text spelt = new Text();
            return (text, from, to) -> {
                spelt.clear();
                spell(text, from, to, spelt);
                next.piece(spelt, 0, spelt.length());
            };
        };
    }
}
