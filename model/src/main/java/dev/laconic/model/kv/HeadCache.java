package dev.laconic.model.kv;

import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.Rope;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * The entries of one layer and KV head, in the order they were appended. Entry {@code i} lies in some page; pages may be
 * partly filled. Every edit leaves other holders of a shared page untouched.
 */
public final class HeadCache {
    private static final int NOT_FOUND = -1;

    private final PagePool pool;
    private final Kernels kernels;
    private KvFormat format;
    private Page[] pages = new Page[4];
    /** Entries before page i; one more than there are pages. */
    private int[] starts = new int[5];

    private int pageCount;
    private final Map<Object, EntryColumn> columns = new IdentityHashMap<>(2);

    HeadCache(PagePool pool, Kernels kernels, KvFormat format) {
        this.pool = pool;
        this.kernels = kernels;
        this.format = format;
    }

    public KvFormat format() {
        return format;
    }

    /** Number of entries. */
    public int size() {
        return starts[pageCount];
    }

    public int pageCount() {
        return pageCount;
    }

    public Page page(int index) {
        return pages[index];
    }

    /** Index of the first entry of a page. */
    public int pageStart(int index) {
        return starts[index];
    }

    /** Entries in a page. */
    public int pageSize(int index) {
        return starts[index + 1] - starts[index];
    }

    /** The page that holds an entry. */
    public int pageOf(int entry) {
        checkEntry(entry);
        int found = Arrays.binarySearch(starts, 0, pageCount + 1, entry);
        return found >= 0 ? found : -found - 2;
    }

    public int position(int entry) {
        int page = pageOf(entry);
        return pages[page].positions()[entry - starts[page]];
    }

    public float weight(int entry) {
        int page = pageOf(entry);
        return pages[page].weights()[entry - starts[page]];
    }

    /** The last entry at a position, or -1. */
    public int find(int position) {
        for (int p = pageCount - 1; p >= 0; p--) {
            Page page = pages[p];
            if (position < page.minPosition() || position > page.maxPosition()) continue;
            int[] positions = page.positions();
            for (int slot = pageSize(p) - 1; slot >= 0; slot--)
                if (positions[slot] == position) return starts[p] + slot;
        }
        return NOT_FOUND;
    }

    /** Bytes of this head's pages. */
    public long bytes() {
        return pageCount * format.pageBytes();
    }

    /**
     * The column that belongs to {@code owner}, made on first use. Columns are counted by whoever keeps them, not in
     * {@link #bytes}.
     */
    public EntryColumn column(Object owner) {
        EntryColumn column = columns.get(owner);
        if (column == null) {
            column = new EntryColumn(size());
            columns.put(owner, column);
        }
        return column;
    }

    public void readKey(int entry, float[] key, int offset) {
        int p = pageOf(entry);
        Page page = pages[p];
        kernels.kv(format.keys())
                .read(page.data(), page.keyBase(), entry - starts[p], 1, format.keyDimension(), key, offset, 0);
    }

    public void readValue(int entry, float[] value, int offset) {
        int p = pageOf(entry);
        Page page = pages[p];
        kernels.kv(format.values())
                .read(page.data(), page.valueBase(), entry - starts[p], 1, format.valueDimension(), value, offset, 0);
    }

    /**
     * Appends {@code n} entries: entry j has its key at {@code keys[keyOffset + j * keyStride]}, its value alike, and
     * position {@code positions[positionOffset + j]}.
     */
    public void append(
            float[] keys, int keyOffset, int keyStride,
            float[] values, int valueOffset, int valueStride,
            int[] positions, int positionOffset, int n) {
        if (!columns.isEmpty()) for (EntryColumn column : columns.values()) column.append(size(), n);
        int done = 0;
        while (done < n) {
            int last = tailForWriting();
            Page page = pages[last];
            int slot = pageSize(last);
            int count = Math.min(n - done, format.entriesPerPage() - slot);
            kernels.kv(format.keys())
                    .write(keys, keyOffset + done * keyStride, keyStride, count, page.data(), page.keyBase(), slot,
                            format.keyDimension());
            kernels.kv(format.values())
                    .write(values, valueOffset + done * valueStride, valueStride, count, page.data(),
                            page.valueBase(), slot, format.valueDimension());
            for (int i = 0; i < count; i++) page.place(slot + i, positions[positionOffset + done + i], 1f);
            starts[last + 1] += count;
            done += count;
        }
    }

    /** Replaces an entry: a row computed again, or the merger of several entries. */
    public void overwrite(
            int entry, float[] keys, int keyOffset, float[] values, int valueOffset, int position, float weight) {
        int p = pageOf(entry);
        Page page = writable(p);
        int slot = entry - starts[p];
        kernels.kv(format.keys())
                .write(keys, keyOffset, 0, 1, page.data(), page.keyBase(), slot, format.keyDimension());
        kernels.kv(format.values())
                .write(values, valueOffset, 0, 1, page.data(), page.valueBase(), slot, format.valueDimension());
        page.place(slot, position, weight);
    }

