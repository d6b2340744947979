package dev.laconic.model.kv;

import java.util.Arrays;

/**
 * The pages of one head in order, and the entries before each. Takes pages from a pool and gives them back, copies those that
 * others hold before they are written, and says what is held and what is read of pages outside fast memory.
 */
final class PageList {
    private final PagePool pool;
    private final Holding holding;
    private final KvFormat format;
    /** What the room of a page that takes entries is a multiple of. */
    private int step;

    private Page[] pages = new Page[4];
    /** Entries before page i; one more than there are pages. */
    private int[] starts = new int[5];

    private int count;
    /** Reached through {@link #table()} and {@link #changed} alone. */
    private final PageTable table = new PageTable();

    /** @param format how entries are stored that are appended */
    PageList(PagePool pool, Holding holding, KvFormat format) {
        this.pool = pool;
        this.holding = holding;
        this.format = format;
        step = format.entriesPerPage();
    }

    /** A list without pages whose appended entries are stored otherwise. */
    PageList empty(KvFormat otherFormat) {
        PageList other = new PageList(pool, holding, otherFormat);
        other.step = step;
        return other;
    }

    /** A list that shares every page with this one. */
    PageList fork(Holding newHolding) {
        PageList copy = new PageList(pool, newHolding, format);
        copy.step = step;
        copy.pages = pages.clone();
        copy.starts = starts.clone();
        copy.count = count;
        for (int i = 0; i < count; i++) {
            pages[i].retain();
            newHolding.add(pages[i]);
        }
        return copy;
    }

    /** See {@link HeadCache#growBy}. */
    void growBy(int entries) {
        step = Math.min(entries, format.entriesPerPage());
    }

    KvFormat format() {
        return format;
    }

    boolean sharesPool(PageList other) {
        return pool == other.pool;
    }

    int count() {
        return count;
    }

    /** What is known of the pages before the last; threads may ask for it at once. */
    synchronized PageTable table() {
        table.extend(pages, starts, Math.max(0, count - 1));
        return table;
    }

    /** Says that something about the pages from one on is no longer what it was; threads may seal several at once. */
    synchronized void changed(int from) {
        table.cut(from);
    }

    /** Entries in all pages. */
    int entries() {
        return starts[count];
    }

    Page page(int index) {
        return pages[index];
    }

    /** Entries before a page; of the number after the last, all. */
    int start(int index) {
        return starts[index];
    }

    /** Entries in a page. */
    int size(int index) {
        return starts[index + 1] - starts[index];
    }

    /** The page that holds an entry. */
    int of(int entry) {
        if (entry < 0 || entry >= entries()) throw new IndexOutOfBoundsException("entry " + entry + " of " + entries());
        int found = Arrays.binarySearch(starts, 0, count + 1, entry);
        return found >= 0 ? found : -found - 2;
    }

    int position(int entry) {
        int page = of(entry);
        return pages[page].position(entry - starts[page]);
    }

    /** Whether the entries of a page are stored as appended ones are. */
    boolean isOpen(int index) {
        return pages[index].format().sameTypes(format);
    }

    /** Whether a page has as many entries as any has room for. */
    boolean isFull(int index) {
        return size(index) == format.entriesPerPage();
    }

    /** The room of a page for so many entries. */
    int room(int entries) {
        return Math.min(format.entriesPerPage(), (entries + step - 1) / step * step);
    }

    /** The page that takes the next entry of {@code more}, owned by this head alone and with room for one. */
    int tail(int more) {
        int last = count - 1;
        if (count > 0 && size(last) < format.entriesPerPage() && isOpen(last)) {
            int room = room(Math.min(format.entriesPerPage(), size(last) + more));
            if (room > pages[last].format().entriesPerPage()) grow(last, room);
            else writable(last);
            return last;
        }
        return begin(more);
    }

    /** Adds a page that takes entries, with room for one of {@code more}. */
    int begin(int more) {
        add(take(format.withRoom(room(Math.min(format.entriesPerPage(), more))), false), 0);
        return count - 1;
    }

    /** Gives a page that takes entries more room. */
    private void grow(int index, int room) {
        Page page = pages[index];
        int n = size(index);
        reads(page, 0, n);
        Page larger = take(format.withRoom(room), false);
        larger.copyEntries(page, 0, 0, n);
        for (int slot = 0; slot < n; slot++) place(larger, slot, page.position(slot), page.weight(slot));
        replace(index, larger);
    }

    /** Says that the last page holds so many entries more. */
    void filled(int entries) {
        starts[count] += entries;
    }

    /** Adds a page that this head holds already, with some entries. */
    private void add(Page page, int entries) {
        if (count == pages.length) {
            pages = Arrays.copyOf(pages, 2 * count);
            starts = Arrays.copyOf(starts, 2 * count + 1);
        }
        pages[count] = page;
        starts[count + 1] = starts[count] + entries;
        count++;
    }

    /** Adds a page that others hold, with some entries. */
    void share(Page page, int entries) {
        page.retain();
        holding.add(page);
        add(page, entries);
    }

