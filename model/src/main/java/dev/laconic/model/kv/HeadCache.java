package dev.laconic.model.kv;

import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvKernel;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.Rope;
import java.lang.foreign.MemorySegment;

/**
 * The entries of one layer and KV head, in the order they were appended. Entry {@code i} lies in some page; pages may be
 * partly filled and each has its own format: entries are appended to pages of {@link #format}, and a page can be
 * {@linkplain #seal sealed} into another. Every edit leaves other holders of a shared page untouched.
 */
public final class HeadCache {
    private final Kernels kernels;
    private final Columns columns = new Columns();
    private PageList pages;
    private Packing packing;

    HeadCache(PagePool pool, Kernels kernels, Holding holding, KvFormat format) {
        this(kernels, new PageList(pool, holding, format));
    }

    private HeadCache(Kernels kernels, PageList pages) {
        if (!pages.format().appendable())
            throw new IllegalArgumentException("entries cannot be appended to pages of " + pages.format());
        this.kernels = kernels;
        use(pages);
    }

    private void use(PageList newPages) {
        pages = newPages;
        packing = new Packing(kernels, pages, columns);
    }

    /**
     * Has a page that takes entries grow with them: it has room for a multiple of {@code entries} until it is a whole page.
     * Pages that are sealed with fewer entries have no more room than that either.
     */
    public void growBy(int entries) {
        if (entries < 1) throw new IllegalArgumentException("growBy: found " + entries + ", expected at least 1");
        pages.growBy(entries);
    }

    /** Whether the entries of a page are stored as appended ones are. */
    public boolean isOpen(int index) {
        return pages.isOpen(index);
    }

    /** How appended entries are stored. */
    public KvFormat format() {
        return pages.format();
    }

    /** Number of entries. */
    public int size() {
        return pages.entries();
    }

    public int pageCount() {
        return pages.count();
    }

    public Page page(int index) {
        return pages.page(index);
    }

    /** Index of the first entry of a page. */
    public int pageStart(int index) {
        return pages.start(index);
    }

    /** Entries in a page. */
    public int pageSize(int index) {
        return pages.size(index);
    }

    /** What is known of the first pages; valid until the head is written to. */
    public PageTable table() {
        return pages.table();
    }

    /** The page that holds an entry. */
    public int pageOf(int entry) {
        return pages.of(entry);
    }

    public int position(int entry) {
        return pages.position(entry);
    }

    public float weight(int entry) {
        int page = pageOf(entry);
        return pages.page(page).weight(entry - pages.start(page));
    }

    /** The last entry at a position, or -1. */
    public int find(int position) {
        for (int p = pages.count() - 1; p >= 0; p--) {
            Page page = pages.page(p);
            if (position < page.minPosition() || position > page.maxPosition()) continue;
            for (int slot = pageSize(p) - 1; slot >= 0; slot--)
                if (page.position(slot) == position) return pages.start(p) + slot;
        }
        return -1;
    }

    /** Bytes of this head's pages; those shared with another layer's count in full. */
    public long bytes() {
        long bytes = 0;
        for (int p = 0; p < pages.count(); p++) bytes += pages.page(p).bytes();
        return bytes;
    }

    /**
     * The column that belongs to {@code owner}, made on first use. Columns are counted by whoever keeps them, not in
     * {@link #bytes}.
     */
    public EntryColumn column(Object owner) {
        return (EntryColumn) columns.of(owner, () -> new EntryColumn(size()));
    }

    /**
     * The vectors that belong to {@code owner}, made on first use; an owner has either a column or vectors. They are
     * counted by whoever keeps them, not in {@link #bytes}.
     */
    public EntryVectors vectors(Object owner, KvType type, int dimension) {
        return (EntryVectors) columns.of(owner, () -> new EntryVectors(kernels.kv(type), dimension, size()));
    }

    public void readKey(int entry, float[] key, int offset) {
        readKeys(entry, entry + 1, key, offset);
    }

