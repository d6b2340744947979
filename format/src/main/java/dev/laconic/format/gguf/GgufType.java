package dev.laconic.format.gguf;

/** The types of metadata values, in the order of their numbers in a file. */
enum GgufType {
    UINT8(1),
    INT8(1),
    UINT16(2),
    INT16(2),
    UINT32(4),
    INT32(4),
    FLOAT32(4),
    BOOL(1),
    STRING(8),
    ARRAY(12),
    UINT64(8),
    INT64(8),
    FLOAT64(8);

    private static final GgufType[] BY_CODE = values();

    /** Number of types; codes run from 0 to one less. */
    static final int COUNT = BY_CODE.length;

    private final int leastBytes;

    GgufType(int leastBytes) {
        this.leastBytes = leastBytes;
    }

    /** Bytes that a value takes: exactly for numbers and booleans, without its content for strings and arrays. */
    int leastBytes() {
        return leastBytes;
    }

    int code() {
        return ordinal();
    }

    /** @param code from 0 to {@link #COUNT} - 1 */
    static GgufType byCode(int code) {
        return BY_CODE[code];
    }
}
