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

    private static final int POSITION_AND_WEIGHT_BYTES = Integer.BYTES + Float.BYTES;

    /** Where the values begin in a page. */
    long valueBase() {
        return keys.bytes(keyDimension, entriesPerPage);
    }

    /** Bytes of the encoded keys and values of a page. */
    long dataBytes() {
        return valueBase() + values.bytes(valueDimension, entriesPerPage);
    }

    /** Bytes a page takes in all: keys, values, positions and merged weights. */
    public long pageBytes() {
        return dataBytes() + (long) entriesPerPage * POSITION_AND_WEIGHT_BYTES;
    }

    /** Bytes of one entry's key and value in f16: the measure that receipts compare with. */
    public long fullEntryBytes() {
        return (long) KvType.F16.bytes(keyDimension) + KvType.F16.bytes(valueDimension);
    }

    /** Whether entries can be written one by one. */
    public boolean appendable() {
        return keys.appendable() && values.appendable();
    }

    /** The same entries under other storage types. */
    public KvFormat withTypes(KvType newKeys, KvType newValues) {
        return new KvFormat(newKeys, newValues, keyDimension, valueDimension, entriesPerPage);
    }
}
