package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;

/**
 * What attention does to keys or values in their stored form, without decoding a page as a whole. The vectors of a page
 * begin at {@code base} of its segment; one that is encoded on its own lies at {@code base + i * type().bytes(dimension)}.
 */
public interface KvKernel {

    KvType type();

    /**
     * Encodes {@code n} vectors {@code x[xOffset + j * xStride ...]} as entries {@code at} to {@code at + n}.
     *
     * @throws IllegalArgumentException if the type is written page by page and {@code at} is not 0
     */
    void write(float[] x, int xOffset, int xStride, int n, MemorySegment page, long base, int at, int dimension);

    /**
     * Encodes a page of {@code n} vectors whose channels are divided by these factors first, and multiplied by them again
     * when they are read.
     *
     * @throws IllegalArgumentException if the type has no factors for channels
     */
    default void write(
            float[] x, int xOffset, int xStride, int n, MemorySegment page, long base, int dimension, float[] factors) {
        PackedKv.write(type(), x, xOffset, xStride, n, page, base, dimension, factors);
    }

    /**
     * Encodes a page of {@code n} directions that two layers share, and how long direction {@code j} is in each of them:
     * {@code lower[from + j]} and {@code upper[from + j]}.
     *
     * @param directions direction j at {@code (from + j) * dimension}
     * @throws IllegalArgumentException if the type is not one of pairs
     */
    default void write(
            float[] directions, float[] lower, float[] upper, int from, int n, MemorySegment page, long base, int dimension) {
        throw new IllegalArgumentException(type() + " holds no directions that layers share");
    }

    /** Decodes entries {@code at} to {@code at + n} into {@code x[xOffset + j * xStride ...]}. */
    void read(MemorySegment page, long base, int at, int n, int dimension, float[] x, int xOffset, int xStride);

    /**
     * {@code scores[scoresOffset + q * scoresStride + i - from] = scale * (query q . key i)} for every query and every
     * entry {@code from <= i < to}: keys are loaded once for all queries of their group.
     */
    void scores(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] queries, int queriesOffset, int queriesStride, int n, float scale,
            float[] scores, int scoresOffset, int scoresStride);

    /**
     * {@code y[yOffset + q * yStride ...] += sum_i weights[weightsOffset + q * weightsStride + i - from] * value i} over
     * entries {@code from <= i < to}.
     */
    void accumulate(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] weights, int weightsOffset, int weightsStride, int n,
            float[] y, int yOffset, int yStride);

    /** The {@link #scores} of {@code count} entries that lie anywhere: entry i in {@code pages[i]} as its {@code entries[i]}th. */
    default void scores(
            MemorySegment[] pages, long base, int[] entries, int count, int dimension,
            float[] queries, int queriesOffset, int queriesStride, int n, float scale,
            float[] scores, int scoresOffset, int scoresStride) {
        for (int i = 0; i < count; i++)
            scores(pages[i], base, entries[i], entries[i] + 1, dimension, queries, queriesOffset, queriesStride, n, scale,
                    scores, scoresOffset + i, scoresStride);
    }

    /** What {@link #accumulate} does, for {@code count} entries that lie anywhere. */
    default void accumulate(
            MemorySegment[] pages, long base, int[] entries, int count, int dimension,
            float[] weights, int weightsOffset, int weightsStride, int n,
            float[] y, int yOffset, int yStride) {
        for (int i = 0; i < count; i++)
            accumulate(pages[i], base, entries[i], entries[i] + 1, dimension, weights, weightsOffset + i, weightsStride, n,
                    y, yOffset, yStride);
    }
}
