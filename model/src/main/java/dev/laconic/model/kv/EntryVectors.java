package dev.laconic.model.kv;

import dev.laconic.kernels.KvKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A short vector beside every entry of a head, each encoded on its own and all in one piece of memory. It moves with its
 * entry when others are evicted, is copied when the sequence is forked, and is absent until it is written for the key
 * and value that the entry has.
 */
public final class EntryVectors extends Beside {
    private final KvKernel kernel;
    private final int dimension;
    private final int each;
    private MemorySegment data;
    private boolean[] written;

    EntryVectors(KvKernel kernel, int dimension, int size) {
        if (!kernel.type().appendable())
            throw new IllegalArgumentException(kernel.type() + " does not encode vectors one by one");
        this.kernel = kernel;
        this.dimension = dimension;
        each = kernel.type().bytes(dimension);
        written = new boolean[Math.max(16, size)];
        data = room(written.length);
    }

    private MemorySegment room(int entries) {
        return Arena.ofAuto().allocate(Math.multiplyExact((long) entries, each), 64);
    }

    /** Whether an entry has its vector. */
    public boolean has(int entry) {
        return written[entry];
    }

    public void write(int entry, float[] x, int offset) {
        kernel.write(x, offset, 0, 1, data, 0, entry, dimension);
        written[entry] = true;
    }

    /**
     * Products of {@code n} queries, side by side from {@code offset}, with the vectors of the first {@code size} entries:
     * query q and entry i at {@code scores[q * stride + i]}.
     */
    public void scores(int size, float[] queries, int offset, int n, float[] scores, int stride) {
        kernel.scores(data, 0, 0, size, dimension, queries, offset, dimension, n, 1f, scores, 0, stride);
    }

    /** Bytes held. */
    public long bytes() {
        return data.byteSize() + written.length;
    }

    @Override
    void append(int size, int count) {
        if (written.length < size + count) {
            MemorySegment before = data;
            written = Arrays.copyOf(written, Math.max(size + count, 2 * size));
            data = room(written.length);
            MemorySegment.copy(before, 0, data, 0, (long) size * each);
        }
        Arrays.fill(written, size, size + count, false);
    }

    @Override
    void keep(int[] entries, int count) {
        for (int i = 0; i < count; i++) {
            if (entries[i] != i) MemorySegment.copy(data, (long) entries[i] * each, data, (long) i * each, each);
            written[i] = written[entries[i]];
        }
    }

    @Override
    void toFront(int[] order, int count, int size) {
        EntryVectors before = copy();
        int to = 0;
        for (; to < count; to++) take(before, order[to], to);
        int next = 0;
        for (int entry = 0; entry < size; entry++)
            if (next < count && order[next] == entry) next++;
            else take(before, entry, to++);
    }

    private void take(EntryVectors from, int entry, int to) {
        MemorySegment.copy(from.data, (long) entry * each, data, (long) to * each, each);
        written[to] = from.written[entry];
    }

    @Override
    void changed(int entry) {
        written[entry] = false;
    }

    @Override
    EntryVectors copy() {
        EntryVectors copy = new EntryVectors(kernel, dimension, written.length);
        MemorySegment.copy(data, 0, copy.data, 0, data.byteSize());
        System.arraycopy(written, 0, copy.written, 0, written.length);
        return copy;
    }
}
