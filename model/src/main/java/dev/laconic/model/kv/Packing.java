package dev.laconic.model.kv;

import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.Team;
import java.util.Objects;

/**
 * Which entries of a head are kept, and in which pages they stand: evicts them, packs those that stay, copies others' behind
 * them, and gathers some in pages of their own.
 */
final class Packing {
    private static final int NOWHERE = -1;
    /** Entries that are evicted from where they are rather than all that follow being moved. */
    private static final int FEW = 16;

    private final Kernels kernels;
    private final PageList pages;
    private final Columns columns;
    private final KvFormat format;

    Packing(Kernels kernels, PageList pages, Columns columns) {
        this.kernels = kernels;
        this.pages = pages;
        this.columns = columns;
        format = pages.format();
    }

    /** See {@link HeadCache#keep}. */
    void keep(int[] entries, int count) {
        int size = pages.entries();
        for (int i = 1; i < count; i++)
            if (entries[i] <= entries[i - 1])
                throw new IllegalArgumentException("entries to keep must ascend: " + entries[i - 1] + ", " + entries[i]);
        if (count > 0) {
            Objects.checkIndex(entries[0], size);
            Objects.checkIndex(entries[count - 1], size);
        }
        if (count == size) return;
        columns.keep(entries, count);
        if (!evictInPlace(entries, count)) pack(entries, count, NOWHERE);
    }

    /** Evicts few entries, each from its page; false, and nothing is done, where that is not to be. */
    private boolean evictInPlace(int[] kept, int count) {
        int gone = pages.entries() - count;
        if (gone > FEW || pages.spare() + gone > format.spare(count)) return false;
        int[] evicted = new int[gone];
        for (int i = 0, found = 0; found < gone; found++) {
            i = untilGap(kept, i, count, found);
            evicted[found] = i + found;
        }
        for (int entry : evicted) {
            int page = pages.of(entry);
            if (!pages.isOpen(page) || pages.page(page).cold()) return false;
        }
        for (int i = gone - 1; i >= 0; i--) pages.evict(evicted[i]);
        return true;
    }

    /**
     * Evicts all entries but those named, of which there are fewer than entries, and packs what is behind the first gap.
     *
     * @param apart entries from this page on do not move to the pages before it
     */
    private void pack(int[] kept, int count, int apart) {
        PageList old = pages.split(pages.of(untilGap(kept, 0, count, 0)));
        int source = 0;
        int i = old.start(0);
        while (i < count) {
            while (old.start(source + 1) <= kept[i]) source++;
            int end = i;
            while (end < count && kept[end] < old.start(source + 1)) end++;
            boolean whole = end - i == old.size(source);
            if (whole && (old.page(source).cold() || !old.isOpen(source))) {
                pages.share(old.page(source), end - i);
            } else {
                if (pages.count() == apart) pages.begin(end - i);
                append(old.page(source), kept, i, end, old.start(source));
            }
            i = end;
        }
        old.release();
    }