    public void readValue(int entry, float[] value, int offset) {
        readValues(entry, entry + 1, value, offset);
    }

    /** Reads the keys of entries {@code from} to {@code to}, one after another. */
    public void readKeys(int from, int to, float[] keys, int offset) {
        int dimension = format().keyDimension();
        for (int p = from < to ? pageOf(from) : pages.count(); p < pages.count() && pages.start(p) < to; p++) {
            Page page = pages.page(p);
            int first = Math.max(from, pages.start(p));
            int slot = first - pages.start(p);
            int n = Math.min(to, pages.start(p + 1)) - first;
            pages.readsKeys(page, slot, slot + n);
            kernels.kv(page.format().keys())
                    .read(page.data(), page.keyBase(), slot, n, dimension, keys, offset + (first - from) * dimension, dimension);
        }
    }

    /** Reads the values of entries {@code from} to {@code to}, one after another. */
    public void readValues(int from, int to, float[] values, int offset) {
        int dimension = format().valueDimension();
        for (int p = from < to ? pageOf(from) : pages.count(); p < pages.count() && pages.start(p) < to; p++) {
            Page page = pages.page(p);
            int first = Math.max(from, pages.start(p));
            int slot = first - pages.start(p);
            int n = Math.min(to, pages.start(p + 1)) - first;
            pages.readsValues(page, slot, slot + n);
            kernels.kv(page.format().values())
                    .read(page.data(), page.valueBase(), slot, n, dimension, values, offset + (first - from) * dimension,
                            dimension);
        }
    }

    /**
     * Appends {@code n} entries: entry j has its key at {@code keys[keyOffset + j * keyStride]}, its value alike, and
     * position {@code positions[positionOffset + j]}.
     */
    public void append(
            float[] keys, int keyOffset, int keyStride,
            float[] values, int valueOffset, int valueStride,
            int[] positions, int positionOffset, int n) {
        columns.append(size(), n);
        int done = 0;
        while (done < n) {
            int last = pages.tail(n - done);
            Page page = pages.page(last);
            int slot = pageSize(last);
            int count = Math.min(n - done, page.format().entriesPerPage() - slot);
            kernels.kv(format().keys())
                    .write(keys, keyOffset + done * keyStride, keyStride, count, page.data(), page.keyBase(), slot,
                            format().keyDimension());
            kernels.kv(format().values())
                    .write(values, valueOffset + done * valueStride, valueStride, count, page.data(),
                            page.valueBase(), slot, format().valueDimension());
            for (int i = 0; i < count; i++) pages.place(page, slot + i, positions[positionOffset + done + i], 1f);
            pages.filled(count);
            done += count;
        }
    }

    /**
     * Appends entries {@code from} to {@code to} of another head of the same format. A full page that falls on a page of
     * this head is shared; of others the entries are copied.
     */
    public void share(HeadCache other, int from, int to) {
        if (!other.format().equals(format()))
            throw new IllegalArgumentException("entries of " + other.format() + " cannot stand among those of " + format());
        if (from < 0 || to > other.size() || from > to)
            throw new IndexOutOfBoundsException("entries " + from + " to " + to + " of " + other.size());
        columns.append(size(), to - from);
        PageList theirs = other.pages;
        for (int p = from < to ? theirs.of(from) : theirs.count(); p < theirs.count() && theirs.start(p) < to; p++) {
            int first = Math.max(from, theirs.start(p)) - theirs.start(p);
            int last = Math.min(to, theirs.start(p + 1)) - theirs.start(p);
            Page page = theirs.page(p);
            boolean full = last - first == format().entriesPerPage() && (pages.count() == 0 || pages.isFull(pages.count() - 1));
            if (full && pages.sharesPool(theirs)) pages.share(page, last - first);
            else packing.append(page, first, last);
        }
    }

