package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Where entries lie, as native runs: an address, then in the halves of a number where the run begins and ends; and by how
 * many positions their keys are moved on, if any are.
 */
final class NativeRuns {
    private final NativeLibrary library;
    private long[] runs = new long[128];
    private int[] turns = {};
    private int size;
    private int entries;
    private boolean turned;
    private MemorySegment copy = MemorySegment.NULL;
    private MemorySegment copyOfTurns = MemorySegment.NULL;

    NativeRuns(NativeLibrary library) {
        this.library = library;
    }

    void add(long page, int from, int to) {
        if (size == runs.length) runs = Arrays.copyOf(runs, 2 * size);
        runs[size] = page;
        runs[size + 1] = from | (long) to << 32;
        size += 2;
        entries += to - from;
        if (turned) turn(count() - 1, 0);
    }

    void add(long page, int from, int to, int turn) {
        add(page, from, to);
        turnFrom(count() - 1);
        turn(count() - 1, turn);
    }

    /** Adds all entries of the first {@code n} of some pages. */
    void add(long[] pages, int[] starts, int n) {
        int before = count();
        room(n);
        for (int page = 0; page < n; page++, size += 2) {
            runs[size] = pages[page];
            runs[size + 1] = (long) (starts[page + 1] - starts[page]) << 32;
        }
        added(before, starts[n]);
    }

    /** Adds the first {@code n} of some entries of these pages. */
    void add(long[] pages, int[] starts, int[] indexes, int n) {
        int before = count();
        room(n);
        long[] to = runs;
        int at = size;
        for (int i = 0, page = 0; i < n; at += 2) {
            int first = indexes[i++];
            while (starts[page + 1] <= first) page++;
            int end = first + 1;
            for (; i < n && indexes[i] == end && end < starts[page + 1]; i++) end++;
            to[at] = pages[page];
            to[at + 1] = first - starts[page] | (long) (end - starts[page]) << 32;
        }
        size = at;
        added(before, n);
    }

    private void added(int before, int n) {
        entries += n;
        if (turned) for (int run = before; run < count(); run++) turn(run, 0);
    }

    /** Adds entries {@code indexes[i] - start} of a page for i from {@code from} to {@code to}. */
    void add(long page, int[] indexes, int from, int to, int start) {
        int before = count();
        room(to - from);
        for (int i = from; i < to; size += 2) {
            int first = indexes[i++] - start;
            int end = first + 1;
            for (; i < to && indexes[i] - start == end; i++) end++;
            runs[size] = page;
            runs[size + 1] = first | (long) end << 32;
        }
        added(before, to - from);
    }

    /** The same, with the key of entry {@code indexes[i]} moved on by {@code shifts[i]}. */
    void add(long page, int[] indexes, int[] shifts, int from, int to, int start) {
        room(to - from);
        turnFrom(count());
        for (int i = from; i < to; size += 2) {
            int shift = shifts[i];
            int first = indexes[i++] - start;
            int end = first + 1;
            for (; i < to && indexes[i] - start == end && shifts[i] == shift; i++) end++;
            runs[size] = page;
            runs[size + 1] = first | (long) end << 32;
            turn(size / 2, shift);
        }
        entries += to - from;
    }

    private void room(int more) {
        int most = size + 2 * more;
        if (runs.length < most) runs = Arrays.copyOf(runs, Math.max(most, 2 * size));
    }

    /** Runs before this one are not moved, if none were so far. */
    private void turnFrom(int run) {
        if (!turned) for (int before = 0; before < run; before++) turn(before, 0);
        turned = true;
    }

    private void turn(int run, int by) {
        if (run >= turns.length) turns = Arrays.copyOf(turns, Math.max(64, 2 * run));
        turns[run] = by;
    }

    /** Number of runs. */
    int count() {
        return size / 2;
    }

    int entries() {
        return entries;
    }

    /** Whether any key may be moved. */
    boolean turned() {
        return turned;
    }

    /** The address of a copy in native memory, which holds until the next. */
    long address() {
        copy = library.grown(copy, 8L * runs.length);
        Copies.copy(runs, copy, size);
        return copy.address();
    }

    /** The address of a copy of the runs' moves, or 0 where there are none. */
    long turns() {
        if (!turned) return 0;
        copyOfTurns = library.grown(copyOfTurns, 4L * turns.length);
        Copies.copy(turns, copyOfTurns, 0, count());
        return copyOfTurns.address();
    }

    void clear() {
        size = 0;
        entries = 0;
        turned = false;
    }
}
