package dev.laconic.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Attention in native code. Entries with positions are told from those without, which need no mask. */
final class NativeAttention implements KvAttention {
    private final AttentionCall call;
    private final NativeRuns open = new NativeRuns();
    private final NativeRuns limited = new NativeRuns();
    private MemorySegment positions = MemorySegment.NULL;
    private MemorySegment addends = MemorySegment.NULL;
    private MemorySegment floats = MemorySegment.NULL;
    private MemorySegment limits = MemorySegment.NULL;
    private MemorySegment quarter = MemorySegment.NULL;
    private MemorySegment kept = MemorySegment.NULL;
    private long keptStride;
    private int keptOpen;
    private float[] turned = {};

    NativeAttention(NativeLibrary library, int set) {
        call = new AttentionCall(library, set);
    }

    @Override
    public boolean knows(KvType keys, KvType values, int keyDimension, int valueDimension, int n) {
        return AttentionCall.knows(keys, keyDimension, n) && AttentionCall.knows(values, valueDimension, n);
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
    public void add(MemorySegment page, int[] entries, int from, int to, int start) {
        open.add(page.address(), entries, from, to, start);
    }

    @Override
    public void add(MemorySegment page, int[] entries, int[] shifts, int from, int to, int start) {
        open.add(page.address(), entries, shifts, from, to, start);
    }

    @Override
    public void add(MemorySegment page, int from, int to, int[] newPositions, float[] newAddends, int shift) {
        long bytes = 4L * limited.entries();
        int n = to - from;
        positions = NativeRuns.grown(positions, bytes + 4L * n);
        addends = NativeRuns.grown(addends, bytes + 4L * n);
        MemorySegment.copy(newPositions, 0, positions, JAVA_INT, bytes, n);
        MemorySegment.copy(newAddends, 0, addends, JAVA_FLOAT, bytes, n);
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
        long sumsAt = 4L * n;
        long queriesAt = 2 * sumsAt;
        long outAt = queriesAt + 4L * keyElements;
        floats = NativeRuns.grown(floats, outAt + 4L * valueElements);
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
        if (limited.entries() > 0) {
            limits = NativeRuns.grown(limits, 8L * n);
            for (int q = 0; q < n; q++) {
                limits.setAtIndex(JAVA_INT, q, first[q / group]);
                limits.setAtIndex(JAVA_INT, n + q, last[q / group]);
            }
        }
        long at = floats.address();
        if (keep) {
            keptStride = open.entries() + limited.entries();
            keptOpen = open.entries();
            kept = NativeRuns.grown(kept, 4 * keptStride * n);
        }
        call.clear()
                .keys(keys, keyDimension)
                .values(values, valueDimension, valueBase)
                .queries(at + queriesAt, n, scale)
                .softmax(at, at + sumsAt, at + outAt);
        if (open.turned() || limited.turned()) turn(turns.orElseThrow(), queries, n, keyDimension);
        if (keep) call.keep(kept.address(), keptStride);
        if (open.entries() > 0) call.runs(open).run();
        if (keep) call.keep(kept.address() + 4L * keptOpen, keptStride);
        if (limited.entries() > 0)
            call.runs(limited)
                    .mask(addends.address(), positions.address(), limits.address(), limits.address() + sumsAt)
                    .run();
        open.clear();
        limited.clear();
        MemorySegment.copy(floats, JAVA_FLOAT, 0, maxima, 0, n);
        MemorySegment.copy(floats, JAVA_FLOAT, sumsAt, sums, 0, n);
        MemorySegment.copy(floats, JAVA_FLOAT, outAt, y, 0, valueElements);
        if (rotated) turn(y, n, valueDimension);
    }

    /** Says how keys are turned. */
    private void turn(Turns turns, float[] queries, int n, int dimension) {
        int elements = n * dimension;
        if (turned.length < elements) turned = new float[elements];
        for (int q = 0; q < n; q++) turns.quarter(queries, q * dimension, dimension, turned, q * dimension);
        quarter = NativeRuns.grown(quarter, 4L * elements);
        MemorySegment.copy(turned, 0, quarter, JAVA_FLOAT, 0, elements);
        call.turns(turns.table(dimension), 0, quarter.address());
    }

    @Override
    public void kept(int query, boolean withPositions, int from, int n, float[] scores, int offset) {
        long first = query * keptStride + from + (withPositions ? keptOpen : 0);
        MemorySegment.copy(kept, JAVA_FLOAT, 4 * first, scores, offset, n);
    }

    private void turn(float[] x, int n, int dimension) {
        for (int q = 0; q < n; q++) Hadamard.turn(x, q * dimension, dimension);
    }
}