    /**
     * Writes entries {@code from} to {@code to} as they are stored, keys first and values behind them:
     * {@link KvFormat#entriesBytes} bytes.
     *
     * @throws IllegalArgumentException if a page is sealed in another format
     */
    public void encode(int from, int to, MemorySegment bytes, long offset) {
        long keyBytes = format().keys().bytes(format().keyDimension());
        long valueBytes = format().values().bytes(format().valueDimension());
        long valueOffset = offset + (to - from) * keyBytes;
        for (int p = from < to ? pageOf(from) : pages.count(); p < pages.count() && pages.start(p) < to; p++) {
            Page page = pages.page(p);
            if (!page.format().sameTypes(format()))
                throw new IllegalArgumentException("a page of " + page.format() + " among those of " + format());
            int first = Math.max(from, pages.start(p));
            int n = Math.min(to, pages.start(p + 1)) - first;
            MemorySegment.copy(page.data(), page.keyBase() + (first - pages.start(p)) * keyBytes, bytes,
                    offset + (first - from) * keyBytes, n * keyBytes);
            MemorySegment.copy(page.data(), page.valueBase() + (first - pages.start(p)) * valueBytes, bytes,
                    valueOffset + (first - from) * valueBytes, n * valueBytes);
        }
    }

    /** Appends {@code n} entries that {@link #encode} wrote, at consecutive positions from {@code position} on. */
    public void decode(MemorySegment bytes, long offset, int n, int position) {
        columns.append(size(), n);
        long keyBytes = format().keys().bytes(format().keyDimension());
        long valueBytes = format().values().bytes(format().valueDimension());
        long valueOffset = offset + n * keyBytes;
        int done = 0;
        while (done < n) {
            int tail = pages.tail(n - done);
            Page page = pages.page(tail);
            int slot = pageSize(tail);
            int count = Math.min(n - done, page.format().entriesPerPage() - slot);
            MemorySegment.copy(bytes, offset + done * keyBytes, page.data(), page.keyBase() + slot * keyBytes,
                    count * keyBytes);
            MemorySegment.copy(bytes, valueOffset + done * valueBytes, page.data(), page.valueBase() + slot * valueBytes,
                    count * valueBytes);
            for (int i = 0; i < count; i++) pages.place(page, slot + i, position + done + i, 1f);
            pages.filled(count);
            done += count;
        }
    }

    /** Replaces an entry: a row computed again, or the merger of several entries. */
    public void overwrite(
            int entry, float[] keys, int keyOffset, float[] values, int valueOffset, int position, float weight) {
        int p = pageOf(entry);
        int slot = entry - pages.start(p);
        columns.changed(entry);
        if (!pages.page(p).format().appendable()) open(p);
        Page page = pages.writable(p);
        kernels.kv(page.format().keys())
                .write(keys, keyOffset, 0, 1, page.data(), page.keyBase(), slot, format().keyDimension());
        kernels.kv(page.format().values())
                .write(values, valueOffset, 0, 1, page.data(), page.valueBase(), slot, format().valueDimension());
        pages.place(page, slot, position, weight);
    }

    /**
     * Puts others in the place of {@code n} entries, which keep their positions and weights: entry {@code from + j} has its key at
     * {@code keys[keyOffset + j * keyStride]}, its value alike.
     */
    public void overwrite(
            int from, int n, float[] keys, int keyOffset, int keyStride, float[] values, int valueOffset, int valueStride) {
        for (int p = n > 0 ? pageOf(from) : pages.count(); p < pages.count() && pages.start(p) < from + n; p++) {
            int first = Math.max(from, pages.start(p));
            int count = Math.min(from + n, pages.start(p + 1)) - first;
            for (int i = 0; i < count; i++) columns.changed(first + i);
            if (!pages.page(p).format().appendable()) open(p);
            Page page = pages.writable(p);
            int done = first - from;
            kernels.kv(page.format().keys())
                    .write(keys, keyOffset + done * keyStride, keyStride, count, page.data(), page.keyBase(), first - pages.start(p),
                            format().keyDimension());
            kernels.kv(page.format().values())
                    .write(values, valueOffset + done * valueStride, valueStride, count, page.data(), page.valueBase(),
                            first - pages.start(p), format().valueDimension());
        }
    }

