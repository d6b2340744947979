package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.L;
import static dev.laconic.kernels.Panels.ROWS;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.kernels.KernelOptions.Activations;
import java.util.Arrays;

/**
 * One product of many tokens with weights of any type: a panel of rows is decoded into {@link SlicedTiles slices} and meets the
 * activations, which lie in slices, too. Outputs are those of {@link VectorMatmul}, bit for bit.
 */
final class SlicedMatmul extends TeamMatmul {
    /** Tokens from which on this is faster than rows beside each other. */
    static final int MANY = 80;

    /** Tokens whose outputs are summed at once. */
    private static final int TOKENS = 528;
    /** Columns of a panel that are decoded before they are multiplied: a slice of them stays in the nearest cache. */
    private static final int WIDTH = 128 * L;
    /** The distance of decoded rows, again not a power of two. */
    private static final int STRIDE = WIDTH + L;

    private final boolean rounds;
    private final Scratch[] scratch;
    private final Step prepare = this::prepare;
    private final Step multiply = this::multiply;
    private float[] slices = {};
    private int tokens;

    SlicedMatmul(Team team, Activations activations) {
        super(team);
        rounds = activations == Activations.INT8;
        scratch = new Scratch[team.size()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    @Override
    void multiply(Tensor weight) {
        tokens = Math.ceilDiv(n, SlicedTiles.TOKENS) * SlicedTiles.TOKENS;
        int needed = Math.multiplyExact(Math.ceilDiv(columns, WIDTH) * L, slice(Math.min(columns, WIDTH)));
        if (slices.length < needed) slices = new float[needed];
        runForTokens(prepare, n);
        int panels = Panels.count(rows);
        run(multiply, panels, 1, fair(panels, 1), multiplications());
    }

    /** Steps through a slice of so many columns. */
    private static int steps(int width) {
        return Math.ceilDiv(width, L);
    }

    /** The distance of tokens in a slice. */
    private static int stride(int width) {
        return Lanes.padded(steps(width));
    }

    /** The distance of slices: not a power of two, so that they do not meet in the same places of a cache. */
    private int slice(int width) {
        return Math.addExact(Math.multiplyExact(tokens, stride(width)), L);
    }

    /** Where the slices of these columns and the next ones begin. */
    private int at(int column) {
        return column == 0 ? 0 : column / WIDTH * L * slice(WIDTH);
    }

    private void prepare(int part, int from, int to) {
        Scratch mine = scratch[part];
        int padded = Math.ceilDiv(columns, L * L) * L * L;
        if (mine.row.length < padded) mine.row = new float[padded];
        Arrays.fill(mine.row, columns, padded, 0);
        for (int token = from; token < to; token++) {
            if (rounds && type.quantised()) {
                mine.rounded.round(x, xOffset + token * xStride, columns, Rounded.block(type));
                mine.rounded.read(columns, mine.row, 0);
            } else {
                System.arraycopy(x, xOffset + token * xStride, mine.row, 0, columns);
            }
            for (int k = 0; k < columns; k += WIDTH) {
                int width = Math.min(WIDTH, columns - k);
                int at = at(k) + token * stride(width);
                for (int j = 0; j < steps(width); j += L)
                    SlicedTiles.transpose(mine.row, k + j * L, L, slices, at + j, slice(width));
            }
        }
    }

    private void multiply(int part, int first, int last) {
        Scratch mine = scratch[part];
        mine.reserve(Math.min(columns, WIDTH), Math.min(tokens, TOKENS));
        for (int token = 0; token < tokens; token += TOKENS)
            for (int panel = first; panel < last; panel++)
                panel(mine, panel, token, Math.min(TOKENS, tokens - token));
    }

    private void panel(Scratch mine, int panel, int token, int some) {
        for (int k = 0; k < columns; k += WIDTH) {
            int width = Math.min(WIDTH, columns - k);
            int steps = steps(width);
            int slice = steps * ROWS + L;
            decode(mine, panel * ROWS, k, width, slice);
            for (int l = 0; l < L; l++)
                SlicedTiles.multiply(
                        mine.weights, l * slice, steps, slices, at(k) + l * slice(width) + token * stride(width), stride(width),
                        some, k == 0, mine.sums, l * some * ROWS);
        }
        SlicedTiles.reduce(mine.sums, some * ROWS);
        int row = panel * ROWS;
        for (int t = 0; t < Math.min(some, n - token); t++)
            System.arraycopy(mine.sums, t * ROWS, y, yOffset + (token + t) * yStride + row, Math.min(ROWS, rows - row));
    }

    /** Decodes columns of a panel of rows into slices; what stands for rows that are not there does not matter. */
    private void decode(Scratch mine, int row, int column, int width, int slice) {
        long rowBytes = type.bytes(columns);
        int padded = Lanes.padded(width);
        for (int half = 0; half < ROWS; half += L) {
            for (int r = 0; r < L && row + half + r < rows; r++) {
                long at = (row + half + r) * rowBytes + type.bytes(column);
                VectorDecoders.decode(type, data, at, width, mine.decoded, r * STRIDE, mine.unpacked);
                Arrays.fill(mine.decoded, r * STRIDE + width, r * STRIDE + padded, 0);
            }
            for (int j = 0; j < padded; j += L)
                SlicedTiles.transpose(mine.decoded, j, STRIDE, mine.weights, j / L * ROWS + half, slice);
        }
    }

    private static final class Scratch {
        final float[] decoded = new float[L * STRIDE];
        final Unpacked unpacked = new Unpacked();
        final Rounded rounded = new Rounded();
        float[] row = {};
        float[] weights = {};
        float[] sums = {};

        void reserve(int width, int tokens) {
            int slices = L * (steps(width) * ROWS + L);
            if (weights.length < slices) weights = new float[slices];
            if (sums.length < L * tokens * ROWS) sums = new float[L * tokens * ROWS];
        }
    }
}
