package dev.laconic.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory outside the heap, on large pages where there are such: entries of a cache that lie apart are found sooner. */
public final class LargePages {
    private static final long ALIGNMENT = 64;

    private LargePages() {}

    /** Zeros, aligned to 64 bytes; freed once unreachable. */
    public static MemorySegment allocate(long bytes) {
        NativeLibrary library = NativeLibrary.find();
        if (library.sets() == 0) return Arena.ofAuto().allocate(bytes, ALIGNMENT);
        return library.allocate(bytes).fill((byte) 0);
    }
}