    /**
     * Keeps the entries named, in order, and evicts the rest; pages that empty are freed, and the kept entries are packed
     * into as few pages as hold them.
     *
     * @param entries ascending entry indexes, of which the first {@code count} are read
     */
    public void keep(int[] entries, int count) {
        for (int i = 0; i < count; i++) {
            checkEntry(entries[i]);
            if (i > 0 && entries[i] <= entries[i - 1])
                throw new IllegalArgumentException("entries to keep must ascend: " + entries[i - 1] + ", " + entries[i]);
        }
        int unchanged = 0;
        while (unchanged < count && entries[unchanged] == unchanged) unchanged++;
        if (unchanged == size()) return;
        for (EntryColumn column : columns.values()) column.keep(entries, count);
        // Entries before the first gap stay where they are; all after it move down.
        int firstPage = pageOf(unchanged);
        Page[] old = Arrays.copyOfRange(pages, firstPage, pageCount);
        int[] oldStarts = Arrays.copyOfRange(starts, firstPage, pageCount + 1);
        pageCount = firstPage;
        int source = 0;
        for (int i = oldStarts[0]; i < count; i++) {
            int entry = entries[i];
            while (oldStarts[source + 1] <= entry) source++;
            int last = tailForWriting();
            pages[last].copyEntry(old[source], entry - oldStarts[source], pageSize(last));
            starts[last + 1]++;
        }
        for (Page page : old) release(page);
    }

    /** Drops every entry at {@code position} or after it. */
    public void truncate(int position) {
        int size = size();
        int[] kept = new int[size];
        int count = 0;
        for (int p = 0; p < pageCount; p++) {
            int[] positions = pages[p].positions();
            for (int slot = 0; slot < pageSize(p); slot++)
                if (positions[slot] < position) kept[count++] = starts[p] + slot;
        }
        if (count == 0 || kept[count - 1] == count - 1) truncateTo(count);
        else keep(kept, count);
    }

    /** Keeps the first {@code count} entries; pages after them are freed and none is copied. */
    public void truncateTo(int count) {
        if (count > size()) throw new IllegalArgumentException("cannot keep " + count + " of " + size() + " entries");
        while (pageCount > 0 && starts[pageCount - 1] >= count) release(pages[--pageCount]);
        if (pageCount > 0) starts[pageCount] = count;
    }

    /** Stores all entries under other types; sound only for codecs that lose no more than the caller accepts. */
    public void recode(KvType keys, KvType values) {
        if (keys == format.keys() && values == format.values()) return;
        HeadCache target = new HeadCache(pool, kernels, format.withTypes(keys, values));
        float[] key = new float[format.keyDimension()];
        float[] value = new float[format.valueDimension()];
        int[] position = new int[1];
        for (int entry = 0; entry < size(); entry++) {
            readKey(entry, key, 0);
            readValue(entry, value, 0);
            position[0] = position(entry);
            target.append(key, 0, 0, value, 0, 0, position, 0, 1);
            if (weight(entry) != 1f) target.overwrite(entry, key, 0, value, 0, position[0], weight(entry));
        }
        close();
        format = target.format;
        pages = target.pages;
        starts = target.starts;
        pageCount = target.pageCount;
    }

    /** Moves entries {@code from} to {@code to} by {@code delta} positions: their keys are turned and renumbered. */
    public void rotate(int from, int to, int delta, Rope rope) {
        if (delta == 0) return;
        int pairs = rope.frequencies().length;
        float[] cos = new float[pairs];
        float[] sin = new float[pairs];
        new Rope(rope.pairing(), rope.frequencies(), 1f).angles(delta, cos, sin, 0);
        float[] key = new float[format.keyDimension()];
        for (int p = 0; p < pageCount; p++) {
            int first = Math.max(from, starts[p]);
            int last = Math.min(to, starts[p + 1]);
            if (first >= last) continue;
            Page page = writable(p);
            for (int entry = first; entry < last; entry++) {
                int slot = entry - starts[p];
                kernels.kv(format.keys()).read(page.data(), page.keyBase(), slot, 1, key.length, key, 0, 0);
                rope.apply(key, 0, cos, sin, 0);
                kernels.kv(format.keys()).write(key, 0, 0, 1, page.data(), page.keyBase(), slot, key.length);
                page.place(slot, page.positions()[slot] + delta, page.weights()[slot]);
            }
        }
    }

    /** A head that shares every page with this one. */
    HeadCache fork() {
        HeadCache copy = new HeadCache(pool, kernels, format);
        copy.pages = pages.clone();
        copy.starts = starts.clone();
        copy.pageCount = pageCount;
        for (int i = 0; i < pageCount; i++) pages[i].retain();
        columns.forEach((owner, column) -> copy.columns.put(owner, column.copy()));
        return copy;
    }

    void close() {
        while (pageCount > 0) release(pages[--pageCount]);
    }

    /** The page that takes the next entry, owned by this head alone and with room for one. */
    private int tailForWriting() {
        if (pageCount > 0 && pageSize(pageCount - 1) < format.entriesPerPage()) {
            writable(pageCount - 1);
            return pageCount - 1;
        }
        if (pageCount == pages.length) {
            pages = Arrays.copyOf(pages, 2 * pageCount);
            starts = Arrays.copyOf(starts, 2 * pageCount + 1);
        }
        pages[pageCount] = pool.take(format);
        starts[pageCount + 1] = starts[pageCount];
        return pageCount++;
    }

    private Page writable(int index) {
        Page page = pages[index];
        if (!page.shared()) return page;
        Page copy = pool.take(format);
        for (int slot = 0; slot < pageSize(index); slot++) copy.copyEntry(page, slot, slot);
        release(page);
        pages[index] = copy;
        return copy;
    }

    private void release(Page page) {
        if (page.release()) pool.giveBack(page);
    }

    private void checkEntry(int entry) {
        if (entry < 0 || entry >= size()) throw new IndexOutOfBoundsException("entry " + entry + " of " + size());
    }
}
