package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/** Attention in native code. Entries with positions are told from those without, which need no mask. */
final class NativeAttention implements KvAttention {
    private final NativeLibrary library;
    private final AttentionCall call;
    private final NativeRuns open;
    private final NativeRuns limited;
    /** Of the limited entries. */
    private int[] positions = {};

    private float[] addends = {};
    /** For each query, the least position that it sees, then the greatest ones. */
    private int[] limits = {};
    /** Maxima, sums, queries and outputs: what goes to native memory is put together first, since each copy takes its time. */
    private float[] floats = {};

    private MemorySegment copy = MemorySegment.NULL;
    private MemorySegment mask = MemorySegment.NULL;
    private MemorySegment quarter = MemorySegment.NULL;
    private MemorySegment kept = MemorySegment.NULL;
    private long keptStride;
    private int keptOpen;
    private float[] turned = {};

    NativeAttention(NativeLibrary library, int set) {
        this.library = library;
        call = new AttentionCall(library, set);
        open = new NativeRuns(library);
        limited = new NativeRuns(library);
    }

    @Override
    public boolean fits(int keyDimension, int valueDimension, int n) {
        return AttentionCall.fits(keyDimension, n) && AttentionCall.fits(valueDimension, n);
    }

    @Override
    public boolean exact(KvType keys) {
        return keys != KvType.Q4_0 && keys.bits() != 4 && (keys.bits() != 2 || keys.grouping() == KvType.Grouping.TOKEN);
    }

    @Override
    public boolean turns(KvType keys) {
        return keys.grouping() != KvType.Grouping.ROTATED;
    }

    @Override
    public void add(MemorySegment page, int from, int to) {
        open.add(page.address(), from, to);
    }

    @Override
    public void add(long[] pages, int[] starts, int count) {
        open.add(pages, starts, count);
    }

    @Override
    public void add(long[] pages, int[] starts, int[] entries, int count) {
        open.add(pages, starts, entries, count);
    }

    @Override
    public void add(MemorySegment page, int[] entries, int from, int to, int start) {
        open.add(page.address(), entries, from, to, start);
    }

    @Override
    public void add(MemorySegment page, int[] entries, int[] shifts, int from, int to, int start) {
        open.add(page.address(), entries, shifts, from, to, start);
    }

    @Override
    public void add(MemorySegment page, int from, int to, int[] newPositions, float[] newAddends, int shift) {
        int before = limited.entries();
        int n = to - from;
        if (positions.length < before + n) {
            positions = Arrays.copyOf(positions, Math.max(before + n, 2 * before));
            addends = Arrays.copyOf(addends, positions.length);
        }
        System.arraycopy(newPositions, 0, positions, before, n);
        System.arraycopy(newAddends, 0, addends, before, n);
        if (shift == 0) limited.add(page.address(), from, to);
        else limited.add(page.address(), from, to, shift);
    }

    @Override
    public boolean isEmpty() {
        return open.entries() + limited.entries() == 0;
    }

    @Override
    public void attend(
            KvType keys, KvType values, int keyDimension, int valueDimension, long valueBase,
            float[] queries, int n, float scale, int[] first, int[] last, int group, Optional<Turns> turns, boolean keep,
            float[] maxima, float[] sums, float[] y) {
        int keyElements = n * keyDimension;
        int valueElements = n * valueDimension;
        int queriesAt = 2 * n;
        int outAt = queriesAt + keyElements;
        int elements = outAt + valueElements;
        if (floats.length < elements) floats = new float[elements];
        System.arraycopy(maxima, 0, floats, 0, n);
        System.arraycopy(sums, 0, floats, n, n);
        System.arraycopy(queries, 0, floats, queriesAt, keyElements);
        System.arraycopy(y, 0, floats, outAt, valueElements);
        if (keys.grouping() == KvType.Grouping.ROTATED) turn(floats, queriesAt, n, keyDimension);
        boolean rotated = values.grouping() == KvType.Grouping.ROTATED;
        if (rotated && !zero(floats, outAt, elements)) turn(floats, outAt, n, valueDimension);
        copy = library.grown(copy, 4L * elements);
        Copies.copy(floats, 0, copy, 0, elements);
        long at = copy.address();
        if (keep) {
            keptStride = open.entries() + limited.entries();
            keptOpen = open.entries();
            kept = library.grown(kept, 4 * keptStride * n);
        }
        call.clear()
                .keys(keys, keyDimension)
                .values(values, valueDimension, valueBase)
                .queries(at + 4L * queriesAt, n, scale)
                .softmax(at, at + 4L * n, at + 4L * outAt);
        if (open.turned() || limited.turned()) turn(turns.orElseThrow(), queries, n, keyDimension);
        if (keep) call.keep(kept.address(), keptStride);
        if (open.entries() > 0) call.runs(open).run();
        if (keep) call.keep(kept.address() + 4L * keptOpen, keptStride);
        if (limited.entries() > 0) {
            maskLimited(first, last, n, group);
            call.runs(limited).run();
        }
        open.clear();
        limited.clear();
        Copies.copy(copy, 0, floats, 0, elements);
        if (rotated) turn(floats, outAt, n, valueDimension);
        System.arraycopy(floats, 0, maxima, 0, n);
        System.arraycopy(floats, n, sums, 0, n);
        System.arraycopy(floats, outAt, y, 0, valueElements);
    }

    private void maskLimited(int[] first, int[] last, int n, int group) {
        int entries = limited.entries();
        if (limits.length < 2 * n) limits = new int[2 * n];
        for (int q = 0; q < n; q++) {
            limits[q] = first[q / group];
            limits[n + q] = last[q / group];
        }
        long bytes = 4L * entries;
        mask = library.grown(mask, 2 * bytes + 8L * n);
        Copies.copy(positions, mask, 0, entries);
        Copies.copy(addends, 0, mask, bytes, entries);
        Copies.copy(limits, mask, 2 * bytes, 2 * n);
        long at = mask.address();
        call.mask(at + bytes, at, at + 2 * bytes, at + 2 * bytes + 4L * n);
    }

    /** Says how keys are turned. */
    private void turn(Turns turns, float[] queries, int n, int dimension) {
        int elements = n * dimension;
        if (turned.length < elements) turned = new float[elements];
        for (int q = 0; q < n; q++) turns.quarter(queries, q * dimension, dimension, turned, q * dimension);
        quarter = library.grown(quarter, 4L * elements);
        Copies.copy(turned, 0, quarter, 0, elements);
        call.turns(turns.table(dimension), 0, quarter.address());
    }

    @Override
    public void kept(int query, boolean withPositions, int from, int n, float[] scores, int offset) {
        long first = query * keptStride + from + (withPositions ? keptOpen : 0);
        Copies.copy(kept, 4 * first, scores, offset, n);
    }

    private static boolean zero(float[] x, int from, int to) {
        for (int i = from; i < to; i++) if (x[i] != 0) return false;
        return true;
    }

    private static void turn(float[] x, int offset, int n, int dimension) {
        for (int q = 0; q < n; q++) Hadamard.turn(x, offset + q * dimension, dimension);
    }
}
