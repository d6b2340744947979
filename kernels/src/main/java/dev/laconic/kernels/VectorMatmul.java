package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.kernels.KernelOptions.Activations;
import java.util.Arrays;

/**
 * One product of a few tokens with weights of any type. A few rows of weights are decoded for a stretch of columns into scratch
 * that stays in the nearest cache, and meet every activation row there. One activation row or more, the steps that lead to an
 * output are the same.
 */
final class VectorMatmul extends TeamMatmul {
    /** Weight rows that are decoded at once for eight tokens or more, whole tiles. */
    private static final int HEIGHT = 2 * MatmulTiles.ROWS;
    /** How many multiplications take as long as one here, where weights are decoded for each product. */
    private static final int DECODED = 2;

    private final Activations activations;
    private final Scratch[] scratch;
    private final Rounded rounded = new Rounded();
    private float[] prepared = {};

    private final Step dots = this::dots;
    private final Step tiles = this::tiles;

    VectorMatmul(Team team, Activations activations) {
        super(team);
        this.activations = activations;
        scratch = new Scratch[team.size()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    @Override
    void multiply(Tensor weight) {
        prepare();
        Step step = n == 1 && VectorDots.knows(type, data, columns) ? dots : tiles;
        run(step, rows, HEIGHT, fair(rows, HEIGHT), DECODED * multiplications());
    }

    void row(Tensor matrix, int row, float[] target, int offset) {
        int size = matrix.columns();
        VectorDecoders.decode(matrix.type(), matrix.data(), row * matrix.rowBytes(), size, target, offset, scratch[0].unpacked);
    }

    /** Rounds activations where that is asked for, and pads rows that are not whole vectors with zeros. */
    private void prepare() {
        boolean round = activations == Activations.INT8 && type.quantised();
        int padded = Lanes.padded(columns);
        if (!round && padded == columns) return;
        int needed = Math.multiplyExact(n, padded);
        if (prepared.length < needed) prepared = new float[needed];
        for (int r = 0; r < n; r++) {
            if (round) {
                rounded.round(x, xOffset + r * xStride, columns, Rounded.block(type));
                rounded.read(columns, prepared, r * padded);
            } else {
                System.arraycopy(x, xOffset + r * xStride, prepared, r * padded, columns);
            }
            Arrays.fill(prepared, r * padded + columns, (r + 1) * padded, 0);
        }
        x = prepared;
        xOffset = 0;
        xStride = padded;
    }

    private void dots(int part, int from, int to) {
        Scratch mine = scratch[part];
        mine.reserve(VectorDots.SUMS, 0, 1);
        VectorDots.multiply(type, data, columns, from, to, x, xOffset, y, yOffset, mine.sums);
    }

    private void tiles(int part, int from, int to) {
        Scratch mine = scratch[part];
        int height = n < 8 ? MatmulTiles.ROWS : HEIGHT;
        int width = n < 8 ? 4096 : 2048;
        mine.reserve(height, width, n);
        for (int row = from; row < to; row += height) block(mine, row, Math.min(height, to - row), width);
    }

    private void block(Scratch mine, int row, int height, int width) {
        long rowBytes = type.bytes(columns);
        int whole = (height + MatmulTiles.ROWS - 1) / MatmulTiles.ROWS * MatmulTiles.ROWS;
        Arrays.fill(mine.sums, 0, whole * n * Lanes.L, 0);
        for (int k = 0; k < columns; k += width) {
            int stretch = Math.min(width, columns - k);
            int padded = Lanes.padded(stretch);
            for (int r = 0; r < height; r++) {
                long at = (row + r) * rowBytes + type.bytes(k);
                VectorDecoders.decode(type, data, at, stretch, mine.weights, r * width, mine.unpacked);
                if (stretch < padded) Arrays.fill(mine.weights, r * width + stretch, r * width + padded, 0);
            }
            MatmulTiles.multiply(mine.weights, width, whole, x, xOffset + k, xStride, n, padded, mine.sums);
        }
        MatmulTiles.reduce(mine.sums, whole, height, n, y, yOffset + row, yStride);
    }

    private static final class Scratch {
        float[] weights = {};
        float[] sums = {};
        final Unpacked unpacked = new Unpacked();

        void reserve(int height, int width, int tokens) {
            if (weights.length < height * width) weights = new float[height * width];
            if (sums.length < height * tokens * Lanes.L) sums = new float[height * tokens * Lanes.L];
        }
    }
}
