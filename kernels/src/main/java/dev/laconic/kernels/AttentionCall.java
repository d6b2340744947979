package dev.laconic.kernels;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/** What {@code laconic_attend} takes: the members of its {@code struct attention} as numbers, zero where nothing was said. */
final class AttentionCall {
    /** In place of a type of values: products alone are wanted. */
    static final int NO_VALUES = -1;

    /** What stands beside codes that lose something. */
    private static final long PRODUCT = 1 << 24;

    private static final long ELEMENTS = 1 << 25;
    /** Of a product: its rank is 1. */
    private static final long RANK_ONE = 1 << 26;
    /** Directions that two layers share; of these the upper. */
    private static final long PAIRED = 1 << 27;

    private static final long UPPER = 1 << 28;

    private static final int MOST_QUERIES = 64;
    /** Elements of all queries or all sums, which native code puts on the stack. */
    private static final int MOST_ELEMENTS = 1 << 14;

    private final NativeLibrary library;
    private final int set;
    private final long[] numbers = new long[26];
    /** Keeps the memory of the last call. */
    private Optional<Turns.Table> table = Optional.empty();

    private final MemorySegment copy = Arena.ofAuto().allocate(JAVA_LONG, numbers.length);

    AttentionCall(NativeLibrary library, int set) {
        this.library = library;
        this.set = set;
    }

    /** The library's number for a type of vectors of some dimension. */
    static long code(KvType type, int dimension) {
        return switch (type) {
            case F32 -> 0;
            case F16 -> 1;
            case BF16 -> 2;
            case Q8_0 -> 3;
            case Q4_0 -> 4;
            default -> switch (type.grouping()) {
                case TOKEN -> 5 | type.bits() << 8;
                case CHANNEL -> 6 | type.bits() << 8 | type.group() << 16;
                case SEPARABLE -> 7 | type.bits() << 8;
                case VECTOR, ROTATED -> 8 | type.bits() << 8;
                case CORRECTED -> code(type.codes(), dimension) | lost(type, dimension) | PRODUCT | ELEMENTS;
                case LOW_RANK -> code(type.codes(), dimension) | lost(type, dimension) | PRODUCT;
                case RANK_ONE -> code(type.codes(), dimension) | lost(type, dimension) | PRODUCT | RANK_ONE;
                case SPARSE -> code(type.codes(), dimension) | lost(type, dimension) | ELEMENTS;
                case LOWER -> code(type.codes(), dimension) | PAIRED;
                case UPPER -> code(type.codes(), dimension) | PAIRED | UPPER;
                case NONE -> throw new IllegalStateException(type.name());
            };
        };
    }

    private static long lost(KvType type, int dimension) {
        return CorrectedKvKernel.headBytes(type, dimension) << 32;
    }

    /** Whether so many queries have room. */
    static boolean fits(int dimension, int n) {
        return n <= MOST_QUERIES && n * dimension <= MOST_ELEMENTS;
    }

    AttentionCall clear() {
        Arrays.fill(numbers, 0);
        return this;
    }

    /** Keys alone, of some dimension. */
    AttentionCall keys(KvType keys, int dimension) {
        numbers[0] = code(keys, dimension);
        numbers[1] = NO_VALUES;
        numbers[2] = dimension;
        return this;
    }

    AttentionCall values(KvType values, int dimension, long base) {
        numbers[1] = code(values, dimension);
        numbers[3] = dimension;
        numbers[6] = base;
        return this;
    }

    AttentionCall runs(NativeRuns runs) {
        numbers[5] = runs.count();
        numbers[7] = runs.address();
        numbers[17] = runs.turns();
        return this;
    }

    AttentionCall queries(long queries, int n, float scale) {
        numbers[4] = n;
        numbers[8] = Float.floatToRawIntBits(scale);
        numbers[9] = queries;
        return this;
    }

    /** What is added to scores, and positions with the least and the greatest that each query sees. */
    AttentionCall mask(long addends, long positions, long least, long greatest) {
        numbers[10] = addends;
        numbers[11] = positions;
        numbers[12] = least;
        numbers[13] = greatest;
        return this;
    }

    AttentionCall softmax(long maxima, long sums, long out) {
        numbers[14] = maxima;
        numbers[15] = sums;
        numbers[16] = out;
        return this;
    }

    /** How keys are turned, by one position more or less from entry to entry of a run, and the queries a quarter further. */
    AttentionCall turns(Turns.Table newTable, int step, long quarter) {
        if (table.isEmpty() || table.get() != newTable) table = Optional.of(newTable);
        numbers[18] = step;
        numbers[19] = newTable.stride();
        numbers[20] = newTable.apart();
        numbers[21] = newTable.fine().address();
        numbers[22] = newTable.coarse().address();
        numbers[23] = quarter;
        return this;
    }

    /** Where scores are kept, so far apart for each query, or the largest of each entry where that is 0. */
    AttentionCall keep(long kept, long stride) {
        numbers[24] = kept;
        numbers[25] = stride;
        return this;
    }

    void run() {
        Copies.copy(numbers, copy, numbers.length);
        library.attend(set, copy.address());
    }
}
