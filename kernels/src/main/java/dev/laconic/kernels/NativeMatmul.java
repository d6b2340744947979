package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/**
 * A product in native code, or several of one type with the same activations: of quantised weights with activations rounded to
 * 8 bits, or of weights in 16 bits with activations as they are. Rounds or lays out the activations, then multiplies. The first
 * product with some weights packs them piece by piece into scratch, since to get memory for all of them takes longer than that
 * product; the second packs them to stay.
 */
final class NativeMatmul extends TeamMatmul {
    private static final int LANES = 16;
    private static final float[] NONE = {};
    /** Tokens whose outputs are gathered before they are copied to the heap; whole tiles. */
    private static final int TOKENS = 512;
    /** Panels that a single token meets abreast, as kernels.c has it. */
    private static final int ABREAST = 4;
    /**
     * Panels of a share whose outputs for many tokens stay in a cache, and of one that is packed into scratch; many tokens meet
     * two or three panels at a time.
     */
    private static final int FEW_PANELS = 6;
    /** Multiplications that take as long as to read a byte of a file and pack it. */
    private static final long TO_PACK_A_BYTE = 16;
    /** Tokens from which a share's outputs may be too many for a cache. */
    private static final int MANY_TOKENS = 64;

    private final NativeLibrary library;
    private final int set;
    private final PackedWeights weights;
    private final MemorySegment[] scratch;
    private final MemorySegment[] panelScratch;
    private final Step pack = (part, from, to) -> pack();
    private final Step round = this::round;
    private final Step multiply = this::multiply;
    private MemorySegment quants = MemorySegment.NULL;
    private MemorySegment scales = MemorySegment.NULL;
    private MemorySegment starts = MemorySegment.NULL;
    private Packing packing = Packing.NOTHING;
    private long panelBytes;
    /** The matrices at hand: their panels count on from one to the next. */
    private Matrix[] matrices = {};

    private int count;

    private PanelOrder[] orders = {};
    private int order;

    /** One matrix. */
    private static final class Matrix {
        int firstPanel;
        int rows;
        MemorySegment data = MemorySegment.NULL;
        /** Where the data also lie, unless that is {@link NativeLibrary#NO_FILE}, and where there. */
        int file;

        long offset;
        /** All panels, if they are packed. */
        MemorySegment packed = MemorySegment.NULL;
        float[] y = NONE;
        int yOffset;
        int yStride;
    }

    NativeMatmul(Team team, NativeLibrary library, int set, PackedWeights weights) {
        super(team);
        this.library = library;
        this.set = set;
        this.weights = weights;
        scratch = new MemorySegment[team.size()];
        panelScratch = new MemorySegment[team.size()];
        Arrays.fill(scratch, MemorySegment.NULL);
        Arrays.fill(panelScratch, MemorySegment.NULL);
    }

    /** Panels that so many rows fill. */
    static int panels(int rows) {
        return (rows + LANES - 1) / LANES;
    }

    @Override
    void multiply(Tensor weight) {
        start();
        add(weight, y, yOffset, yStride);
        compute();
    }

    /** Products of matrices {@code from} to {@code to}, which are of one type and take in as many columns. */
    void compute(Tensor[] tensors, int from, int to, float[] newX, int newXOffset, int newXStride, int newN, float[][] newY) {
        begin(tensors[from], newX, newXOffset, newXStride, newN);
        start();
        for (int i = from; i < to; i++) add(tensors[i], newY[i], 0, tensors[i].rows());
        compute();
        end();
    }

    private void start() {
        panelBytes = library.panelBytes(type.code(), columns);
        count = 0; // a failure may have left some
    }

    private void add(Tensor weight, float[] newY, int newYOffset, int newYStride) {
        if (count == matrices.length) {
            matrices = Arrays.copyOf(matrices, count + 1);
            matrices[count] = new Matrix();
        }
        Matrix matrix = matrices[count];
        matrix.firstPanel = panels();
        matrix.rows = weight.rows();
        matrix.data = weight.data();
        matrix.y = newY;
        matrix.yOffset = newYOffset;
        matrix.yStride = newYStride;
        matrix.packed = weights.get(weight);
        boolean passes = matrix.packed.address() == 0 && matrix.data.isNative() && !weights.meetsAgain(weight);
        if (matrix.packed.address() == 0 && !passes) matrix.packed = pack(weight);
        if (passes) {
            matrix.file = NativeLibrary.file(weight);
            matrix.offset = NativeLibrary.offset(weight);
        }
        count++;
    }

    /** Panels of the matrices so far. */
    private int panels() {
        return count == 0 ? 0 : matrices[count - 1].firstPanel + panels(matrices[count - 1].rows);
    }

