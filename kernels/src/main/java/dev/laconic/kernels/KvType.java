package dev.laconic.kernels;

/**
 * How keys or values lie in a page of a KV cache. Most types encode each vector on its own; the others share scales among
 * the entries of a page, which is then encoded at once and takes no further entry.
 */
public enum KvType {
    F32,
    F16,
    BF16,
    /** Blocks of 32 along the vector: an f16 scale and 32 signed bytes. */
    Q8_0,
    /** Blocks of 32 along the vector: an f16 scale and 32 signed 4-bit integers. */
    Q4_0,
    /** Blocks of 32 along the vector: an f16 scale, an f16 minimum and 32 unsigned integers. */
    TOKEN_8(8, Grouping.TOKEN),
    TOKEN_4(4, Grouping.TOKEN),
    TOKEN_2(2, Grouping.TOKEN),
    /** Blocks of 32 entries: an f16 scale and an f16 minimum for each channel, then the entries' unsigned integers. */
    CHANNEL_8(8, Grouping.CHANNEL),
    CHANNEL_4(4, Grouping.CHANNEL),
    CHANNEL_2(2, Grouping.CHANNEL),
    /** An f16 scale and an f16 minimum of the whole vector and unsigned integers; those of two bits are fitted to these. */
    VECTOR_8(8, Grouping.VECTOR),
    VECTOR_4(4, Grouping.VECTOR),
    VECTOR_2(2, Grouping.VECTOR),
    /** As CHANNEL, in blocks of 64 entries. */
    LONG_CHANNEL_8(8, Grouping.CHANNEL, 64),
    LONG_CHANNEL_4(4, Grouping.CHANNEL, 64),
    LONG_CHANNEL_2(2, Grouping.CHANNEL, 64),
    /**
     * Blocks of 64 entries: an f16 factor for each channel; then for each entry an f16 scale and an f16 minimum of the
     * whole vector and unsigned integers; those of two and four bits are fitted to these.
     */
    SEPARABLE_8(8, Grouping.SEPARABLE),
    SEPARABLE_4(4, Grouping.SEPARABLE),
    SEPARABLE_2(2, Grouping.SEPARABLE),
    /**
     * The vector turned by a {@linkplain Hadamard Hadamard matrix}: an f16 scale and an f16 minimum of the whole vector and
     * unsigned integers. Attention turns queries and sums, not entries.
     */
    ROTATED_8(8, Grouping.ROTATED),
    ROTATED_4(4, Grouping.ROTATED),
    ROTATED_2(2, Grouping.ROTATED),
    /** Groups of 64 entries of the other type, and what it loses as a product of rank 2 and a few single elements. */
    GEAR_CHANNEL_4(LONG_CHANNEL_4, Grouping.CORRECTED),
    GEAR_CHANNEL_2(LONG_CHANNEL_2, Grouping.CORRECTED),
    GEAR_TOKEN_4(VECTOR_4, Grouping.CORRECTED),
    GEAR_TOKEN_2(VECTOR_2, Grouping.CORRECTED),
    /** Groups of 64 entries of the other type, and what it loses as a product of rank 2. */
    GEAR_L_CHANNEL_4(LONG_CHANNEL_4, Grouping.LOW_RANK),
    GEAR_L_CHANNEL_2(LONG_CHANNEL_2, Grouping.LOW_RANK),
    GEAR_L_TOKEN_4(VECTOR_4, Grouping.LOW_RANK),
    GEAR_L_TOKEN_2(VECTOR_2, Grouping.LOW_RANK),
    /** As GEAR_L, with a product of rank 1. */
    GEAR_L1_CHANNEL_4(LONG_CHANNEL_4, Grouping.RANK_ONE),
    GEAR_L1_CHANNEL_2(LONG_CHANNEL_2, Grouping.RANK_ONE),
    GEAR_L1_TOKEN_4(VECTOR_4, Grouping.RANK_ONE),
    GEAR_L1_TOKEN_2(VECTOR_2, Grouping.RANK_ONE),
    /** Groups of 64 entries of the other type, and a few single elements. */
    GEAR_S_CHANNEL_4(LONG_CHANNEL_4, Grouping.SPARSE),
    GEAR_S_CHANNEL_2(LONG_CHANNEL_2, Grouping.SPARSE),
    GEAR_S_TOKEN_4(VECTOR_4, Grouping.SPARSE),
    GEAR_S_TOKEN_2(VECTOR_2, Grouping.SPARSE),
    /**
     * Directions that two layers share, stored as the other type, and beside each an f16 for how long it is in either layer:
     * one page is read as LOWER by the one, as UPPER by the other.
     */
    LOWER_16(F16, Grouping.LOWER),
    UPPER_16(F16, Grouping.UPPER),
    LOWER_CHANNEL_4(CHANNEL_4, Grouping.LOWER),
    UPPER_CHANNEL_4(CHANNEL_4, Grouping.UPPER),
    LOWER_TOKEN_4(TOKEN_4, Grouping.LOWER),
    UPPER_TOKEN_4(TOKEN_4, Grouping.UPPER);

