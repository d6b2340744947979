package dev.laconic.format.io;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.laconic.core.error.MalformedInputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads little-endian values one after the other from bytes that may lie. Every read checks first that its bytes are
 * there; where they are not, a {@link MalformedInputException} names the file and the field, which until then need not be a
 * string.
 */
public final class ByteReader {
    /** A 16-bit little-endian integer at any address. */
    public static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    /** A 32-bit little-endian integer at any address. */
    public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    /** A 64-bit little-endian integer at any address. */
    public static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
    /** A little-endian float32 at any address. */
    public static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    /** A little-endian float64 at any address. */
    public static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private static final char REPLACEMENT = '\uFFFD';
    private static final int WINDOW = 1 << 13;

    private final String source;
    private final MemorySegment bytes;
    private long position;
    /**
     * The bytes from {@code windowStart} on. Numbers are put together from these: until it is compiled, a read of a segment
     * takes much longer.
     */
    private byte[] window = {};
    private long windowStart;

    /** @param source the file's name, for error messages */
    public ByteReader(String source, MemorySegment bytes) {
        this.source = source;
        this.bytes = bytes;
    }

    public long position() {
        return position;
    }

    public long remaining() {
        return bytes.byteSize() - position;
    }

    public byte int8(Object field) {
        int at = inWindow(1, field); // which may be in another window than the one before
        return window[at];
    }

    public short int16(Object field) {
        int at = inWindow(2, field);
        return (short) (window[at] & 0xFF | window[at + 1] << 8);
    }

    public int int32(Object field) {
        int at = inWindow(4, field);
        byte[] in = window;
        return in[at] & 0xFF | (in[at + 1] & 0xFF) << 8 | (in[at + 2] & 0xFF) << 16 | in[at + 3] << 24;
    }

    public long uint32(Object field) {
        return Integer.toUnsignedLong(int32(field));
    }

    public long int64(Object field) {
        int at = inWindow(8, field);
        return int64(window, at);
    }

    public float float32(Object field) {
        return Float.intBitsToFloat(int32(field));
    }

    public double float64(Object field) {
        return Double.longBitsToDouble(int64(field));
    }

    /** The 64-bit little-endian integer at an index, in one expression: in calls for its halves it would take twice as long. */
    public static long int64(byte[] in, int at) {
        return in[at] & 0xFF | (in[at + 1] & 0xFF) << 8 | (in[at + 2] & 0xFF) << 16 | (in[at + 3] & 0xFFL) << 24
                | (in[at + 4] & 0xFFL) << 32 | (in[at + 5] & 0xFFL) << 40 | (in[at + 6] & 0xFFL) << 48
                | (long) in[at + 7] << 56;
    }

    /** The next {@code length} bytes, not copied. */
    public MemorySegment take(long length, Object field) {
        return bytes.asSlice(advance(length, field), length);
    }

    public void skip(long length, Object field) {
        advance(length, field);
    }

    /** An unsigned 64-bit count of things that take {@code bytesEach} bytes or more: no more than can still come. */
    public long count(long bytesEach, Object field) {
        long count = int64(field);
        if (count < 0 || count > remaining() / bytesEach)
            throw new MalformedInputException(
                    source,
                    field.toString(),
                    Long.toUnsignedString(count),
                    "at most " + remaining() / bytesEach + ", as " + remaining() + " bytes remain");
        return count;
    }

    /** The next {@code length} bytes as strict UTF-8. */
    public String utf8(long length, Object field) {
        boolean isShort = length <= WINDOW;
        int at = isShort ? inWindow((int) length, field) : 0;
        byte[] encoded = isShort ? window : take(length, field).toArray(ValueLayout.JAVA_BYTE);
        String text = new String(encoded, at, (int) length, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) < 0) return text; // a decoder, which tells what is not UTF-8, takes longer to make
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(encoded, at, (int) length)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedInputException(source, field.toString(), "bytes that are not UTF-8", "UTF-8 text");
        }
    }

    /** Where in the window the next {@code length} bytes are, at most {@link #WINDOW}. */
    private int inWindow(int length, Object field) {
        long start = advance(length, field);
        if (position > windowStart + window.length) {
            window = bytes.asSlice(start, Math.min(WINDOW, bytes.byteSize() - start)).toArray(ValueLayout.JAVA_BYTE);
            windowStart = start;
        }
        return (int) (start - windowStart);
    }

    private long advance(long length, Object field) {
        long start = position;
        if (length < 0 || length > remaining())
            throw new MalformedInputException(
                    source, field.toString(), remaining() + " bytes until the end of the file", length + " at byte " + start);
        position = start + length;
        return start;
    }
}
