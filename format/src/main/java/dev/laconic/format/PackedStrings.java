package dev.laconic.format;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * A list of strings that stay as they lie in the file, each after its 64-bit length, and are decoded when asked for: a
 * vocabulary of 250,000 tokens takes two objects. Bytes that are not UTF-8 read as U+FFFD.
 */
public final class PackedStrings extends AbstractList<String> implements RandomAccess {
    private static final int PREFIX = Long.BYTES;

    private final byte[] bytes;
    private final int[] starts;

    /**
     * @param bytes length, content, length, content, ...
     * @param starts where each content begins, and at the end where one more would
     */
    public PackedStrings(byte[] bytes, int[] starts) {
        this.bytes = bytes;
        this.starts = starts;
    }

    @Override
    public String get(int index) {
        Objects.checkIndex(index, size());
        int start = starts[index];
        return new String(bytes, start, starts[index + 1] - PREFIX - start, StandardCharsets.UTF_8);
    }

    @Override
    public int size() {
        return starts.length - 1;
    }

    /** Bytes of the strings from number {@code from} to {@code to}, which are as many as their characters or more. */
    public int encodedLength(int from, int to) {
        return starts[to] - starts[from] - (to - from) * PREFIX;
    }

    /**
     * Writes the characters of strings from number {@code from} on, one string after another, without making strings of them:
     * from {@code chars[ends[end]]} on. Where each ends comes into {@code ends}, behind index {@code end}. Stops before string
     * number {@code last}, or at one that is empty, has a character that takes two, or is not UTF-8.
     *
     * @return how many strings have been written
     */
    public int decode(int from, int last, char[] chars, int[] ends, int end) {
        byte[] all = bytes;
        int to = ends[end];
        for (int index = from; index < last; index++) {
            int i = starts[index];
            int stop = starts[index + 1] - PREFIX;
            if (i == stop) return index - from;
            while (i < stop) {
                int lead = all[i++];
                if (lead >= 0) {
                    chars[to++] = (char) lead;
                    continue;
                }
                int more = (lead & 0xE0) == 0xC0 ? 1 : (lead & 0xF0) == 0xE0 ? 2 : 0;
                if (more == 0 || i + more > stop) return index - from;
                int code = lead & 0x3F >> more;
                for (int k = 0; k < more; k++) {
                    int next = all[i++];
                    if ((next & 0xC0) != 0x80) return index - from;
                    code = code << 6 | next & 0x3F;
                }
                if (code < (more == 1 ? 0x80 : 0x800) || Character.isSurrogate((char) code)) return index - from;
                chars[to++] = (char) code;
            }
            ends[end + 1 + index - from] = to;
        }
        return last - from;
    }
}
