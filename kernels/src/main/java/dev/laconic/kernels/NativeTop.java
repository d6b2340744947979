package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;

/** The largest scores in native code. */
final class NativeTop implements Top {
    /** What native code wants to have room for beyond what it needs. */
    private static final int ROOM = 48;

    private final NativeLibrary library;
    private final int set;
    private MemorySegment room = MemorySegment.NULL;
    private int[] kept = {};

    NativeTop(NativeLibrary library, int set) {
        this.library = library;
        this.set = set;
    }

    @Override
    public int[] kept() {
        return kept;
    }

    @Override
    public int find(float[] scores, int size, int count) {
        if (kept.length < Math.min(size, count)) kept = new int[(int) Math.min(size, 2L * count)];
        if (count >= size) {
            for (int i = 0; i < size; i++) kept[i] = i;
            return size;
        }
        if (count <= 0) return 0;
        long scratchAt = 4L * size;
        long keptAt = scratchAt + 4L * (2 * size + ROOM);
        room = library.grown(room, keptAt + 4L * (count + ROOM));
        Copies.copy(scores, 0, room, 0, size);
        library.top(set, room.address(), size, count, room.address() + keptAt, room.address() + scratchAt);
        Copies.copy(room, keptAt, kept, count);
        return count;
    }
}
