package dev.laconic.model.kv;

import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvKernel;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.Rope;
import dev.laconic.kernels.Team;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * The entries of one layer and KV head, in the order they were appended. Entry {@code i} lies in some page; pages may be
 * partly filled and each has its own format: entries are appended to pages of {@link #format}, and a page can be
 * {@linkplain #seal sealed} into another. Every edit leaves other holders of a shared page untouched.
 */
public final class HeadCache {
    private static final int NOT_FOUND = -1;
    private static final float[] NO_FACTORS = {};

    private final PagePool pool;
    private final Kernels kernels;
    private final Holding holding;
    private KvFormat format;
    /** What the room of a page that takes entries is a multiple of. */
    private int step;

    private Page[] pages = new Page[4];
    /** Entries before page i; one more than there are pages. */
    private int[] starts = new int[5];

    private int pageCount;
    private final Map<Object, Beside> columns = new IdentityHashMap<>(2);

    HeadCache(PagePool pool, Kernels kernels, Holding holding, KvFormat format) {
        if (!format.appendable()) throw new IllegalArgumentException("entries cannot be appended to pages of " + format);
        this.pool = pool;
        this.kernels = kernels;
        this.holding = holding;
        this.format = format;
        step = format.entriesPerPage();
    }

    /**
     * Has a page that takes entries grow with them: it has room for a multiple of {@code entries} until it is a whole page.
     * Pages that are sealed with fewer entries have no more room than that either.
     */
    public void growBy(int entries) {
        if (entries < 1) throw new IllegalArgumentException("growBy: found " + entries + ", expected at least 1");
        step = Math.min(entries, format.entriesPerPage());
    }

    /** The room of a page for so many entries. */
    private int room(int entries) {
        return Math.min(format.entriesPerPage(), (entries + step - 1) / step * step);
    }

    /** Whether the entries of a page are stored as appended ones are. */
    public boolean isOpen(int index) {
        return pages[index].format().sameTypes(format);
    }

    /** How appended entries are stored. */
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
        return pages[page].position(entry - starts[page]);
    }

    public float weight(int entry) {
        int page = pageOf(entry);
        return pages[page].weight(entry - starts[page]);
    }

    /** The last entry at a position, or -1. */
    public int find(int position) {
        for (int p = pageCount - 1; p >= 0; p--) {
            Page page = pages[p];
            if (position < page.minPosition() || position > page.maxPosition()) continue;
            for (int slot = pageSize(p) - 1; slot >= 0; slot--)
                if (page.position(slot) == position) return starts[p] + slot;
        }
        return NOT_FOUND;
    }

    /** Bytes of this head's pages; those shared with another layer's count in full. */
    public long bytes() {
        long bytes = 0;
        for (int p = 0; p < pageCount; p++) bytes += pages[p].bytes();
        return bytes;
    }

    /**
     * The column that belongs to {@code owner}, made on first use. Columns are counted by whoever keeps them, not in
     * {@link #bytes}.
     */
    public EntryColumn column(Object owner) {
        return (EntryColumn) columns.computeIfAbsent(owner, of -> new EntryColumn(size()));
    }

    /**
     * The vectors that belong to {@code owner}, made on first use; an owner has either a column or vectors. They are
     * counted by whoever keeps them, not in {@link #bytes}.
     */
    public EntryVectors vectors(Object owner, KvType type, int dimension) {
        return (EntryVectors) columns.computeIfAbsent(owner, of -> new EntryVectors(kernels.kv(type), dimension, size()));
    }

    public void readKey(int entry, float[] key, int offset) {
        int p = pageOf(entry);
        Page page = pages[p];
        readsKeys(page, entry - starts[p], entry + 1 - starts[p]);
        kernels.kv(page.format().keys())
                .read(page.data(), page.keyBase(), entry - starts[p], 1, format.keyDimension(), key, offset, 0);
    }

    public void readValue(int entry, float[] value, int offset) {
        int p = pageOf(entry);
        Page page = pages[p];
        readsValues(page, entry - starts[p], entry + 1 - starts[p]);
        kernels.kv(page.format().values())
                .read(page.data(), page.valueBase(), entry - starts[p], 1, format.valueDimension(), value, offset, 0);
    }

    /** Reads the keys of entries {@code from} to {@code to}, one after another. */
    public void readKeys(int from, int to, float[] keys, int offset) {
        int dimension = format.keyDimension();
        for (int p = from < to ? pageOf(from) : pageCount; p < pageCount && starts[p] < to; p++) {
            int first = Math.max(from, starts[p]);
            int n = Math.min(to, starts[p + 1]) - first;
            readsKeys(pages[p], first - starts[p], first - starts[p] + n);
            kernels.kv(pages[p].format().keys())
                    .read(pages[p].data(), pages[p].keyBase(), first - starts[p], n, dimension, keys,
                            offset + (first - from) * dimension, dimension);
        }
    }

    /** Reads the values of entries {@code from} to {@code to}, one after another. */
    public void readValues(int from, int to, float[] values, int offset) {
        int dimension = format.valueDimension();
        for (int p = from < to ? pageOf(from) : pageCount; p < pageCount && starts[p] < to; p++) {
            int first = Math.max(from, starts[p]);
            int n = Math.min(to, starts[p + 1]) - first;
            readsValues(pages[p], first - starts[p], first - starts[p] + n);
            kernels.kv(pages[p].format().values())
                    .read(pages[p].data(), pages[p].valueBase(), first - starts[p], n, dimension, values,
                            offset + (first - from) * dimension, dimension);
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
        if (!columns.isEmpty()) for (Beside beside : columns.values()) beside.append(size(), n);
        int done = 0;
        while (done < n) {
            int last = tailForWriting(n - done);
            Page page = pages[last];
            int slot = pageSize(last);
            int count = Math.min(n - done, page.format().entriesPerPage() - slot);
            kernels.kv(format.keys())
                    .write(keys, keyOffset + done * keyStride, keyStride, count, page.data(), page.keyBase(), slot,
                            format.keyDimension());
            kernels.kv(format.values())
                    .write(values, valueOffset + done * valueStride, valueStride, count, page.data(),
                            page.valueBase(), slot, format.valueDimension());
            for (int i = 0; i < count; i++) place(page, slot + i, positions[positionOffset + done + i], 1f);
            starts[last + 1] += count;
            done += count;
        }
    }

    /**
     * Appends entries {@code from} to {@code to} of another head of the same format. A full page that falls on a page of
     * this head is shared; of others the entries are copied.
     */
    public void share(HeadCache other, int from, int to) {
        if (!other.format.equals(format))
            throw new IllegalArgumentException("entries of " + other.format + " cannot stand among those of " + format);
        if (from < 0 || to > other.size() || from > to)
            throw new IndexOutOfBoundsException("entries " + from + " to " + to + " of " + other.size());
        for (Beside beside : columns.values()) beside.append(size(), to - from);
        for (int p = from < to ? other.pageOf(from) : other.pageCount; p < other.pageCount && other.starts[p] < to; p++) {
            int first = Math.max(from, other.starts[p]) - other.starts[p];
            int last = Math.min(to, other.starts[p + 1]) - other.starts[p];
            Page page = other.pages[p];
            boolean full = last - first == format.entriesPerPage() && (pageCount == 0 || isFull(pageCount - 1));
            if (full && other.pool == pool) {
                page.retain();
                holding.add(page);
                add(page);
                starts[pageCount] += last - first;
            } else if (page.format().sameTypes(format)) {
                copyEntries(page, first, last);
            } else {
                for (int slot = first; slot < last; slot++) copyEntry(page, slot);
            }
        }
    }

    private boolean isFull(int index) {
        return pageSize(index) == format.entriesPerPage();
    }

    /** Appends entries of a page of this head's format, byte for byte. */
    private void copyEntries(Page from, int first, int last) {
        while (first < last) {
            int tail = tailForWriting(last - first);
            int slot = pageSize(tail);
            Page page = pages[tail];
            int count = Math.min(last - first, page.format().entriesPerPage() - slot);
            long before = page.bytes();
            page.copyEntries(from, first, slot, count);
            for (int i = 0; i < count; i++) page.place(slot + i, from.position(first + i), from.weight(first + i));
            if (page.bytes() != before) grew(page.bytes() - before);
            starts[tail + 1] += count;
            first += count;
        }
    }

    /**
     * Writes entries {@code from} to {@code to} as they are stored, keys first and values behind them:
     * {@link KvFormat#entriesBytes} bytes.
     *
     * @throws IllegalArgumentException if a page is sealed in another format
     */
    public void encode(int from, int to, MemorySegment bytes, long offset) {
        long keyBytes = format.keys().bytes(format.keyDimension());
        long valueBytes = format.values().bytes(format.valueDimension());
        long valueOffset = offset + (to - from) * keyBytes;
        for (int p = from < to ? pageOf(from) : pageCount; p < pageCount && starts[p] < to; p++) {
            Page page = pages[p];
            if (!page.format().sameTypes(format))
                throw new IllegalArgumentException("a page of " + page.format() + " among those of " + format);
            int first = Math.max(from, starts[p]);
            int n = Math.min(to, starts[p + 1]) - first;
            MemorySegment.copy(page.data(), page.keyBase() + (first - starts[p]) * keyBytes, bytes,
                    offset + (first - from) * keyBytes, n * keyBytes);
            MemorySegment.copy(page.data(), page.valueBase() + (first - starts[p]) * valueBytes, bytes,
                    valueOffset + (first - from) * valueBytes, n * valueBytes);
        }
    }

    /** Appends {@code n} entries that {@link #encode} wrote, at consecutive positions from {@code position} on. */
    public void decode(MemorySegment bytes, long offset, int n, int position) {
        if (!columns.isEmpty()) for (Beside beside : columns.values()) beside.append(size(), n);
        long keyBytes = format.keys().bytes(format.keyDimension());
        long valueBytes = format.values().bytes(format.valueDimension());
        long valueOffset = offset + n * keyBytes;
        int done = 0;
        while (done < n) {
            int tail = tailForWriting(n - done);
            Page page = pages[tail];
            int slot = pageSize(tail);
            int count = Math.min(n - done, page.format().entriesPerPage() - slot);
            MemorySegment.copy(bytes, offset + done * keyBytes, page.data(), page.keyBase() + slot * keyBytes,
                    count * keyBytes);
            MemorySegment.copy(bytes, valueOffset + done * valueBytes, page.data(), page.valueBase() + slot * valueBytes,
                    count * valueBytes);
            for (int i = 0; i < count; i++) place(page, slot + i, position + done + i, 1f);
            starts[tail + 1] += count;
            done += count;
        }
    }

    /** Replaces an entry: a row computed again, or the merger of several entries. */
    public void overwrite(
            int entry, float[] keys, int keyOffset, float[] values, int valueOffset, int position, float weight) {
        int p = pageOf(entry);
        int slot = entry - starts[p];
        changed(entry);
        if (!pages[p].format().appendable()) open(p);
        Page page = writable(p);
        kernels.kv(page.format().keys())
                .write(keys, keyOffset, 0, 1, page.data(), page.keyBase(), slot, format.keyDimension());
        kernels.kv(page.format().values())
                .write(values, valueOffset, 0, 1, page.data(), page.valueBase(), slot, format.valueDimension());
        place(page, slot, position, weight);
    }

    /**
     * Puts others in the place of {@code n} entries, which keep their positions and weights: entry {@code from + j} has its key at
     * {@code keys[keyOffset + j * keyStride]}, its value alike.
     */
    public void overwrite(
            int from, int n, float[] keys, int keyOffset, int keyStride, float[] values, int valueOffset, int valueStride) {
        for (int p = n > 0 ? pageOf(from) : pageCount; p < pageCount && starts[p] < from + n; p++) {
            int first = Math.max(from, starts[p]);
            int count = Math.min(from + n, starts[p + 1]) - first;
            for (int i = 0; i < count; i++) changed(first + i);
            if (!pages[p].format().appendable()) open(p);
            Page page = writable(p);
            int done = first - from;
            kernels.kv(page.format().keys())
                    .write(keys, keyOffset + done * keyStride, keyStride, count, page.data(), page.keyBase(), first - starts[p],
                            format.keyDimension());
            kernels.kv(page.format().values())
                    .write(values, valueOffset + done * valueStride, valueStride, count, page.data(), page.valueBase(),
                            first - starts[p], format.valueDimension());
        }
    }

    /**
     * Stores a page's entries under other types; no entry is appended to the page afterwards unless these are the types of
     * {@link #format}. Sound only for codecs that lose no more than the caller accepts. Threads may seal different pages at
     * the same time.
     */
    public void seal(int index, KvType keys, KvType values) {
        Page page = pages[index];
        KvFormat target = page.format().withTypes(keys, values);
        if (page.format().equals(target)) return;
        int n = pageSize(index);
        reads(page, 0, n);
        Entries entries = Entries.scratch(format, n);
        entries.read(kernels, page, 0, n, 0);
        // However many threads seal pages, what is held only shrinks, and its peak is the same.
        holding.remove(page);
        Page sealed = pool.exchange(page, target);
        holding.add(sealed);
        pages[index] = sealed;
        if (sealed.cold()) holding.move(target.pageBytes());
        write(entries, n, sealed);
    }

    /** Writes the first entries of a page that is this head's alone. */
    private void write(Entries entries, int n, Page page) {
        write(entries, n, page, NO_FACTORS, NO_FACTORS);
    }

    private void write(Entries entries, int n, Page page, float[] keyFactors, float[] valueFactors) {
        write(kernels.kv(page.format().keys()), entries.keys, n, page, page.keyBase(), format.keyDimension(), keyFactors);
        write(kernels.kv(page.format().values()), entries.values, n, page, page.valueBase(), format.valueDimension(),
                valueFactors);
        for (int slot = 0; slot < n; slot++) place(page, slot, entries.positions[slot], entries.weights[slot]);
    }

    /**
     * Moves a page's keys and values out of fast memory; attention reads them where they are, and the entries come back
     * when they are edited. Of a page shared with another layer a copy is moved, which is this head's alone.
     *
     * @throws dev.laconic.core.error.LaconicException if there is no room for them
     */
    public void offload(int index) {
        Page page = pages[index];
        if (page.cold()) return;
        Page cold = copy(page, true);
        holding.move(page.format().pageBytes());
        release(page);
        pages[index] = cold;
    }

    /** Says that attention reads the keys and values of a page's slots {@code from} to {@code to}. */
    public void attends(int index, int from, int to) {
        reads(pages[index], from, to);
    }

    /** Says that a search reads the keys of a page's slots {@code from} to {@code to}. */
    public void searches(int index, int from, int to) {
        readsKeys(pages[index], from, to);
    }

    /** Has entries read in the background, as far as they lie outside fast memory. */
    public void readAhead(int from, int to) {
        for (int p = from < to ? pageOf(from) : pageCount; p < pageCount && starts[p] < to; p++) {
            Page page = pages[p];
            if (!page.cold()) continue;
            int first = Math.max(from, starts[p]) - starts[p];
            int last = Math.min(to, starts[p + 1]) - starts[p];
            if (page.format().appendable()) {
                long key = page.format().keys().bytes(format.keyDimension());
                long value = page.format().values().bytes(format.valueDimension());
                pool.readAhead(page.data().asSlice(page.keyBase() + first * key, (last - first) * key));
                pool.readAhead(page.data().asSlice(page.valueBase() + first * value, (last - first) * value));
            } else {
                pool.readAhead(page.data());
            }
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
        if (count == 0) return;
        KvFormat target = format.withTypes(keys, values);
        int perPage = format.entriesPerPage();
        Page[] gathered = new Page[(count + perPage - 1) / perPage];
        Team.Task gather = (part, parts) -> {
            for (int p = part; p < gathered.length; p += parts) {
                int n = Math.min(perPage, count - p * perPage);
                Entries some = Entries.scratch(format, n);
                read(entries, p * perPage, n, some);
                gathered[p] = take(target.withRoom(room(n)), false);
                write(some, n, gathered[p], keyFactors, valueFactors);
            }
        };
        if (gathered.length == 1) gather.run(0, 1);
        else kernels.team().run(gather);
        bring(at, entries, count, gathered);
    }

    /** Reads {@code n} of some ascending entries, those of a page that are side by side at once. */
    private void read(int[] entries, int first, int n, Entries into) {
        int p = pageOf(entries[first]);
        int i = 0;
        while (i < n) {
            int entry = entries[first + i];
            while (starts[p + 1] <= entry) p++;
            int end = i + 1;
            while (end < n && entries[first + end] == entry + end - i && entry + end - i < starts[p + 1]) end++;
            int slot = entry - starts[p];
            reads(pages[p], slot, slot + end - i);
            into.read(kernels, pages[p], slot, end - i, i);
            i = end;
        }
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
        if (count == 0) return;
        KvFormat target = format.withTypes(keys.asLower(), values.asLower());
        int perPage = format.entriesPerPage();
        Page[] lowerPages = new Page[(count + perPage - 1) / perPage];
        Page[] upperPages = new Page[lowerPages.length];
        for (int p = 0; p < lowerPages.length; p++) {
            int from = p * perPage;
            int n = Math.min(perPage, count - from);
            Page page = take(target, false);
            keys.write(kernels, from, n, page, page.keyBase(), format.keyDimension());
            values.write(kernels, from, n, page, page.valueBase(), format.valueDimension());
            for (int i = 0; i < n; i++) place(page, i, position(entries[from + i]), 1f);
            lowerPages[p] = page;
            upperPages[p] = new Page(upper.format.withTypes(keys.asUpper(), values.asUpper()), page);
            upper.holding.add(upperPages[p]);
        }
        bring(0, entries, count, lowerPages);
        upper.bring(0, upperEntries, count, upperPages);
    }

    /** Replaces entries by those of full pages before page {@code at}; the last of these may have room left. */
    private void bring(int at, int[] entries, int count, Page[] gathered) {
        int size = size();
        int start = starts[at];
        if (entries[0] < start) throw new IllegalArgumentException("entry " + entries[0] + " lies before page " + at);
        int[] order = new int[start + count];
        for (int i = 0; i < start; i++) order[i] = i;
        System.arraycopy(entries, 0, order, start, count);
        Map<Object, Beside> kept = new IdentityHashMap<>(columns);
        kept.values().forEach(column -> column.toFront(order, order.length, size));
        columns.clear();
        keep(others(entries, count, size), size - count, at);
        columns.putAll(kept);
        for (Page page : gathered) add(page);
        int behind = pageCount - gathered.length - at;
        System.arraycopy(pages, at, pages, at + gathered.length, behind);
        System.arraycopy(starts, at, starts, at + gathered.length, behind + 1);
        for (int p = 0; p < gathered.length; p++) {
            pages[at + p] = gathered[p];
            starts[at + p] = start + p * format.entriesPerPage();
        }
        for (int p = at + gathered.length; p <= pageCount; p++) starts[p] += count;
    }

    private static void write(KvKernel kernel, float[] x, int n, Page page, long base, int dimension, float[] factors) {
        if (factors.length == 0) kernel.write(x, 0, dimension, n, page.data(), base, 0, dimension);
        else kernel.write(x, 0, dimension, n, page.data(), base, dimension, factors);
    }

    private static int[] others(int[] entries, int count, int size) {
        int[] others = new int[size - count];
        int next = 0;
        int to = 0;
        for (int i = 0; i < size; i++)
            if (next < count && entries[next] == i) next++;
            else others[to++] = i;
        return others;
    }

    /** Stores a page's entries as appended ones are. */
    private void open(int index) {
        seal(index, format.keys(), format.values());
    }

    /**
     * Keeps the entries named, in order, and evicts the rest; pages that empty are freed, and the kept entries are packed
     * into as few pages as hold them. A page that is sealed or outside fast memory and loses none of its entries stays as
     * it is; what is left of one that loses some is stored as appended entries are.
     *
     * @param entries ascending entry indexes, of which the first {@code count} are read
     */
    public void keep(int[] entries, int count) {
        keep(entries, count, NOT_FOUND);
    }

    /** @param apart entries from this page on do not move to the pages before it */
    private void keep(int[] entries, int count, int apart) {
        for (int i = 0; i < count; i++) {
            checkEntry(entries[i]);
            if (i > 0 && entries[i] <= entries[i - 1])
                throw new IllegalArgumentException("entries to keep must ascend: " + entries[i - 1] + ", " + entries[i]);
        }
        int unchanged = 0;
        while (unchanged < count && entries[unchanged] == unchanged) unchanged++;
        if (unchanged == size()) return;
        for (Beside beside : columns.values()) beside.keep(entries, count);
        // Entries before the first gap stay where they are; all after it move down.
        int firstPage = pageOf(unchanged);
        Page[] old = Arrays.copyOfRange(pages, firstPage, pageCount);
        int[] oldStarts = Arrays.copyOfRange(starts, firstPage, pageCount + 1);
        pageCount = firstPage;
        int source = 0;
        int i = oldStarts[0];
        while (i < count) {
            while (oldStarts[source + 1] <= entries[i]) source++;
            int end = i;
            while (end < count && entries[end] < oldStarts[source + 1]) end++;
            boolean whole = end - i == oldStarts[source + 1] - oldStarts[source];
            if (whole && (old[source].cold() || !old[source].format().sameTypes(format))) {
                old[source].retain();
                holding.add(old[source]);
                add(old[source]);
                starts[pageCount] += end - i;
            } else {
                if (pageCount == apart) add(take(format.withRoom(room(Math.min(format.entriesPerPage(), end - i))), false));
                copyEntries(old[source], entries, i, end, oldStarts[source]);
            }
            i = end;
        }
        for (Page page : old) release(page);
    }

    /** Appends entries {@code entries[i] - start} of some page for i from {@code from} to {@code to}, those side by side at once. */
    private void copyEntries(Page page, int[] entries, int from, int to, int start) {
        boolean bytes = page.format().sameTypes(format);
        int i = from;
        while (i < to) {
            int first = entries[i++] - start;
            int end = first + 1;
            for (; i < to && entries[i] - start == end; i++) end++;
            if (bytes) {
                reads(page, first, end);
                copyEntries(page, first, end);
            } else {
                for (int slot = first; slot < end; slot++) copyEntry(page, slot);
            }
        }
    }

    /** Appends an entry of some page. */
    private void copyEntry(Page from, int slot) {
        int last = tailForWriting(1);
        Page page = pages[last];
        int to = pageSize(last);
        reads(from, slot, slot + 1);
        if (from.format().sameTypes(format)) {
            page.copyEntries(from, slot, to, 1);
        } else {
            float[] x = new float[Math.max(format.keyDimension(), format.valueDimension())];
            kernels.kv(from.format().keys()).read(from.data(), from.keyBase(), slot, 1, format.keyDimension(), x, 0, 0);
            kernels.kv(format.keys()).write(x, 0, 0, 1, page.data(), page.keyBase(), to, format.keyDimension());
            kernels.kv(from.format().values())
                    .read(from.data(), from.valueBase(), slot, 1, format.valueDimension(), x, 0, 0);
            kernels.kv(format.values()).write(x, 0, 0, 1, page.data(), page.valueBase(), to, format.valueDimension());
        }
        place(page, to, from.position(slot), from.weight(slot));
        starts[last + 1]++;
    }

    /** Drops every entry at {@code position} or after it. */
    public void truncate(int position) {
        int size = size();
        int[] kept = new int[size];
        int count = 0;
        for (int p = 0; p < pageCount; p++)
            for (int slot = 0; slot < pageSize(p); slot++)
                if (pages[p].position(slot) < position) kept[count++] = starts[p] + slot;
        if (count == 0 || kept[count - 1] == count - 1) truncateTo(count);
        else keep(kept, count);
    }

    /** Keeps the first {@code count} entries; pages after them are freed and none is copied. */
    public void truncateTo(int count) {
        if (count > size()) throw new IllegalArgumentException("cannot keep " + count + " of " + size() + " entries");
        while (pageCount > 0 && starts[pageCount - 1] >= count) release(pages[--pageCount]);
        if (pageCount > 0) starts[pageCount] = count;
        if (!columns.isEmpty()) for (Beside beside : columns.values()) beside.truncate(count);
    }

    /** Stores all entries under other types; sound only for codecs that lose no more than the caller accepts. */
    public void recode(KvType keys, KvType values) {
        KvFormat wanted = format.withTypes(keys, values);
        if (wanted.equals(format)) {
            for (int p = 0; p < pageCount; p++) open(p);
            return;
        }
        HeadCache target = new HeadCache(pool, kernels, holding, format.withTypes(keys, values));
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
        int dimension = format.keyDimension();
        float[] keys = {};
        for (int p = 0; p < pageCount; p++) {
            int first = Math.max(from, starts[p]);
            int last = Math.min(to, starts[p + 1]);
            if (first >= last) continue;
            KvFormat before = pages[p].format();
            if (!before.appendable()) open(p);
            Page page = writable(p);
            KvKernel kernel = kernels.kv(page.format().keys());
            boolean whole = last - first == pageSize(p);
            if (whole) page.move(delta);
            int n = last - first;
            int slot = first - starts[p];
            if (keys.length < n * dimension) keys = new float[n * dimension];
            kernel.read(page.data(), page.keyBase(), slot, n, dimension, keys, 0, dimension);
            kernels.rotate(rope, cos, sin, 0, keys, 0, n, dimension);
            kernel.write(keys, 0, dimension, n, page.data(), page.keyBase(), slot, dimension);
            for (int i = 0; i < n; i++) {
                changed(first + i);
                if (!whole) place(page, slot + i, page.position(slot + i) + delta, page.weight(slot + i));
            }
            long bytes = page.bytes();
            page.settle(pageSize(p));
            grew(page.bytes() - bytes);
            if (!before.paired()) seal(p, before.keys(), before.values());
        }
    }

    /** A head that shares every page with this one. */
    HeadCache fork(Holding newHolding) {
        HeadCache copy = new HeadCache(pool, kernels, newHolding, format);
        copy.step = step;
        copy.pages = pages.clone();
        copy.starts = starts.clone();
        copy.pageCount = pageCount;
        for (int i = 0; i < pageCount; i++) {
            pages[i].retain();
            newHolding.add(pages[i]);
        }
        columns.forEach((owner, column) -> copy.columns.put(owner, column.copy()));
        return copy;
    }

    void close() {
        while (pageCount > 0) release(pages[--pageCount]);
    }

    /** The page that takes the next entry of {@code more}, owned by this head alone and with room for one. */
    private int tailForWriting(int more) {
        int last = pageCount - 1;
        if (pageCount > 0 && pageSize(last) < format.entriesPerPage() && isOpen(last)) {
            int room = room(Math.min(format.entriesPerPage(), pageSize(last) + more));
            if (room > pages[last].format().entriesPerPage()) grow(last, room);
            else writable(last);
            return last;
        }
        add(take(format.withRoom(room(Math.min(format.entriesPerPage(), more))), false));
        return pageCount - 1;
    }

    /** Gives a page that takes entries more room. */
    private void grow(int index, int room) {
        Page page = pages[index];
        int n = pageSize(index);
        reads(page, 0, n);
        Page larger = take(format.withRoom(room), false);
        larger.copyEntries(page, 0, 0, n);
        for (int slot = 0; slot < n; slot++) place(larger, slot, page.position(slot), page.weight(slot));
        release(page);
        pages[index] = larger;
    }

    /** Adds a page, as yet without entries. */
    private void add(Page page) {
        if (pageCount == pages.length) {
            pages = Arrays.copyOf(pages, 2 * pageCount);
            starts = Arrays.copyOf(starts, 2 * pageCount + 1);
        }
        pages[pageCount] = page;
        starts[pageCount + 1] = starts[pageCount];
        pageCount++;
    }

    private Page writable(int index) {
        Page page = pages[index];
        if (!page.shared() && !page.cold()) return page;
        if (page.cold()) holding.move(page.format().pageBytes());
        Page copy = copy(page, false);
        release(page);
        pages[index] = copy;
        return copy;
    }

    private Page copy(Page page, boolean cold) {
        Page copy = take(page.format(), cold);
        copy.copyAll(page);
        grew(copy.bytes() - copy.format().pageBytes());
        return copy;
    }

    private Page take(KvFormat of, boolean cold) {
        Page page = pool.take(of, cold);
        holding.add(page);
        return page;
    }

    private void reads(Page page, int from, int to) {
        readsKeys(page, from, to);
        readsValues(page, from, to);
    }

    private void readsKeys(Page page, int from, int to) {
        if (page.cold()) holding.move(page.format().keys().bytes(format.keyDimension(), from, to));
    }

    private void readsValues(Page page, int from, int to) {
        if (page.cold()) holding.move(page.format().values().bytes(format.valueDimension(), from, to));
    }

    private void place(Page page, int slot, int position, float weight) {
        long before = page.bytes();
        page.place(slot, position, weight);
        if (page.bytes() != before) grew(page.bytes() - before);
    }

    private void changed(int entry) {
        if (!columns.isEmpty()) for (Beside beside : columns.values()) beside.changed(entry);
    }

    private void grew(long bytes) {
        holding.add(bytes);
        pool.grew(bytes);
    }

    private void release(Page page) {
        holding.remove(page);
        pool.release(page);
    }

    private void checkEntry(int entry) {
        if (entry < 0 || entry >= size()) throw new IndexOutOfBoundsException("entry " + entry + " of " + size());
    }
}
