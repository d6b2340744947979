package dev.laconic.kernels.block;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Little-endian numbers at any alignment of a segment. */
final class Bytes {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Bytes() {}

    static int u8(MemorySegment s, long at) {
        return s.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
    }

    static int s8(MemorySegment s, long at) {
        return s.get(ValueLayout.JAVA_BYTE, at);
    }

    static int u16(MemorySegment s, long at) {
        return s.get(SHORT, at) & 0xFFFF;
    }

    static int i32(MemorySegment s, long at) {
        return s.get(INT, at);
    }

    static float f16(MemorySegment s, long at) {
        return Float.float16ToFloat(s.get(SHORT, at));
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