    /**
     * Stores a page's entries under other types; no entry is appended to the page afterwards unless these are the types of
     * {@link #format}. Sound only for codecs that lose no more than the caller accepts. Threads may seal different pages at
     * the same time.
     */
    public void seal(int index, KvType keys, KvType values) {
        Page page = pages.page(index);
        KvFormat target = page.format().withTypes(keys, values);
        if (page.format().equals(target)) return;
        int n = pageSize(index);
        pages.reads(page, 0, n);
        Entries entries = Entries.scratch(format(), n);
        entries.read(kernels, page, 0, n, 0);
        entries.write(kernels, n, pages, pages.exchange(index, target), 0);
    }

    /**
     * Moves a page's keys and values out of fast memory; attention reads them where they are, and the entries come back
     * when they are edited. Of a page shared with another layer a copy is moved, which is this head's alone.
     *
     * @throws dev.laconic.core.error.LaconicException if there is no room for them
     */
    public void offload(int index) {
        if (!pages.page(index).cold()) pages.offload(index);
    }

    /** Says that attention reads the keys and values of a page's slots {@code from} to {@code to}. */
    public void attends(int index, int from, int to) {
        pages.reads(pages.page(index), from, to);
    }

    /** Says that a search reads the keys of a page's slots {@code from} to {@code to}. */
    public void searches(int index, int from, int to) {
        pages.readsKeys(pages.page(index), from, to);
    }

    /** Has entries read in the background, as far as they lie outside fast memory. */
    public void readAhead(int from, int to) {
        for (int p = from < to ? pageOf(from) : pages.count(); p < pages.count() && pages.start(p) < to; p++) {
            int first = Math.max(from, pages.start(p)) - pages.start(p);
            int last = Math.min(to, pages.start(p + 1)) - pages.start(p);
            if (pages.page(p).cold()) pages.readAhead(pages.page(p), first, last);
        }
    }

    /**
     * Brings entries to the front, in sealed pages of their own; the others keep their order behind them.
     *
     * @param entries ascending entry indexes, of which the first {@code count} are read
     * @param keyFactors what keys' channels are divided by, for a type of keys that has such factors; else empty, as where
     *     the type chooses them itself
     * @param valueFactors the same for values
     */
    public void gather(
            int[] entries, int count, KvType keys, KvType values, float[] keyFactors, float[] valueFactors) {
        gather(0, entries, count, keys, values, keyFactors, valueFactors);
    }

    /**
     * Brings entries together before page {@code at}, in sealed pages of their own; the others keep their order behind them.
     *
     * @param entries ascending indexes of entries that lie in this page or behind it, of which the first {@code count} are
     *     read
     */
    public void gather(
            int at, int[] entries, int count, KvType keys, KvType values, float[] keyFactors, float[] valueFactors) {
        packing.gather(at, entries, count, keys, values, keyFactors, valueFactors);
    }

    /**
     * Brings entries to the front of this head and of one of a higher layer, in pages that hold their directions once for
     * both; the others keep their order behind them.
     *
     * @param entries ascending entry indexes of this head, of which the first {@code count} are read; they have weight 1
     * @param upperEntries ascending entry indexes of the same positions in the other head
     * @param keys of these entries, in order
     * @param values of these entries, in order
     */
    public void pair(
            int[] entries, HeadCache upper, int[] upperEntries, int count, Directions keys, Directions values) {
        packing.pair(entries, upper.packing, upperEntries, count, keys, values);
    }

    /** Stores a page's entries as appended ones are. */
    private void open(int index) {
        seal(index, format().keys(), format().values());
    }

    /**
     * Keeps the entries named, in order, and evicts the rest; pages that empty are freed, and the kept entries are packed
     * into as few pages as hold them and {@link KvFormat#spare} places. A page that is sealed or outside fast memory and loses none
     * of its entries stays as it is; what is left of one that loses some is stored as appended entries are.
     *
     * @param entries ascending entry indexes, of which the first {@code count} are read
     */
    public void keep(int[] entries, int count) {
        packing.keep(entries, count);
    }

