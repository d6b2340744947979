package dev.laconic.model.kv;

import dev.laconic.kernels.KvType;

/**
 * How the entries of one head lie in a page.
 *
 * @param keys how a key is stored
 * @param values how a value is stored
 * @param keyDimension elements of a key
 * @param valueDimension elements of a value
 * @param entriesPerPage entries a page has room for
 */
public record KvFormat(KvType keys, KvType values, int keyDimension, int valueDimension, int entriesPerPage) {
    /** Page size that balances waste at the tail against the cost of walking pages. */
    public static final int DEFAULT_ENTRIES_PER_PAGE = 64;

    private static final int ENTRIES_PER_SPARE = 32;

    /** Where the values begin in a page; keys begin at 0. */
    public long valueBase() {
        return keys.bytes(keyDimension, entriesPerPage);
    }

    /** Bytes of a page's keys and values; {@link Page#bytes} adds what a page holds beside them. */
    public long pageBytes() {
        return valueBase() + values.bytes(valueDimension, entriesPerPage);
    }

    /**
     * Bytes of a page whose positions have gaps, as those do that are left after others were evicted: half as much beside
     * keys and values if they lie no further apart than 8 bits tell, and twice as much if further than 16.
     */
    public long gappedPageBytes() {
        return pageBytes() + (long) entriesPerPage * Short.BYTES;
    }

    /** Bytes of {@code entries} keys and values of appendable types, without positions and weights. */
    public long entriesBytes(int entries) {
        return (long) entries * (keys.bytes(keyDimension) + values.bytes(valueDimension));
    }

    /** Bytes of one entry's key and value in f16: the measure that receipts compare with. */
    public long fullEntryBytes() {
        return (long) KvType.F16.bytes(keyDimension) + KvType.F16.bytes(valueDimension);
    }

    /** Whether entries can be written one by one. */
    public boolean appendable() {
        return keys.appendable() && values.appendable();
    }

    /** Whether a page is held by heads of two layers, as two formats. */
    public boolean paired() {
        return keys.paired() && values.paired();
    }

    /** Whether entries are stored under the same types as those of another format. */
    public boolean sameTypes(KvFormat other) {
        return keys == other.keys && values == other.values;
    }

    /** Places in a head's pages that may stay free, so that not all of many entries move when one is evicted. */
    public int spare(int entries) {
        int places = entries / ENTRIES_PER_SPARE;
        return places < entriesPerPage ? 0 : places;
    }

    /** Pages with room for another number of entries. */
    public KvFormat withRoom(int entries) {
        return entries == entriesPerPage ? this : new KvFormat(keys, values, keyDimension, valueDimension, entries);
    }

    /** As a record's own, which Java would make at run time: pages are looked up by their format. */
    @Override
    public int hashCode() {
        int types = 31 * keys.hashCode() + values.hashCode();
        return 31 * (31 * (31 * types + keyDimension) + valueDimension) + entriesPerPage;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KvFormat format
                && keys.equals(format.keys)
                && values.equals(format.values)
                && keyDimension == format.keyDimension
                && valueDimension == format.valueDimension
                && entriesPerPage == format.entriesPerPage;
    }

    /** The same entries under other storage types. */
    public KvFormat withTypes(KvType newKeys, KvType newValues) {
        return new KvFormat(newKeys, newValues, keyDimension, valueDimension, entriesPerPage);
    }
}
