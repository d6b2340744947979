package dev.laconic.format.gguf;

import dev.laconic.format.PackedStrings;
import dev.laconic.format.io.ByteReader;
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
    /** Strings in one call, since Java compiles sooner what is called often than what loops long. */
    private static final int SOME = 16;

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
        whole = true;
        for (int i = 0; i < count && whole; i += SOME) whole = read(i, Math.min(count, i + SOME));
        starts[count] = end + PREFIX;
        whole = whole && has(end);
    }

    /** Reads lengths; false where the array ends before one, one is none, or the strings are longer than allowed. */
    private boolean read(int first, int last) {
        long available = from.byteSize();
        for (int i = first; i < last; i++) {
            int content = end + PREFIX;
            if (content > copy.length && !has(content)) return false;
            long length = ByteReader.int64(copy, end);
            if (length < 0 || length > available - content) return false;
            starts[i] = content;
            if (content + length > most) {
                end = most + 1;
                return false;
            }
            end = content + (int) length;
        }
        return true;
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
