package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

/** Which weights products have met and which are packed, by the tensor's identity, and their memory; forgotten with the tensor. */
final class PackedWeights {
    /** Memory that small tensors share: less than a large page would be many small ones, which take longer to get. */
    private static final long SLAB = 32 << 20;

    private static final long ALIGNMENT = 64;

    private final LongFunction<MemorySegment> memory;
    private MemorySegment slab = MemorySegment.NULL;
    private volatile Entry[] table = new Entry[64];
    private int used;
    private final List<Map.Entry<Tensor, Packing>> underWay = new ArrayList<>();

    /** @param memory gives so many bytes, aligned to 64, which are freed once unreachable */
    PackedWeights(LongFunction<MemorySegment> memory) {
        this.memory = memory;
    }

    /** Memory for a tensor; that of a small one is freed with the others of its slab. */
    synchronized MemorySegment allocate(long bytes) {
        if (bytes > SLAB / 4) return memory.apply(bytes);
        if (slab.byteSize() < bytes) slab = memory.apply(SLAB);
        MemorySegment memory = slab.asSlice(0, bytes);
        slab = slab.asSlice(Math.min(slab.byteSize(), Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT));
        return memory;
    }

    /** The packed weights of a tensor; {@link MemorySegment#NULL} if it has not been packed. */
    MemorySegment get(Tensor tensor) {
        Entry entry = entry(tensor);
        return entry == null ? MemorySegment.NULL : entry.packed;
    }

    private Entry entry(Tensor tensor) {
        Entry[] current = table;
        return current[find(tensor, current)];
    }

    /** Notes that a product meets a tensor; whether one had met it before. */
    synchronized boolean meetsAgain(Tensor tensor) {
        boolean again = entry(tensor) != null;
        if (!again) put(tensor, MemorySegment.NULL);
        return again;
    }

    /**
     * The packing of a tensor that is under way, or a new one; nothing once it is packed. Whoever finds it done
     * {@linkplain #finish says} so.
     */
    synchronized Optional<Packing> packing(Tensor tensor, NativeLibrary library) {
        if (get(tensor).address() != 0) return Optional.empty();
        for (Map.Entry<Tensor, Packing> other : underWay) if (other.getKey() == tensor) return Optional.of(other.getValue());
        long bytes = NativeMatmul.panels(tensor.rows()) * library.panelBytes(tensor.type().code(), tensor.columns());
        Packing packing = new Packing(library, tensor, allocate(bytes));
        underWay.add(Map.entry(tensor, packing));
        return Optional.of(packing);
    }

    /** Notes that a tensor has been packed, if nobody did so before. */
    synchronized void finish(Tensor tensor, Packing packing) {
        underWay.removeIf(other -> other.getValue() == packing);
        if (get(tensor).address() == 0) put(tensor, packing.packed());
    }

    synchronized void put(Tensor tensor, MemorySegment packed) {
        if (2 * used >= table.length) {
            Entry[] old = table;
            used = 0;
            int alive = 0;
            for (Entry entry : old) if (entry != null && !entry.refersTo(null)) alive++;
            Entry[] next = new Entry[Math.max(64, Integer.highestOneBit(alive) * 8)];
            for (Entry entry : old) {
                Tensor key = entry == null ? null : entry.get();
                if (key != null) insert(next, key, entry);
            }
            table = next;
        }
        Entry[] changed = table.clone();
        insert(changed, tensor, new Entry(tensor, packed));
        table = changed;
    }

    private void insert(Entry[] into, Tensor tensor, Entry entry) {
        int at = find(tensor, into);
        if (into[at] == null) used++;
        into[at] = entry;
    }

    /** Where a tensor's entry is or belongs. */
    private static int find(Tensor tensor, Entry[] entries) {
        int hash = System.identityHashCode(tensor);
        int at = (hash ^ hash >>> 12) & entries.length - 1;
        while (entries[at] != null && !entries[at].refersTo(tensor)) at = at + 1 & entries.length - 1;
        return at;
    }

    private static final class Entry extends WeakReference<Tensor> {
        final MemorySegment packed;

        Entry(Tensor tensor, MemorySegment packed) {
            super(tensor);
            this.packed = packed;
        }
    }
}
