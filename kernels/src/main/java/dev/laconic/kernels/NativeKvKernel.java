package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Writes vectors in 16 or fewer bits with native code, and reads those in 16, to the last bit as another kernel does, which does
 * all else.
 */
final class NativeKvKernel implements KvKernel {
    /** Elements of a vector that native code takes: some tables of so many lie on its stack. */
    private static final int MOST_ELEMENTS = 1 << 10;

    private static final int GROUP = 64;
    /** Groups of which native code keeps what it makes of them, where it corrects what codes lose. */
    private static final int ROOM = 4;

    private static final float[] NO_FACTORS = {};
    private static final ThreadLocal<MemorySegment[]> SCRATCH =
            ThreadLocal.withInitial(() -> new MemorySegment[] {MemorySegment.NULL});

    private final KvType type;
    private final Supplier<KvKernel> other;
    private final NativeLibrary library;
    private final int set;

    /** @param other the other kernel, which is not made before it is needed */
    NativeKvKernel(KvType type, Supplier<KvKernel> other, NativeLibrary library, int set) {
        this.type = type;
        this.other = new Deferred<>(other);
        this.library = library;
        this.set = set;
    }

    /** Whether native code writes vectors of this type. */
    static boolean knows(KvType type) {
        return type.bits() > 0 && !type.paired() || isShort(type);
    }

    private static boolean isShort(KvType type) {
        return type == KvType.F16 || type == KvType.BF16;
    }

    @Override
    public KvType type() {
        return type;
    }

    @Override
    public void write(float[] x, int xOffset, int xStride, int n, MemorySegment page, long base, int at, int dimension) {
        if (n > 0 && isShort(type) && page.isNative()) shorten(x, xOffset, xStride, n, page, base, at, dimension);
        else if (!page.isNative() || dimension > MOST_ELEMENTS || at > 0 && !type.appendable())
            other.get().write(x, xOffset, xStride, n, page, base, at, dimension);
        else if (n > 0) encode(x, xOffset, xStride, n, page, base + (long) at * type.bytes(dimension), dimension, NO_FACTORS);
    }

    @Override
    public void write(
            float[] x, int xOffset, int xStride, int n, MemorySegment page, long base, int dimension, float[] factors) {
        if (!page.isNative() || dimension > MOST_ELEMENTS || type.grouping() != KvType.Grouping.SEPARABLE)
            other.get().write(x, xOffset, xStride, n, page, base, dimension, factors);
        else if (n > 0) encode(x, xOffset, xStride, n, page, base, dimension, factors);
    }

    private void shorten(float[] x, int xOffset, int xStride, int n, MemorySegment page, long base, int at, int dimension) {
        long start = base + (long) at * type.bytes(dimension);
        require(page, start, n * (long) type.bytes(dimension));
        Objects.checkFromIndexSize(xOffset, Math.addExact(Math.multiplyExact(n - 1, xStride), dimension), x.length);
        library.shorten(set, type == KvType.BF16, x, xOffset, xStride, n, dimension, page.address() + start);
    }

    private void readShort(MemorySegment page, long base, int at, int n, int dimension, float[] x, int xOffset, int xStride) {
        long start = base + (long) at * type.bytes(dimension);
        Objects.checkFromIndexSize(start, n * (long) type.bytes(dimension), page.byteSize());
        Objects.checkFromIndexSize(xOffset, Math.addExact(Math.multiplyExact(n - 1, xStride), dimension), x.length);
        library.readShort(set, type == KvType.BF16, page.address() + start, n, dimension, x, xOffset, xStride);
    }

    private static void require(MemorySegment page, long from, long bytes) {
        Objects.checkFromIndexSize(from, bytes, page.byteSize());
        if (page.isReadOnly()) throw new IllegalArgumentException("the page is read-only");
    }

    private void encode(
            float[] x, int xOffset, int xStride, int n, MemorySegment page, long base, int dimension, float[] factors) {
        require(page, base, type.bytes(dimension, n));
        int padded = PackedKv.padded(dimension);
        long vectors = 4L * n * padded;
        long room = type.corrected() ? 4L * ROOM * GROUP * padded : 0;
        MemorySegment[] scratch = SCRATCH.get();
        MemorySegment here = scratch[0] = library.grown(scratch[0], vectors + room + 4L * padded);
        for (int j = 0; j < n; j++)
            Copies.copy(x, xOffset + j * xStride, here, 4L * j * padded, dimension);
        long factorsAt = 0;
        if (factors.length > 0) {
            Copies.copy(factors, 0, here, vectors + room, dimension);
            factorsAt = here.address() + vectors + room;
        }
        float norm = type.grouping() == KvType.Grouping.ROTATED ? Hadamard.norm(dimension) : 0;
        library.encode(set, AttentionCall.code(type, dimension), here.address(), n, dimension, norm, factorsAt,
                page.address() + base, here.address() + vectors);
    }

    @Override
    public void write(
            float[] directions, float[] lower, float[] upper, int from, int n, MemorySegment page, long base, int dimension) {
        other.get().write(directions, lower, upper, from, n, page, base, dimension);
    }

    @Override
    public void read(MemorySegment page, long base, int at, int n, int dimension, float[] x, int xOffset, int xStride) {
        if (n > 0 && isShort(type) && page.isNative()) readShort(page, base, at, n, dimension, x, xOffset, xStride);
        else other.get().read(page, base, at, n, dimension, x, xOffset, xStride);
    }

    @Override
    public void scores(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] queries, int queriesOffset, int queriesStride, int n, float scale,
            float[] scores, int scoresOffset, int scoresStride) {
        other.get().scores(page, base, from, to, dimension, queries, queriesOffset, queriesStride, n, scale,
                scores, scoresOffset, scoresStride);
    }

    @Override
    public void accumulate(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] weights, int weightsOffset, int weightsStride, int n,
            float[] y, int yOffset, int yStride) {
        other.get().accumulate(page, base, from, to, dimension, weights, weightsOffset, weightsStride, n, y, yOffset, yStride);
    }

    @Override
    public void scores(
            MemorySegment[] pages, long base, int[] entries, int count, int dimension,
            float[] queries, int queriesOffset, int queriesStride, int n, float scale,
            float[] scores, int scoresOffset, int scoresStride) {
        other.get().scores(pages, base, entries, count, dimension, queries, queriesOffset, queriesStride, n, scale,
                scores, scoresOffset, scoresStride);
    }

    @Override
    public void accumulate(
            MemorySegment[] pages, long base, int[] entries, int count, int dimension,
            float[] weights, int weightsOffset, int weightsStride, int n,
            float[] y, int yOffset, int yStride) {
        other.get().accumulate(pages, base, entries, count, dimension, weights, weightsOffset, weightsStride, n, y, yOffset, yStride);
    }
}
