package dev.laconic.format.gguf;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * A list of strings that stay as they lie in the file, each after its 64-bit length, and are decoded when asked for: a
 * vocabulary of 250,000 tokens takes two objects. Bytes that are not UTF-8 read as U+FFFD.
 */
final class PackedStrings extends AbstractList<String> implements RandomAccess {
    private static final int PREFIX = Long.BYTES;

    private final byte[] bytes;
    private final int[] starts;

    /**
     * @param bytes length, content, length, content, ...
     * @param starts where each content begins, and at the end where one more would
     */
    PackedStrings(byte[] bytes, int[] starts) {
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
}
