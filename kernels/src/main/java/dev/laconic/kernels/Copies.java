package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Copies between arrays and memory outside the heap. {@link MemorySegment}'s own for arrays find out by a switch over types
 * what array it is: the class for that is made when it is first asked, which takes a process that has just begun 20
 * milliseconds, and until it is compiled every copy asks anew.
 */
final class Copies {
    private Copies() {}

    /** @param offset in bytes */
    static void write(float[] from, int start, MemorySegment to, long offset, int n) {
        MemorySegment.copy(MemorySegment.ofArray(from), 4L * start, to, offset, 4L * n);
    }

    /** @param offset in bytes */
    static void write(int[] from, int start, MemorySegment to, long offset, int n) {
        MemorySegment.copy(MemorySegment.ofArray(from), 4L * start, to, offset, 4L * n);
    }

    /** @param offset in bytes */
    static void write(long[] from, int start, MemorySegment to, long offset, int n) {
        MemorySegment.copy(MemorySegment.ofArray(from), 8L * start, to, offset, 8L * n);
    }

    /** @param offset in bytes */
    static void read(MemorySegment from, long offset, float[] to, int start, int n) {
        MemorySegment.copy(from, offset, MemorySegment.ofArray(to), 4L * start, 4L * n);
    }

    /** @param offset in bytes */
    static void read(MemorySegment from, long offset, int[] to, int start, int n) {
        MemorySegment.copy(from, offset, MemorySegment.ofArray(to), 4L * start, 4L * n);
    }
}
