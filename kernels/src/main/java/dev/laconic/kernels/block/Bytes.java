package dev.laconic.kernels.block;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Little-endian numbers, read from arrays and written to segments at any alignment. */
final class Bytes {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Bytes() {}

    static int u8(byte[] s, int at) {
        return s[at] & 0xFF;
    }

    static int s8(byte[] s, int at) {
        return s[at];
    }

    static int u16(byte[] s, int at) {
        return s[at] & 0xFF | (s[at + 1] & 0xFF) << 8;
    }

    static int i32(byte[] s, int at) {
        return u16(s, at) | u16(s, at + 2) << 16;
    }

    static float f16(byte[] s, int at) {
        return Float.float16ToFloat((short) u16(s, at));
    }

    static void put8(MemorySegment s, long at, int value) {
        s.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    }

    static void put16(MemorySegment s, long at, int value) {
        s.set(SHORT, at, (short) value);
    }

    static void put32(MemorySegment s, long at, int value) {
        s.set(INT, at, value);
    }

    /** Writes a float rounded to half precision and returns what a reader will see. */
    static float putF16(MemorySegment s, long at, float value) {
        short half = Float.floatToFloat16(value);
        s.set(SHORT, at, half);
        return Float.float16ToFloat(half);
    }
}
