package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Copies between Java's arrays and native memory, in numbers and not in bytes. {@link MemorySegment} has the like, but what finds
 * out of what kind an array is must be made for its first call, which takes long.
 */
final class Copies {
    private Copies() {}

    static void copy(float[] from, int offset, MemorySegment to, long at, int n) {
        MemorySegment.copy(MemorySegment.ofArray(from), 4L * offset, to, at, 4L * n);
    }

    static void copy(MemorySegment from, long at, float[] to, int offset, int n) {
        MemorySegment.copy(from, at, MemorySegment.ofArray(to), 4L * offset, 4L * n);
    }

    static void copy(int[] from, MemorySegment to, long at, int n) {
        MemorySegment.copy(MemorySegment.ofArray(from), 0, to, at, 4L * n);
    }

    static void copy(MemorySegment from, long at, int[] to, int n) {
        MemorySegment.copy(from, at, MemorySegment.ofArray(to), 0, 4L * n);
    }

    static void copy(long[] from, MemorySegment to, int n) {
        MemorySegment.copy(MemorySegment.ofArray(from), 0, to, 0, 8L * n);
    }
}
