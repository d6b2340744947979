package dev.laconic.model.kv;

import dev.laconic.kernels.KvKernel;
import dev.laconic.kernels.KvSearch;
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
    /** No entry before this one is without its vector. */
    private int whole;

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

    /** The first entry from {@code from} to {@code to} that has no vector, or {@code to}. */
    public int missing(int from, int to) {
        int entry = Math.max(from, Math.min(to, whole));
        while (entry < to && written[entry]) entry++;
        if (from <= whole) whole = Math.max(whole, entry);
        return entry;
    }

    /** Searches the vectors of the first {@code size} entries by {@code n} queries, side by side from {@code offset}. */
    public void search(KvSearch search, int size, float[] queries, int offset, int n) {
        search.begin(queries, offset, n, dimension, size);
        search.add(kernel.type(), data, 0, 0, size);
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
        whole = Math.min(whole, size);
    }

    @Override
    void keep(int[] entries, int count) {
        for (int i = 0; i < count; i++) {
            if (entries[i] != i) MemorySegment.copy(data, (long) entries[i] * each, data, (long) i * each, each);
            written[i] = written[entries[i]];
        }
        whole = 0;
    }

    @Override
    void toFront(int[] order, int count, int size) {
        EntryVectors before = copy();
        whole = 0;
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
        whole = Math.min(whole, entry);
    }

    @Override
    EntryVectors copy() {
        EntryVectors copy = new EntryVectors(kernel, dimension, written.length);
        MemorySegment.copy(data, 0, copy.data, 0, data.byteSize());
        System.arraycopy(written, 0, copy.written, 0, written.length);
        return copy;
    }
}