    private void compute() {
        boolean rounded = type.quantised();
        scales = reserve(scales, (long) n * (rounded ? columns / LANES : columns) * Float.BYTES);
        if (rounded) {
            quants = reserve(quants, (long) n * columns);
            starts = reserve(starts, (long) n * columns / LANES * Integer.BYTES);
        }
        runForTokens(round, n);
        share(panels());
        for (int i = 0; i < count; i++) {
            matrices[i].data = MemorySegment.NULL;
            matrices[i].packed = MemorySegment.NULL;
            matrices[i].y = NONE;
        }
    }

    /** Outputs of some tokens are copied token by token, and wide shares have fewer to copy; those of many must be narrow. */
    private void share(int panels) {
        boolean passing = false;
        for (int i = 0; i < count; i++) passing |= matrices[i].packed.address() == 0;
        long work = (long) panels * LANES * columns * n;
        int fair = fair(panels, 1);
        int narrow = Math.min(fair, n < MANY_TOKENS ? ABREAST : FEW_PANELS);
        int least = n == 1 && panels >= ABREAST * team.size() ? ABREAST : n < 8 ? narrow : fair;
        if (passing) run(multiply, panels, 1, FEW_PANELS, Math.max(work, TO_PACK_A_BYTE * panels * panelBytes));
        else if (n == 1) single(panels, least, work);
        else if (n < MANY_TOKENS) run(multiply, panels, least, panels, work);
        else run(multiply, panels, narrow, narrow, work);
    }

    private void single(int panels, int least, long work) {
        PanelOrder found = orderOf(panels);
        order = found.next();
        boolean timed = found.timed();
        long start = timed ? System.nanoTime() : 0;
        run(multiply, panels, least, panels, work);
        if (timed) found.took(System.nanoTime() - start);
    }

    private PanelOrder orderOf(int panels) {
        for (PanelOrder each : orders) if (each.isOf(type, columns, panels)) return each;
        orders = Arrays.copyOf(orders, orders.length + 1);
        return orders[orders.length - 1] = new PanelOrder(type, columns, panels);
    }

    private MemorySegment pack(Tensor weight) {
        Optional<Packing> found = weights.packing(weight, library);
        if (found.isPresent()) {
            packing = found.get();
            run(pack, team.size(), 1, 1, packing.packed().byteSize());
            packing.await();
            weights.finish(weight, packing);
            packing = Packing.NOTHING;
        }
        return weights.get(weight);
    }

    private void pack() {
        while (packing.packStretch()) {}
    }

    private MemorySegment reserve(MemorySegment old, long bytes) {
        return old.byteSize() >= bytes ? old : library.allocate(bytes);
    }

    private void round(int thread, int from, int to) {
        library.round(
                set, type.code(), x, xOffset + from * xStride, xStride, columns, from, to, n,
                quants.address(), scales.address(), starts.address());
    }

    private void multiply(int thread, int from, int to) {
        for (int i = 0; i < count; i++) {
            Matrix matrix = matrices[i];
            int first = Math.max(0, from - matrix.firstPanel);
            int last = Math.min(panels(matrix.rows), to - matrix.firstPanel);
            if (first >= last) continue;
            long packed = matrix.packed.address();
            if (packed != 0) product(thread, matrix, first, last, packed + first * panelBytes);
            else for (int at = first; at < last; at += FEW_PANELS) pass(thread, matrix, at, Math.min(last, at + FEW_PANELS));
        }
    }

    /** Multiplies a few panels that are packed for this alone. */
    private void pass(int thread, Matrix matrix, int from, int to) {
        MemorySegment room = panelScratch[thread] = reserve(panelScratch[thread], FEW_PANELS * panelBytes);
        library.pack(
                type.code(), matrix.data.address(), matrix.file, matrix.offset, matrix.rows, columns, from, to, room.address());
        product(thread, matrix, from, to, room.address());
    }

    /** Multiplies panels {@code from} to {@code to}, which lie at an address. */
    private void product(int thread, Matrix matrix, int from, int to, long panels) {
        int first = from * LANES;
        int width = Math.min(matrix.rows, to * LANES) - first;
        MemorySegment out = scratch[thread] = reserve(scratch[thread], (long) Math.min(n, TOKENS) * width * Float.BYTES);
        for (int token = 0; token < n; token += TOKENS) {
            int tokens = Math.min(TOKENS, n - token);
            library.product(
                    set, type.code(), order, panels, matrix.rows, columns, from, to, quants.address(), scales.address(),
                    starts.address(), token, tokens, out.address(), width);
            library.spread(
                    out.address(), tokens, width, matrix.y, matrix.yOffset + token * matrix.yStride + first, matrix.yStride);
        }
    }
}
