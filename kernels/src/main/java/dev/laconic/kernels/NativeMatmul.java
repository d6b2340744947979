package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One product in native code, of quantised weights with activations rounded to 8 bits or of weights in 16 bits with
 * activations as they are: packs the weights when it first meets them, rounds or lays out the activations, then multiplies.
 * Every step is split over a team.
 */
final class NativeMatmul implements Team.Task {
    private static final int LANES = 16;
    /** Tokens whose outputs are gathered before they are copied to the heap; whole tiles. */
    private static final int TOKENS = 512;
    /** Multiplications, or bytes to pack, below which waking other threads takes longer than doing their share. */
    private static final int WORTH_SHARING = 1 << 17;

    /** Shares for each thread: they take one after another, so that a thread which is held up takes fewer. */
    private static final int SHARES = 4;
    /** Panels of a share whose outputs for many tokens stay in a cache. */
    private static final int MANY_TOKENS_PANELS = 4;
    /** Tokens from which a share's outputs may be too many for a cache. */
    private static final int MANY_TOKENS = 64;

    private static final float[] NONE = {};

    private enum Step {
        PACK,
        ROUND,
        MULTIPLY
    }

    private final Team team;
    private final NativeLibrary library;
    private final int set;
    private final PackedWeights weights;
    private final AtomicInteger next = new AtomicInteger();
    private final MemorySegment[] scratch;
    private MemorySegment quants = MemorySegment.NULL;
    private MemorySegment scales = MemorySegment.NULL;
    private MemorySegment starts = MemorySegment.NULL;

    private Step step = Step.PACK;
    /** Panels or tokens that are one share of the step, and how many there are. */
    private int share;

    private int count;

    private int type;
    private int rows;
    private int columns;
    private Packing packing = Packing.NOTHING;
    private MemorySegment packed = MemorySegment.NULL;
    private float[] x = NONE;
    private int xOffset;
    private int xStride;
    private int n;
    private float[] y = NONE;
    private int yOffset;
    private int yStride;

    NativeMatmul(Team team, NativeLibrary library, int set, PackedWeights weights) {
        this.team = team;
        this.library = library;
        this.set = set;
        this.weights = weights;
        scratch = new MemorySegment[team.size()];
        Arrays.fill(scratch, MemorySegment.NULL);
    }

    /** Panels that so many rows fill. */
    static int panels(int rows) {
        return (rows + LANES - 1) / LANES;
    }

    void compute(
            Tensor weight, float[] newX, int newXOffset, int newXStride, int newN,
            float[] newY, int newYOffset, int newYStride) {
        type = weight.type().code();
        rows = weight.rows();
        columns = weight.columns();
        x = newX;
        xOffset = newXOffset;
        xStride = newXStride;
        n = newN;
        y = newY;
        yOffset = newYOffset;
        yStride = newYStride;
        int panels = panels(rows);
        packed = weights.get(weight);
        if (packed.address() == 0) packed = pack(weight);
        boolean rounded = weight.type().quantised();
        scales = reserve(scales, (long) n * (rounded ? columns / LANES : columns) * Float.BYTES);
        if (rounded) {
            quants = reserve(quants, (long) n * columns);
            starts = reserve(starts, (long) n * columns / LANES * Integer.BYTES);
        }
        run(Step.ROUND, n, Math.max(1, n / (2 * team.size())), (long) n * columns * 8);
        run(Step.MULTIPLY, panels, panelsOfShare(panels), (long) rows * columns * n);
        packed = MemorySegment.NULL;
        x = NONE;
        y = NONE;
    }

    /** Of few tokens two shares for each thread: outputs are copied token by token, and wide shares have fewer to copy. */
    private int panelsOfShare(int panels) {
        if (n >= MANY_TOKENS) return Math.clamp(panels / (SHARES * team.size()), 1, MANY_TOKENS_PANELS);
        return Math.max(1, panels / ((n < 8 ? SHARES : SHARES / 2) * team.size()));
    }

    private MemorySegment pack(Tensor weight) {
        Optional<Packing> found = weights.packing(weight, library);
        if (found.isPresent()) {
            packing = found.get();
            run(Step.PACK, team.size(), 1, packing.packed().byteSize());
            packing.await();
            weights.finish(weight, packing);
            packing = Packing.NOTHING;
        }
        return weights.get(weight);
    }

    private static MemorySegment reserve(MemorySegment old, long bytes) {
        return old.byteSize() >= bytes ? old : Arena.ofAuto().allocate(bytes, 64);
    }

    private void run(Step newStep, int newCount, int newShare, long work) {
        step = newStep;
        count = newCount;
        next.set(0);
        share = newShare;
        if (team.size() == 1 || work < WORTH_SHARING) run(0, 1);
        else team.run(this);
    }

    @Override
    public void run(int part, int parts) {
        for (int from = next.getAndAdd(share); from < count; from = next.getAndAdd(share)) {
            int to = Math.min(count, from + share);
            switch (step) {
                case PACK -> {
                    while (packing.packStretch()) {}
                }
                case ROUND -> round(part, from, to);
                case MULTIPLY -> multiply(part, from, to);
            }
        }
    }

    private void round(int part, int from, int to) {
        MemorySegment row = scratch[part] = reserve(scratch[part], (long) columns * Float.BYTES);
        for (int token = from; token < to; token++) {
            MemorySegment.copy(x, xOffset + token * xStride, row, ValueLayout.JAVA_FLOAT, 0, columns);
            library.round(
                    set, type, row.address(), columns, token, n, quants.address(), scales.address(), starts.address());
        }
    }

    private void multiply(int part, int from, int to) {
        int first = from * LANES;
        int width = Math.min(rows, to * LANES) - first;
        MemorySegment out = scratch[part] = reserve(scratch[part], (long) Math.min(n, TOKENS) * width * Float.BYTES);
        for (int token = 0; token < n; token += TOKENS) {
            int tokens = Math.min(TOKENS, n - token);
            library.product(
                    set, type, packed.address(), rows, columns, from, to, quants.address(), scales.address(),
                    starts.address(), token, tokens, out.address(), width);
            for (int t = 0; t < tokens; t++)
                MemorySegment.copy(
                        out, ValueLayout.JAVA_FLOAT, (long) t * width * Float.BYTES,
                        y, yOffset + (token + t) * yStride + first, width);
        }
    }
}
