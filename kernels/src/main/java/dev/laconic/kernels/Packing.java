package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/** One matrix that is being packed, by any number of threads: each takes stretches of panels until none is left. */
final class Packing {
    static final Packing NOTHING = new Packing();

    private static final int STRETCH_BYTES = 1 << 18;

    private final NativeLibrary library;
    private final int type;
    private final int rows;
    private final int columns;
    private final MemorySegment source;
    private final int file;
    private final long offset;
    private final MemorySegment packed;
    private final int panels;
    private final int stretch;
    private final AtomicInteger next = new AtomicInteger();
    private int done;

    private Packing() {
        library = NativeLibrary.NONE;
        type = rows = columns = panels = stretch = 0;
        file = NativeLibrary.NO_FILE;
        offset = 0;
        source = packed = MemorySegment.NULL;
    }

    /** @param packed memory for all panels */
    Packing(NativeLibrary library, Tensor matrix, MemorySegment packed) {
        this.library = library;
        this.packed = packed;
        type = matrix.type().code();
        rows = matrix.rows();
        columns = matrix.columns();
        MemorySegment data = matrix.data();
        source = data.isNative() ? data : Arena.ofAuto().allocate(data.byteSize()).copyFrom(data);
        file = NativeLibrary.file(matrix);
        offset = NativeLibrary.offset(matrix);
        panels = NativeMatmul.panels(rows);
        stretch = (int) Math.max(1, STRETCH_BYTES * (long) panels / Math.max(1, packed.byteSize()));
    }

    MemorySegment packed() {
        return packed;
    }

    /** Packs a stretch; false if none is left. */
    boolean packStretch() {
        int from = next.getAndAdd(stretch);
        if (from >= panels) return false;
        int to = Math.min(panels, from + stretch);
        library.pack(
                type, source.address(), file, offset, rows, columns, from, to,
                packed.address() + packed.byteSize() / panels * from);
        finish(to - from);
        return true;
    }

    private synchronized void finish(int count) {
        done += count;
        if (done == panels) notifyAll();
    }

    /** Waits until those who help have packed all panels; none may be left to take. */
    synchronized void await() {
        boolean interrupted = false;
        while (done < panels) {
            try {
                wait();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
