package dev.laconic.format.gguf;

import dev.laconic.format.PackedStrings;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Strings that follow each other, each after its 64-bit length, copied to the heap as far as they reach: their lengths are
 * read there, in plain instructions, since a vocabulary has a hundred thousand and is read once.
 */
final class StringArray {
    private static final int PREFIX = Long.BYTES;
    private static final int USUAL_BYTES = 16;

    private final MemorySegment from;
    private final int most;
    private final int[] starts;
    private byte[] copy = {};
    private int end;
    private boolean whole;

    /**
     * @param from bytes that begin with the array and may go on behind it
     * @param most bytes to read at most; what is longer is left unread
     */
    StringArray(MemorySegment from, int count, int most) {
        this.from = from;
        this.most = most;
        starts = new int[count + 1];
        end = read(count);
        whole = starts[count] > 0 && has(end);
    }

    /** Reads lengths, and returns where the strings end, a length that is none stands, or more than allowed. */
    private int read(int count) {
        long available = from.byteSize();
        int at = 0;
        for (int i = 0; i < count; i++) {
            int content = at + PREFIX;
            if (content > copy.length && !has(content)) return at;
            long length = length(copy, at);
            if (length < 0 || length > available - content) return at;
            starts[i] = content;
            if (content + length > most) return most + 1;
            at = content + (int) length;
        }
        starts[count] = at + PREFIX;
        return at;
    }

    /** Bytes up to the end, or up to a length that is none; more than allowed if they are too many. */
    long bytes() {
        return Math.min(end, from.byteSize());
    }

    /** Whether all strings are there. */
    boolean isWhole() {
        return whole;
    }

    List<String> toList() {
        return new PackedStrings(copy.length == end ? copy : Arrays.copyOf(copy, end), starts);
    }

    /** In one expression: until it is compiled, a call for each half takes as long as the rest. */
    private static long length(byte[] bytes, int at) {
        return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF) << 16 | (bytes[at + 3] & 0xFFL) << 24
                | (bytes[at + 4] & 0xFFL) << 32 | (bytes[at + 5] & 0xFFL) << 40 | (bytes[at + 6] & 0xFFL) << 48
                | (long) bytes[at + 7] << 56;
    }

    /** Has so many bytes on the heap, if there are as many. */
    private boolean has(int size) {
        if (size <= copy.length) return true;
        if (size > from.byteSize()) return false;
        int old = copy.length;
        long more = Math.max(size, Math.max(2L * old, (long) starts.length * USUAL_BYTES));
        copy = Arrays.copyOf(copy, (int) Math.min(more, Math.min(from.byteSize(), Math.max(size, (long) most + PREFIX))));
        MemorySegment.copy(from, old, MemorySegment.ofArray(copy), old, copy.length - old);
        return true;
    }
}
