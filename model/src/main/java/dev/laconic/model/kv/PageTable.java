package dev.laconic.model.kv;

import java.util.Arrays;

/**
 * Where the first pages of a head lie that take no more entries, as far as all have one format, lie in fast memory and have
 * entries of one weight. To walk the pages themselves would wait for memory at each of them.
 */
public final class PageTable {
    private long[] addresses = {};
    /** Bounds of the positions of all entries up to and with those of page i. */
    private int[] least = {};

    private int[] most = {};
    private int[] starts = {0};
    private int count;

    /** Forgets pages from one on. */
    void cut(int page) {
        count = Math.min(count, page);
    }

    /** Goes on to as many of the first {@code all} pages as belong here. */
    void extend(Page[] pages, int[] newStarts, int all) {
        starts = newStarts;
        if (count >= all) return;
        if (addresses.length < all) {
            int room = Math.max(16, 2 * all);
            addresses = Arrays.copyOf(addresses, room);
            least = Arrays.copyOf(least, room);
            most = Arrays.copyOf(most, room);
        }
        for (; count < all; count++) {
            Page page = pages[count];
            if (page.cold() || page.weighted() || !page.format().equals(pages[0].format())) return;
            addresses[count] = page.data().address();
            least[count] = count == 0 ? page.minPosition() : Math.min(least[count - 1], page.minPosition());
            most[count] = count == 0 ? page.maxPosition() : Math.max(most[count - 1], page.maxPosition());
        }
    }

    /** How many pages are known; the others are not. */
    public int count() {
        return count;
    }

    /** Addresses of pages, of which {@link #count} are valid until the head is written to. */
    public long[] addresses() {
        return addresses;
    }

    /** Entries before each page, and behind the last. */
    public int[] starts() {
        return starts;
    }

    public int entries() {
        return starts[count];
    }

    /** A bound that no entry's position is below; there must be a page. */
    public int minPosition() {
        return least[count - 1];
    }

    /** A bound that no entry's position is above; there must be a page. */
    public int maxPosition() {
        return most[count - 1];
    }
}