    enum Grouping {
        NONE,
        TOKEN,
        VECTOR,
        CHANNEL,
        SEPARABLE,
        ROTATED,
        CORRECTED,
        LOW_RANK,
        RANK_ONE,
        SPARSE,
        LOWER,
        UPPER
    }

    private final int bits;
    private final Grouping grouping;
    private final int group;
    private final KvType codes;

    KvType() {
        this(0, Grouping.NONE);
    }

    KvType(KvType codes, Grouping grouping) {
        this.bits = codes.bits;
        this.grouping = grouping;
        this.group = 64;
        this.codes = codes;
    }

    KvType(int bits, Grouping grouping) {
        this(bits, grouping, grouping == Grouping.CHANNEL ? 32 : 64);
    }

    KvType(int bits, Grouping grouping, int group) {
        this.bits = bits;
        this.grouping = grouping;
        this.group = group;
        this.codes = this;
    }

    /** Whether entries can be written one by one; else a page is written at once, from its first entry on. */
    public boolean appendable() {
        return switch (grouping) {
            case NONE, TOKEN, VECTOR, ROTATED -> true;
            case CHANNEL, SEPARABLE, CORRECTED, LOW_RANK, RANK_ONE, SPARSE, LOWER, UPPER -> false;
        };
    }

    /** Whether two layers hold a page of this type together. */
    public boolean paired() {
        return grouping == Grouping.LOWER || grouping == Grouping.UPPER;
    }

    int bits() {
        return bits;
    }

    /** Entries that share a head, where they do. */
    int group() {
        return group;
    }

    /** Whether what the integers lose stands beside them. */
    boolean corrected() {
        return switch (grouping) {
            case CORRECTED, LOW_RANK, RANK_ONE, SPARSE -> true;
            default -> false;
        };
    }

    Grouping grouping() {
        return grouping;
    }

    /** What the integers of a corrected type, or the directions of a paired one, lie as; else the type itself. */
    KvType codes() {
        return codes;
    }

    /** Bytes of one vector of {@code dimension} elements, without what it shares; blocks are padded up to 32. */
    public int bytes(int dimension) {
        int blocks = (dimension + 31) / 32;
        return switch (this) {
            case F32 -> 4 * dimension;
            case F16, BF16 -> 2 * dimension;
            case Q8_0 -> 34 * blocks;
            case Q4_0 -> 18 * blocks;
            default -> switch (grouping) {
                case CORRECTED, LOW_RANK, RANK_ONE, SPARSE, LOWER, UPPER -> codes.bytes(dimension);
                case TOKEN -> (4 + 4 * bits) * blocks;
                case VECTOR, SEPARABLE, ROTATED -> 4 + 4 * bits * blocks;
                default -> 4 * bits * blocks;
            };
        };
    }

    /** Bytes of {@code entries} vectors with all that they share. */
    public long bytes(int dimension, int entries) {
        if (corrected()) {
            int groups = (entries + CorrectedKvKernel.GROUP - 1) / CorrectedKvKernel.GROUP;
            return groups * CorrectedKvKernel.groupBytes(this, dimension);
        }
        if (paired()) {
            int groups = (entries + PairedKvKernel.GROUP - 1) / PairedKvKernel.GROUP;
            return groups * PairedKvKernel.groupBytes(this, dimension);
        }
        int padded = (dimension + 31) / 32 * 32;
        long shared = switch (grouping) {
            case NONE, TOKEN, VECTOR, ROTATED -> 0;
            case CHANNEL -> 4L * padded * ((entries + group - 1) / group);
            case SEPARABLE -> 2L * padded * ((entries + group - 1) / group);
            case CORRECTED, LOW_RANK, RANK_ONE, SPARSE, LOWER, UPPER -> throw new IllegalStateException(name());
        };
        return shared + (long) entries * bytes(dimension);
    }

    /** Bytes that hold entries {@code from} to {@code to} of a page, with what they share with their neighbours. */
    public long bytes(int dimension, int from, int to) {
        long shared = bytes(dimension, group) - (long) group * bytes(dimension);
        int groups = (to - 1) / group - from / group + 1;
        return (long) (to - from) * bytes(dimension) + groups * shared;
    }
}
