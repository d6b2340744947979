package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.KernelOptions.Activations;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One matrix product, its output rows split over a team. A few rows of weights are decoded for a stretch of columns into
 * scratch that stays in the nearest cache, and meet every activation row there. One activation row or many, the steps
 * that lead to an output are the same.
 */
final class VectorMatmul implements Team.Task {
    private static final int TOKENS = 256;
    /** Weight rows that are decoded at once for many tokens, whole tiles. */
    private static final int HEIGHT = 2 * MatmulTiles.ROWS;
    /** Multiplications below which waking other threads takes longer than doing their share. */
    private static final int WORTH_SHARING = 1 << 16;
    /** Shares for each thread: they take one after another, so that a thread which is held up takes fewer. */
    private static final int SHARES = 4;

    private final Team team;
    private final Activations activations;
    private final Scratch[] scratch;
    private final Rounded rounded = new Rounded();
    private float[] prepared = {};

    private final AtomicInteger next = new AtomicInteger();
    private int share;
    private boolean dots;

    private Tensor weight;
    private int rows;
    private int columns;
    private float[] x;
    private int xOffset;
    private int xStride;
    private int n;
    private float[] y;
    private int yOffset;
    private int yStride;

    VectorMatmul(Team team, Activations activations) {
        this.team = team;
        this.activations = activations;
        scratch = new Scratch[team.size()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    void compute(
            Tensor newWeight, float[] newX, int newXOffset, int newXStride, int newN,
            float[] newY, int newYOffset, int newYStride) {
        weight = newWeight;
        rows = weight.rows();
        columns = weight.columns();
        n = newN;
        y = newY;
        yOffset = newYOffset;
        yStride = newYStride;
        prepare(newX, newXOffset, newXStride);
        dots = n == 1 && VectorDots.knows(weight.type(), weight.data(), columns);
        next.set(0);
        if (team.size() == 1 || (long) rows * columns * n < WORTH_SHARING) {
            share = rows;
            run(0, 1);
        } else {
            share = Math.max(HEIGHT, rows / (SHARES * team.size()) / HEIGHT * HEIGHT);
            team.run(this);
        }
        weight = null;
        x = null;
        y = null;
    }

    void row(Tensor matrix, int row, float[] target, int offset) {
        TensorType type = matrix.type();
        int size = matrix.columns();
        VectorDecoders.decode(type, matrix.data(), row * matrix.rowBytes(), size, target, offset, scratch[0].unpacked);
    }

    /** Rounds activations where that is asked for, and pads rows that are not whole vectors with zeros. */
    private void prepare(float[] source, int offset, int stride) {
        boolean round = activations == Activations.INT8 && weight.type().quantised();
        int padded = Lanes.padded(columns);
        if (!round && padded == columns) {
            x = source;
            xOffset = offset;
            xStride = stride;
            return;
        }
        int needed = Math.multiplyExact(n, padded);
        if (prepared.length < needed) prepared = new float[needed];
        for (int r = 0; r < n; r++) {
            if (round) {
                rounded.round(source, offset + r * stride, columns, Rounded.block(weight.type()));
                rounded.read(columns, prepared, r * padded);
            } else {
                System.arraycopy(source, offset + r * stride, prepared, r * padded, columns);
            }
            Arrays.fill(prepared, r * padded + columns, (r + 1) * padded, 0);
        }
        x = prepared;
        xOffset = 0;
        xStride = padded;
    }

    @Override
    public void run(int part, int parts) {
        Scratch mine = scratch[part];
        int from = next.getAndAdd(share);
        for (; from < rows; from = next.getAndAdd(share)) {
            int to = Math.min(rows, from + share);
            if (dots) {
                mine.reserve(VectorDots.SUMS, 0, 1);
                VectorDots.multiply(
                        weight.type(), weight.data(), columns, from, to, x, xOffset, y, yOffset, mine.sums);
            } else {
                tiles(mine, from, to);
            }
        }
    }

    private void tiles(Scratch mine, int from, int to) {
        int height = n < 8 ? MatmulTiles.ROWS : HEIGHT;
        int width = n < 8 ? 4096 : 2048;
        mine.reserve(height, width, Math.min(n, TOKENS));
        for (int token = 0; token < n; token += TOKENS)
            for (int row = from; row < to; row += height)
                block(mine, row, Math.min(height, to - row), width, token, Math.min(TOKENS, n - token));
    }

    private void block(Scratch mine, int row, int height, int width, int token, int tokens) {
        TensorType type = weight.type();
        long rowBytes = type.bytes(columns);
        int whole = (height + MatmulTiles.ROWS - 1) / MatmulTiles.ROWS * MatmulTiles.ROWS;
        Arrays.fill(mine.sums, 0, whole * tokens * Lanes.L, 0);
        for (int k = 0; k < columns; k += width) {
            int stretch = Math.min(width, columns - k);
            int padded = Lanes.padded(stretch);
            for (int r = 0; r < height; r++) {
                long at = (row + r) * rowBytes + type.bytes(k);
                VectorDecoders.decode(type, weight.data(), at, stretch, mine.weights, r * width, mine.unpacked);
                if (stretch < padded) Arrays.fill(mine.weights, r * width + stretch, r * width + padded, 0);
            }
            MatmulTiles.multiply(
                    mine.weights, width, whole, x, xOffset + token * xStride + k, xStride, tokens, padded, mine.sums);
        }
        MatmulTiles.reduce(mine.sums, whole, height, tokens, y, yOffset + token * yStride + row, yStride);
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