    /** Drops every entry at {@code position} or after it. */
    public void truncate(int position) {
        int size = size();
        int[] kept = new int[size];
        int count = 0;
        for (int p = 0; p < pages.count(); p++)
            for (int slot = 0; slot < pageSize(p); slot++)
                if (pages.page(p).position(slot) < position) kept[count++] = pages.start(p) + slot;
        if (count == 0 || kept[count - 1] == count - 1) truncateTo(count);
        else keep(kept, count);
    }

    /** Keeps the first {@code count} entries; pages after them are freed and none is copied. */
    public void truncateTo(int count) {
        if (count > size()) throw new IllegalArgumentException("cannot keep " + count + " of " + size() + " entries");
        pages.truncate(count);
        columns.truncate(count);
    }

    /** Stores all entries under other types; sound only for codecs that lose no more than the caller accepts. */
    public void recode(KvType keys, KvType values) {
        KvFormat wanted = format().withTypes(keys, values);
        if (wanted.equals(format())) {
            for (int p = 0; p < pages.count(); p++) open(p);
            return;
        }
        HeadCache target = new HeadCache(kernels, pages.empty(wanted));
        float[] key = new float[format().keyDimension()];
        float[] value = new float[format().valueDimension()];
        int[] position = new int[1];
        for (int entry = 0; entry < size(); entry++) {
            readKey(entry, key, 0);
            readValue(entry, value, 0);
            position[0] = position(entry);
            target.append(key, 0, 0, value, 0, 0, position, 0, 1);
            if (weight(entry) != 1f) target.overwrite(entry, key, 0, value, 0, position[0], weight(entry));
        }
        pages.release();
        use(target.pages);
    }

    /**
     * Moves entries {@code from} to {@code to} by {@code delta} positions: their keys are turned and renumbered, and those of
     * pages shared with another layer are then stored as appended ones are.
     */
    public void rotate(int from, int to, int delta, Rope rope) {
        if (delta == 0) return;
        int pairs = rope.frequencies().length;
        float[] cos = new float[pairs];
        float[] sin = new float[pairs];
        new Rope(rope.pairing(), rope.frequencies(), 1f).angles(delta, cos, sin, 0);
        int dimension = format().keyDimension();
        float[] keys = {};
        for (int p = 0; p < pages.count(); p++) {
            int first = Math.max(from, pages.start(p));
            int last = Math.min(to, pages.start(p + 1));
            if (first >= last) continue;
            KvFormat before = pages.page(p).format();
            if (!before.appendable()) open(p);
            Page page = pages.writable(p);
            KvKernel kernel = kernels.kv(page.format().keys());
            boolean whole = last - first == pageSize(p);
            pages.changed(p);
            if (whole) page.move(delta);
            int n = last - first;
            int slot = first - pages.start(p);
            if (keys.length < n * dimension) keys = new float[n * dimension];
            kernel.read(page.data(), page.keyBase(), slot, n, dimension, keys, 0, dimension);
            kernels.rotate(rope, cos, sin, 0, keys, 0, n, dimension);
            kernel.write(keys, 0, dimension, n, page.data(), page.keyBase(), slot, dimension);
            for (int i = 0; i < n; i++) {
                columns.changed(first + i);
                if (!whole) pages.place(page, slot + i, page.position(slot + i) + delta, page.weight(slot + i));
            }
            long bytes = page.bytes();
            page.settle(pageSize(p));
            pages.grew(page.bytes() - bytes);
            if (!before.paired()) seal(p, before.keys(), before.values());
        }
    }

    /** A head that shares every page with this one. */
    HeadCache fork(Holding newHolding) {
        HeadCache copy = new HeadCache(kernels, pages.fork(newHolding));
        copy.columns.copy(columns);
        return copy;
    }

    void close() {
        pages.release();
    }
}
