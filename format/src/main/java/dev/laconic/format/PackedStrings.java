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
        return new String(bytes, start, encodedLength(index), StandardCharsets.UTF_8);
    }

    @Override
    public int size() {
        return starts.length - 1;
    }

    /** Bytes of a string, which are as many as its characters or more. */
    public int encodedLength(int index) {
        return starts[index + 1] - PREFIX - starts[index];
    }

    /**
     * Writes a string's characters from {@code chars[at]} on without making a string of it.
     *
     * @return where they end; -1 if a character takes two or bytes are not UTF-8, which {@link #get} decodes
     */
    public int decode(int index, char[] chars, int at) {
        int end = starts[index + 1] - PREFIX;
        int to = at;
        for (int i = starts[index]; i < end; i++) {
            int lead = bytes[i];
            if (lead >= 0) {
                chars[to++] = (char) lead;
                continue;
            }
            int more = (lead & 0xE0) == 0xC0 ? 1 : (lead & 0xF0) == 0xE0 ? 2 : 0;
            if (more == 0 || i + more >= end) return -1;
            int code = lead & 0x3F >> more;
            for (int k = 0; k < more; k++) {
                int next = bytes[++i];
                if ((next & 0xC0) != 0x80) return -1;
                code = code << 6 | next & 0x3F;
            }
            if (code < (more == 1 ? 0x80 : 0x800) || Character.isSurrogate((char) code)) return -1;
            chars[to++] = (char) code;
        }
        return to;
    }
}
