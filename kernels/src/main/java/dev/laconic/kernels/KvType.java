package dev.laconic.kernels;

/** How keys or values lie in a page of a KV cache: entry after entry, each vector encoded on its own. */
public enum KvType {
    F32,
    F16,
    BF16,
    /** Blocks of 32 along the vector: an f16 scale and 32 signed bytes. */
    Q8_0,
    /** Blocks of 32 along the vector: an f16 scale and 32 signed 4-bit integers. */
    Q4_0;

    /** Bytes of one vector of {@code dimension} elements; blocks are padded up to 32. */
    public int bytes(int dimension) {
        int blocks = (dimension + 31) / 32;
        return switch (this) {
            case F32 -> 4 * dimension;
            case F16, BF16 -> 2 * dimension;
            case Q8_0 -> 34 * blocks;
            case Q4_0 -> 18 * blocks;
        };
    }
}