    /** The first of ascending entries from {@code from} on before which more than {@code gone} are missing, or {@code to}. */
    private static int untilGap(int[] kept, int from, int to, int gone) {
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (kept[middle] == middle + gone) from = middle + 1;
            else to = middle;
        }
        return from;
    }

    /** Appends entries {@code entries[i] - start} of some page for i from {@code from} to {@code to}, those side by side at once. */
    private void append(Page page, int[] entries, int from, int to, int start) {
        int i = from;
        while (i < to) {
            int first = entries[i++] - start;
            int end = first + 1;
            for (; i < to && entries[i] - start == end; i++) end++;
            append(page, first, end);
        }
    }

    /** Appends entries {@code first} to {@code last} of some page: byte for byte, where it stores them as appended ones are. */
    void append(Page from, int first, int last) {
        pages.reads(from, first, last);
        if (!from.format().sameTypes(format)) {
            recode(from, first, last);
            return;
        }
        while (first < last) {
            int tail = pages.tail(last - first);
            int slot = pages.size(tail);
            Page page = pages.page(tail);
            int count = Math.min(last - first, page.format().entriesPerPage() - slot);
            long before = page.bytes();
            page.copyEntries(from, first, slot, count);
            for (int i = 0; i < count; i++) page.place(slot + i, from.position(first + i), from.weight(first + i));
            if (page.bytes() != before) pages.grew(page.bytes() - before);
            pages.filled(count);
            first += count;
        }
    }

    private void recode(Page from, int first, int last) {
        Entries entries = Entries.scratch(format, 1);
        for (int slot = first; slot < last; slot++) {
            int tail = pages.tail(1);
            entries.read(kernels, from, slot, 1, 0);
            entries.write(kernels, 1, pages, pages.page(tail), pages.size(tail));
            pages.filled(1);
        }
    }

    /** See {@link HeadCache#gather(int, int[], int, KvType, KvType, float[], float[])}. */
    void gather(int at, int[] entries, int count, KvType keys, KvType values, float[] keyFactors, float[] valueFactors) {
        if (count == 0) return;
        KvFormat target = format.withTypes(keys, values);
        int perPage = format.entriesPerPage();
        Page[] gathered = new Page[(count + perPage - 1) / perPage];
        Team.Task gather = (part, parts) -> {
            for (int p = part; p < gathered.length; p += parts) {
                int n = Math.min(perPage, count - p * perPage);
                Entries some = Entries.scratch(format, n);
                read(entries, p * perPage, n, some);
                gathered[p] = pages.take(target.withRoom(pages.room(n)), false);
                some.write(kernels, n, pages, gathered[p], keyFactors, valueFactors);
            }
        };
        if (gathered.length == 1) gather.run(0, 1);
        else kernels.team().run(gather);
        bring(at, entries, count, gathered);
    }

    /** Reads {@code n} of some ascending entries, those of a page that are side by side at once. */
    private void read(int[] entries, int first, int n, Entries into) {
        int p = pages.of(entries[first]);
        int i = 0;
        while (i < n) {
            int entry = entries[first + i];
            while (pages.start(p + 1) <= entry) p++;
            int end = i + 1;
            while (end < n && entries[first + end] == entry + end - i && entry + end - i < pages.start(p + 1)) end++;
            int slot = entry - pages.start(p);
            pages.reads(pages.page(p), slot, slot + end - i);
            into.read(kernels, pages.page(p), slot, end - i, i);
            i = end;
        }
    }

    /** See {@link HeadCache#pair}. */
    void pair(int[] entries, Packing upper, int[] upperEntries, int count, Directions keys, Directions values) {
        if (count == 0) return;
        KvFormat target = format.withTypes(keys.asLower(), values.asLower());
        int perPage = format.entriesPerPage();
        Page[] lowerPages = new Page[(count + perPage - 1) / perPage];
        Page[] upperPages = new Page[lowerPages.length];
        for (int p = 0; p < lowerPages.length; p++) {
            int from = p * perPage;
            int n = Math.min(perPage, count - from);
            Page page = pages.take(target, false);
            keys.write(kernels, from, n, page, page.keyBase(), format.keyDimension());
            values.write(kernels, from, n, page, page.valueBase(), format.valueDimension());
            for (int i = 0; i < n; i++) pages.place(page, i, pages.position(entries[from + i]), 1f);
            lowerPages[p] = page;
            upperPages[p] = upper.pages.over(page, upper.format.withTypes(keys.asUpper(), values.asUpper()));
        }
        bring(0, entries, count, lowerPages);
        upper.bring(0, upperEntries, count, upperPages);
    }

    /** Replaces entries by those of full pages before page {@code at}; the last of these may have room left. */
    private void bring(int at, int[] entries, int count, Page[] gathered) {
        int size = pages.entries();
        int start = pages.start(at);
        if (entries[0] < start) throw new IllegalArgumentException("entry " + entries[0] + " lies before page " + at);
        int[] order = new int[start + count];
        for (int i = 0; i < start; i++) order[i] = i;
        System.arraycopy(entries, 0, order, start, count);
        columns.toFront(order, order.length, size);
        pack(others(entries, count, size), size - count, at);
        pages.insert(at, gathered, count);
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
}
