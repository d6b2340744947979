package dev.laconic.tokenize.subword;

import dev.laconic.tokenize.text.CharClass;
import dev.laconic.tokenize.text.Text;
import java.util.function.ToIntFunction;

/** The tokens that stand for single bytes, spelt {@code <0x41>} in most vocabularies; any of the 256 may be missing. */
public final class ByteTokens {
    public static final ByteTokens NONE = new ByteTokens(new int[0]);

    private static final String HEX = "0123456789ABCDEF";

    private final int[] ids;

    private ByteTokens(int[] ids) {
        this.ids = ids;
    }

    /** @param find the id of a token by its spelling, negative where there is none */
    public static ByteTokens of(ToIntFunction<String> find) {
        int[] ids = new int[256];
        boolean any = false;
        for (int b = 0; b < 256; b++) {
            ids[b] = find.applyAsInt(spelling(b));
            any |= ids[b] >= 0;
        }
        return any ? new ByteTokens(ids) : NONE;
    }

    public static String spelling(int unsignedByte) {
        return new String(new char[] {'<', '0', 'x', HEX.charAt(unsignedByte >> 4), HEX.charAt(unsignedByte & 15), '>'});
    }

    /** The byte that a token spells as {@code <0xHH>} in either case, or -1. */
    public static int parse(String token) {
        if (token.length() != 6 || !token.startsWith("<0x") || token.charAt(5) != '>') return -1;
        int high = Character.digit(token.charAt(3), 16);
        int low = Character.digit(token.charAt(4), 16);
        return high < 0 || low < 0 || token.charAt(3) > 'f' || token.charAt(4) > 'f' ? -1 : high << 4 | low;
    }

    /** The token of a byte, or a negative number. */
    public int id(int unsignedByte) {
        return ids.length == 0 ? SymbolTable.MISSING : ids[unsignedByte];
    }

    public boolean isEmpty() {
        return ids.length == 0;
    }

    /** Hands on the tokens of the bytes of {@code [from, to)}, each with the span of its character. */
    void emit(Text text, int from, int to, TokenSink out) {
        for (int i = from, next; i < to; i = next) {
            next = i + CharClass.width(text.chars(), i, to);
            int code = text.codePointAt(i);
            for (int n = utf8Length(code), k = 0; k < n; k++) {
                int id = id(utf8(code, n, k));
                if (id >= 0) out.token(id, text, i, next);
            }
        }
    }

    /** Adds the symbols of all bytes of a character, or none if one is missing; says which. */
    boolean addAll(Text text, int from, int to, Merger merger) {
        if (isEmpty()) return false;
        int code = text.codePointAt(from);
        int n = utf8Length(code);
        for (int k = 0; k < n; k++) if (id(utf8(code, n, k)) < 0) return false;
        for (int k = 0; k < n; k++) merger.add(id(utf8(code, n, k)), from, to);
        return true;
    }

    /** Whether all bytes of a character have tokens. */
    boolean covers(int code) {
        if (isEmpty()) return false;
        int n = utf8Length(code);
        for (int k = 0; k < n; k++) if (id(utf8(code, n, k)) < 0) return false;
        return true;
    }

    static int utf8Length(int code) {
        return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    }

    /** Byte {@code k} of the {@code n} bytes of a code point. */
    static int utf8(int code, int n, int k) {
        if (n == 1) return code;
        int lead = 0xF00 >> n & 0xFF;
        return k == 0 ? lead | code >> 6 * (n - 1) : 0x80 | code >> 6 * (n - 1 - k) & 0x3F;
    }
}
