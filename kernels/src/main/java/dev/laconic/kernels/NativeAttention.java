package dev.laconic.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Attention in native code. Entries with positions are told from those without, which need no mask. */
final class NativeAttention implements KvAttention {
    private static final long UNKNOWN = -1;
    /** What stands beside codes that lose something. */
    private static final long PRODUCT = 1 << 24;

    private static final long ELEMENTS = 1 << 25;
    private static final int MOST_QUERIES = 64;
    /** Elements of all queries or all sums, which native code puts on the stack. */
    private static final int MOST_ELEMENTS = 1 << 14;

    private final NativeLibrary library;
    private final int set;
    private final RotatedKvKernel.Turn hadamard;
    private final Runs open = new Runs();
    private final Runs limited = new Runs();
    private MemorySegment positions = MemorySegment.NULL;
    private MemorySegment addends = MemorySegment.NULL;
    private MemorySegment floats = MemorySegment.NULL;
    private MemorySegment limits = MemorySegment.NULL;
    private float[] turned = {};

    NativeAttention(NativeLibrary library, int set, RotatedKvKernel.Turn hadamard) {
        this.library = library;
        this.set = set;
        this.hadamard = hadamard;
    }

    /** Where entries lie, as native runs: an address, then in the halves of a number where the run begins and ends. */
    private static final class Runs {
        private long[] runs = new long[128];
        private int size;
        private int entries;
        private MemorySegment copy = MemorySegment.NULL;

        void add(long page, int from, int to) {
            if (size == runs.length) runs = Arrays.copyOf(runs, 2 * size);
            runs[size] = page;
            runs[size + 1] = from | (long) to << 32;
            size += 2;
            entries += to - from;
        }

        void add(long page, int[] indexes, int from, int to, int start) {
            int most = size + 2 * (to - from);
            if (runs.length < most) runs = Arrays.copyOf(runs, Math.max(most, 2 * size));
            for (int i = from; i < to; size += 2) {
                int first = indexes[i++] - start;
                int end = first + 1;
                for (; i < to && indexes[i] - start == end; i++) end++;
                runs[size] = page;
                runs[size + 1] = first | (long) end << 32;
            }
            entries += to - from;
        }

        int count() {
            return size / 2;
        }

        /** The address of a copy in native memory, which holds until the next. */
        long address() {
            copy = grown(copy, 8L * runs.length);
            MemorySegment.copy(runs, 0, copy, JAVA_LONG, 0, size);
            return copy.address();
        }

        void clear() {
            size = 0;
            entries = 0;
        }
    }

    private static MemorySegment grown(MemorySegment old, long bytes) {
        if (old.byteSize() >= bytes) return old;
        return Arena.ofAuto().allocate(bytes, 64).copyFrom(old);
    }

    /** The library's number for a type of vectors of some dimension. */
    private static long code(KvType type, int dimension) {
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
                case SPARSE -> code(type.codes(), dimension) | lost(type, dimension) | ELEMENTS;
                default -> UNKNOWN;
            };
        };
    }

    private static long lost(KvType type, int dimension) {
        return CorrectedKvKernel.headBytes(type, dimension) << 32;
    }

    @Override
    public boolean knows(KvType keys, KvType values, int keyDimension, int valueDimension, int n) {
        return n <= MOST_QUERIES
                && n * Math.max(keyDimension, valueDimension) <= MOST_ELEMENTS
                && code(keys, keyDimension) != UNKNOWN
                && code(values, valueDimension) != UNKNOWN;
    }

    @Override
    public void add(MemorySegment page, int from, int to) {
        open.add(page.address(), from, to);
    }

    @Override
    public void add(MemorySegment page, int[] entries, int from, int to, int start) {
        open.add(page.address(), entries, from, to, start);
    }

    @Override
    public void add(MemorySegment page, int from, int to, int[] newPositions, float[] newAddends) {
        long bytes = 4L * limited.entries;
        int n = to - from;
        positions = grown(positions, bytes + 4L * n);
        addends = grown(addends, bytes + 4L * n);
        MemorySegment.copy(newPositions, 0, positions, JAVA_INT, bytes, n);
        MemorySegment.copy(newAddends, 0, addends, JAVA_FLOAT, bytes, n);
        limited.add(page.address(), from, to);
    }

    @Override
    public boolean isEmpty() {
        return open.entries + limited.entries == 0;
    }

    @Override
    public void attend(
            KvType keys, KvType values, int keyDimension, int valueDimension, long valueBase,
            float[] queries, int n, float scale, int[] first, int[] last, int group,
            float[] maxima, float[] sums, float[] y) {
        int keyElements = n * keyDimension;
        int valueElements = n * valueDimension;
        long sumsAt = 4L * n;
        long queriesAt = 2 * sumsAt;
        long outAt = queriesAt + 4L * keyElements;
        floats = grown(floats, outAt + 4L * valueElements);
        MemorySegment.copy(maxima, 0, floats, JAVA_FLOAT, 0, n);
        MemorySegment.copy(sums, 0, floats, JAVA_FLOAT, sumsAt, n);
        float[] asked = queries;
        if (keys.grouping() == KvType.Grouping.ROTATED) {
            if (turned.length < keyElements) turned = new float[keyElements];
            System.arraycopy(queries, 0, turned, 0, keyElements);
            turn(turned, n, keyDimension);
            asked = turned;
        }
        MemorySegment.copy(asked, 0, floats, JAVA_FLOAT, queriesAt, keyElements);
        boolean rotated = values.grouping() == KvType.Grouping.ROTATED;
        if (rotated) turn(y, n, valueDimension);
        MemorySegment.copy(y, 0, floats, JAVA_FLOAT, outAt, valueElements);
        if (limited.entries > 0) {
            limits = grown(limits, 8L * n);
            for (int q = 0; q < n; q++) {
                limits.setAtIndex(JAVA_INT, q, first[q / group]);
                limits.setAtIndex(JAVA_INT, n + q, last[q / group]);
            }
        }
        long at = floats.address();
        long keyCode = code(keys, keyDimension);
        long valueCode = code(values, valueDimension);
        if (open.entries > 0)
            library.attend(
                    set, keyCode, valueCode, keyDimension, valueDimension, valueBase, open.address(),
                    open.count(), 0, 0, 0, 0, at + queriesAt, n, scale, at, at + sumsAt, at + outAt);
        if (limited.entries > 0)
            library.attend(
                    set, keyCode, valueCode, keyDimension, valueDimension, valueBase, limited.address(),
                    limited.count(), addends.address(), positions.address(), limits.address(),
                    limits.address() + sumsAt, at + queriesAt, n, scale, at, at + sumsAt, at + outAt);
        open.clear();
        limited.clear();
        MemorySegment.copy(floats, JAVA_FLOAT, 0, maxima, 0, n);
        MemorySegment.copy(floats, JAVA_FLOAT, sumsAt, sums, 0, n);
        MemorySegment.copy(floats, JAVA_FLOAT, outAt, y, 0, valueElements);
        if (rotated) turn(y, n, valueDimension);
    }

    private void turn(float[] x, int n, int dimension) {
        for (int q = 0; q < n; q++) hadamard.turn(x, q * dimension, dimension);
    }
}
