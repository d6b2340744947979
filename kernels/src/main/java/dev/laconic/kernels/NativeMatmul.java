package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;

/**
 * One product in native code, of quantised weights with activations rounded to 8 bits or of weights in 16 bits with
 * activations as they are: packs the weights when it first meets them, rounds or lays out the activations, then multiplies.
 */
final class NativeMatmul extends TeamMatmul {
    private static final int LANES = 16;
    /** Tokens whose outputs are gathered before they are copied to the heap; whole tiles. */
    private static final int TOKENS = 512;
    /** Panels that a single token meets abreast, as kernels.c has it. */
    private static final int ABREAST = 4;
    /** Panels of a share whose outputs for many tokens stay in a cache; many tokens meet two or three panels at a time. */
    private static final int MANY_TOKENS_PANELS = 6;
    /** Tokens from which a share's outputs may be too many for a cache. */
    private static final int MANY_TOKENS = 64;

    private final NativeLibrary library;
    private final int set;
    private final PackedWeights weights;
    private final MemorySegment[] scratch;
    private final Step pack = (part, from, to) -> pack();
    private final Step round = this::round;
    private final Step multiply = this::multiply;
    private MemorySegment quants = MemorySegment.NULL;
    private MemorySegment scales = MemorySegment.NULL;
    private MemorySegment starts = MemorySegment.NULL;
    private Packing packing = Packing.NOTHING;
    private MemorySegment packed = MemorySegment.NULL;

    NativeMatmul(Team team, NativeLibrary library, int set, PackedWeights weights) {
        super(team);
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

    @Override
    void multiply(Tensor weight) {
        int panels = panels(rows);
        packed = weights.get(weight);
        if (packed.address() == 0) packed = pack(weight);
        boolean rounded = type.quantised();
        scales = reserve(scales, (long) n * (rounded ? columns / LANES : columns) * Float.BYTES);
        if (rounded) {
            quants = reserve(quants, (long) n * columns);
            starts = reserve(starts, (long) n * columns / LANES * Integer.BYTES);
        }
        runForTokens(round, n);
        share(panels);
        packed = MemorySegment.NULL;
    }

    /** Outputs of some tokens are copied token by token, and wide shares have fewer to copy; those of many must be narrow. */
    private void share(int panels) {
        int fair = fair(panels, 1);
        int narrow = Math.min(fair, n < MANY_TOKENS ? ABREAST : MANY_TOKENS_PANELS);
        int least = n == 1 && panels >= ABREAST * team.size() ? ABREAST : n < 8 ? narrow : fair;
        if (n < MANY_TOKENS) run(multiply, panels, least, panels, multiplications());
        else run(multiply, panels, narrow, narrow, multiplications());
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

    private static MemorySegment reserve(MemorySegment old, long bytes) {
        return old.byteSize() >= bytes ? old : Arena.ofAuto().allocate(bytes, 64);
    }

    private void round(int part, int from, int to) {
        MemorySegment row = scratch[part] = reserve(scratch[part], (long) columns * Float.BYTES);
        for (int token = from; token < to; token++) {
            MemorySegment.copy(x, xOffset + token * xStride, row, ValueLayout.JAVA_FLOAT, 0, columns);
            library.round(
                    set, type.code(), row.address(), columns, token, n, quants.address(), scales.address(), starts.address());
        }
    }

    private void multiply(int part, int from, int to) {
        int first = from * LANES;
        int width = Math.min(rows, to * LANES) - first;
        MemorySegment out = scratch[part] = reserve(scratch[part], (long) Math.min(n, TOKENS) * width * Float.BYTES);
        for (int token = 0; token < n; token += TOKENS) {
            int tokens = Math.min(TOKENS, n - token);
            library.product(
                    set, type.code(), packed.address(), rows, columns, from, to, quants.address(), scales.address(),
                    starts.address(), token, tokens, out.address(), width);
            for (int t = 0; t < tokens; t++)
                MemorySegment.copy(
                        out, ValueLayout.JAVA_FLOAT, (long) t * width * Float.BYTES,
                        y, yOffset + (token + t) * yStride + first, width);
        }
    }
}