    /** Puts pages before page {@code at}, full but for the last, with so many entries in all; this head holds them already. */
    void insert(int at, Page[] inserted, int entries) {
        int behind = count - at;
        for (Page page : inserted) add(page, 0);
        System.arraycopy(pages, at, pages, at + inserted.length, behind);
        System.arraycopy(starts, at, starts, at + inserted.length, behind + 1);
        for (int p = 0; p < inserted.length; p++) {
            pages[at + p] = inserted[p];
            starts[at + p] = starts[at] + p * format.entriesPerPage();
        }
        for (int p = at + inserted.length; p <= count; p++) starts[p] += entries;
        changed(at);
    }

    /** Takes the pages from one on out of the list, without letting go of them: they are the caller's to {@link #release}. */
    PageList split(int from) {
        PageList rest = new PageList(pool, holding, format);
        rest.pages = Arrays.copyOfRange(pages, from, count);
        rest.starts = Arrays.copyOfRange(starts, from, count + 1);
        rest.count = count - from;
        count = from;
        changed(Math.max(0, from - 1));
        return rest;
    }

    /** Places for entries before the last page that are free. */
    int spare() {
        int places = 0;
        for (int p = 0; p < count - 1; p++) if (isOpen(p)) places += pages[p].format().entriesPerPage() - size(p);
        return places;
    }

    /** Takes an entry out of an open page, in which those behind it close up. */
    void evict(int entry) {
        int index = of(entry);
        changed(index);
        int behind = starts[index + 1] - entry - 1;
        if (size(index) == 1) {
            release(pages[index]);
            System.arraycopy(pages, index + 1, pages, index, count - index - 1);
            System.arraycopy(starts, index + 1, starts, index, count - index);
            count--;
            index--;
        } else if (behind > 0) {
            Page page = writable(index);
            int slot = entry - starts[index];
            page.copyEntries(page, slot + 1, slot, behind);
            for (int to = slot; to < slot + behind; to++) put(page, to, page.position(to + 1), page.weight(to + 1));
        }
        for (int p = index + 1; p <= count; p++) starts[p]--;
    }

    /** Lets go of all pages after the first {@code entries} entries. */
    void truncate(int entries) {
        while (count > 0 && starts[count - 1] >= entries) release(pages[--count]);
        if (count > 0) starts[count] = entries;
        changed(Math.max(0, count - 1));
    }

    /** Lets go of all pages. */
    void release() {
        while (count > 0) release(pages[--count]);
        changed(0);
    }

    /** A page that may be written: a copy, if others hold it or it lies outside fast memory. */
    Page writable(int index) {
        Page page = pages[index];
        if (!page.shared() && !page.cold()) return page;
        if (page.cold()) holding.move(page.format().pageBytes());
        replace(index, copy(page, false));
        return pages[index];
    }

    /** Puts a copy outside fast memory in the place of a page. */
    void offload(int index) {
        Page page = pages[index];
        Page cold = copy(page, true);
        holding.move(page.format().pageBytes());
        replace(index, cold);
    }

    private Page copy(Page page, boolean cold) {
        Page copy = take(page.format(), cold);
        copy.copyAll(page);
        grew(copy.bytes() - copy.format().pageBytes());
        return copy;
    }

    private void replace(int index, Page page) {
        release(pages[index]);
        pages[index] = page;
        changed(index);
    }

    /** Puts an empty page of a format in the place of one; however many threads do so, what is held only shrinks by it. */
    Page exchange(int index, KvFormat target) {
        holding.remove(pages[index]);
        Page page = pool.exchange(pages[index], target);
        holding.add(page);
        pages[index] = page;
        changed(index);
        if (page.cold()) holding.move(target.pageBytes());
        return page;
    }

    /** A page that is not in the list yet. */
    Page take(KvFormat of, boolean cold) {
        Page page = pool.take(of, cold);
        holding.add(page);
        return page;
    }

    /** A page with what a page of a lower layer's list holds for both; it is not in the list yet. */
    Page over(Page lower, KvFormat of) {
        Page page = new Page(of, lower);
        holding.add(page);
        return page;
    }

    private void release(Page page) {
        holding.remove(page);
        pool.release(page);
    }

    void reads(Page page, int from, int to) {
        readsKeys(page, from, to);
        readsValues(page, from, to);
    }

    void readsKeys(Page page, int from, int to) {
        if (page.cold()) holding.move(page.format().keys().bytes(format.keyDimension(), from, to));
    }

    void readsValues(Page page, int from, int to) {
        if (page.cold()) holding.move(page.format().values().bytes(format.valueDimension(), from, to));
    }

    /** Has entries of a page read in the background. */
    void readAhead(Page page, int from, int to) {
        if (!page.format().appendable()) {
            pool.readAhead(page.data());
            return;
        }
        long key = page.format().keys().bytes(format.keyDimension());
        long value = page.format().values().bytes(format.valueDimension());
        pool.readAhead(page.data().asSlice(page.keyBase() + from * key, (to - from) * key));
        pool.readAhead(page.data().asSlice(page.valueBase() + from * value, (to - from) * value));
    }

    void place(Page page, int slot, int position, float weight) {
        put(page, slot, position, weight);
        if (count == 0 || page != pages[count - 1]) changed(0);
    }

    private void put(Page page, int slot, int position, float weight) {
        long before = page.bytes();
        page.place(slot, position, weight);
        if (page.bytes() != before) grew(page.bytes() - before);
    }

    /** Counts bytes that a page came to take. */
    void grew(long bytes) {
        holding.add(bytes);
        pool.grew(bytes);
    }
}
