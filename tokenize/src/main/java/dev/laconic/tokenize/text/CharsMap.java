package dev.laconic.tokenize.text;

import dev.laconic.core.error.MalformedInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * SentencePiece's compiled normalization rules: a double array over UTF-8 bytes whose leaves point at null-terminated
 * replacements. A unit of the array holds the base in bits 10 to 30 (shifted by 8 if bit 9 is set), the label in bits 0 to
 * 7 and in bit 8 whether a string ends there.
 */
public final class CharsMap {
    private static final int LONGEST = 4096;

    private final int[] units;
    private final byte[] replacements;

    private CharsMap(int[] units, byte[] replacements) {
        this.units = units;
        this.replacements = replacements;
    }

    /**
     * @param source the file, for error messages
     * @param field the place in it
     * @param blob little-endian length of the array in bytes, the array, the replacements
     */
    public static CharsMap parse(String source, String field, byte[] blob) {
        if (blob.length < 4) throw new MalformedInputException(source, field, blob.length + " bytes", "at least 4");
        ByteBuffer bytes = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
        long size = bytes.getInt() & 0xFFFFFFFFL;
        if (size >= blob.length - 4 || size % 4 != 0)
            throw new MalformedInputException(
                    source,
                    field,
                    "an array of " + size + " bytes",
                    "a multiple of 4 below the " + (blob.length - 4) + " bytes that follow");
        int[] units = new int[(int) size / 4];
        bytes.asIntBuffer().get(units);
        if (blob[blob.length - 1] != 0)
            throw new MalformedInputException(source, field, "an unfinished replacement", "a null byte at the end");
        int length = 0;
        for (int i = 4 + (int) size; i < blob.length; i++) {
            length = blob[i] == 0 ? 0 : length + 1;
            if (length > LONGEST)
                throw new MalformedInputException(
                        source, field, "a replacement of more than " + LONGEST + " bytes", "a shorter one");
        }
        return new CharsMap(units, Arrays.copyOfRange(blob, 4 + (int) size, blob.length));
    }

    /**
     * The longest rule, or the shortest, that applies at {@code at}: how many units it replaces in the high and where its
     * replacement is in the low half, or a negative number where there is none.
     */
    public long match(char[] chars, int at, int to, boolean shortest) {
        if (units.length == 0) return -1;
        long found = -1;
        int node = base(units[0]);
        for (int i = at; i < to; ) {
            int code = Character.codePointAt(chars, i, to);
            if (code == 0) return found;
            int n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
            i += code < 0x10000 ? 1 : 2;
            for (int k = 0; k < n; k++) {
                int b = n == 1
                        ? code
                        : k == 0 ? 0xF00 >> n & 0xFF | code >> 6 * (n - 1) : 0x80 | code >> 6 * (n - 1 - k) & 0x3F;
                node ^= b;
                if (node < 0 || node >= units.length || (units[node] & 0x800000FF) != b) return found;
                boolean leaf = (units[node] & 0x100) != 0;
                node ^= base(units[node]);
                if (!leaf) continue;
                if (node < 0 || node >= units.length) return found;
                int replacement = units[node] & Integer.MAX_VALUE;
                if (replacement >= replacements.length) return found;
                if (shortest) return (long) (i - at) << 32 | replacement;
                if (k == n - 1) found = (long) (i - at) << 32 | replacement;
            }
        }
        return found;
    }

    /** The replacement that {@link #match} found. */
    public String replacement(long match) {
        int start = (int) match;
        int end = start;
        while (replacements[end] != 0) end++;
        return new String(replacements, start, end - start, StandardCharsets.UTF_8);
    }

    private static int base(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }
}
