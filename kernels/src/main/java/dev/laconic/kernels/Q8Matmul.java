package dev.laconic.kernels;

import static dev.laconic.kernels.Panels.ROWS;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import java.util.Arrays;

/** Products of weights in Q8_0 with activations in float32, perhaps rounded to 8 bits before. */
final class Q8Matmul extends PanelMatmul {
    /** Tokens whose outputs are summed at once. */
    private static final int TOKENS = 264;

    private static final int COLUMNS = Q8Dots.COLUMNS;

    private final boolean rounds;
    private final Scratch[] scratch;
    /** Rounded activations, token by token. */
    private float[] rounded = {};
    /** Activations of tokens that are computed together, {@link #COLUMNS} of each token, then the next ones of each. */
    private float[] together = {};

    private int tiled;

    Q8Matmul(Team team, PackedWeights weights, boolean rounds) {
        super(team, weights);
        this.rounds = rounds;
        scratch = new Scratch[team.size()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    /** Whether a product with this tensor is computed here. */
    static boolean knows(Tensor weight) {
        return weight.type() == TensorType.Q8_0 && weight.elements() > 0;
    }

    @Override
    long bytes() {
        return Q8Panels.bytes(columns);
    }

    @Override
    void pack(int first, int last) {
        Q8Panels.pack(data, rows, columns, first, last, packed);
    }

    @Override
    int reserve() {
        tiled = n / Q8Dots.TOKENS * Q8Dots.TOKENS;
        int padded = Math.ceilDiv(columns, COLUMNS) * COLUMNS;
        if (together.length < Math.multiplyExact(tiled, padded)) together = new float[tiled * padded];
        if (!rounds) return tiled;
        if (rounded.length < Math.multiplyExact(n, columns)) rounded = new float[n * columns];
        return n;
    }

    @Override
    void prepare(int part, int token) {
        if (rounds) {
            Rounded row = scratch[part].row;
            row.round(x, xOffset + token * xStride, columns, Rounded.block(TensorType.Q8_0));
            row.read(columns, rounded, token * columns);
        }
        if (token < tiled)
            for (int k = 0; k < columns; k += COLUMNS)
                System.arraycopy(
                        source(), source(token) + k, together, tiled * k + token * COLUMNS, Math.min(COLUMNS, columns - k));
    }

    private float[] source() {
        return rounds ? rounded : x;
    }

    private int source(int token) {
        return rounds ? token * columns : xOffset + token * xStride;
    }

    @Override
    void multiply(int part, int first, int last) {
        Scratch mine = scratch[part];
        mine.reserve(PANELS * Math.max(1, Math.min(tiled, TOKENS)) * ROWS);
        for (int token = 0; token < tiled; token += TOKENS)
            for (int panel = first; panel < last; panel += PANELS)
                together(mine, panel, Math.min(last, panel + PANELS), token, Math.min(TOKENS, tiled - token));
        // Each of the panels that are met at once in a run of its own, so that all are read from memory as streams.
        int run = Math.ceilDiv(last - first, PANELS);
        for (int panel = first; panel < first + run && tiled < n; panel++) alone(mine, panel, run, last);
    }

    /** Some panels with some tokens, a stretch of columns after the other. */
    private void together(Scratch mine, int first, int last, int token, int tokens) {
        Arrays.fill(mine.outputs, 0, (last - first) * tokens * ROWS, 0);
        for (int k = 0; k < columns; k += COLUMNS) {
            int blocks = Math.min(COLUMNS, columns - k) / 32;
            for (int panel = first; panel < last; panel++) {
                Q8Dots.decode(packed, at(panel) + Q8Panels.bytes(k), blocks, mine.weights, mine.scales);
                Q8Dots.multiply(
                        mine.weights, mine.scales, blocks, together, tiled * k + token * COLUMNS, tokens,
                        mine.outputs, (panel - first) * tokens * ROWS);
            }
        }
        for (int panel = first; panel < last; panel++)
            for (int t = 0; t < tokens; t++)
                write(mine.outputs, ((panel - first) * tokens + t) * ROWS, panel, token + t);
    }

    /** Panels at some distance from each other, those before {@code end}, with the last tokens, one by one. */
    private void alone(Scratch mine, int panel, int distance, int end) {
        int b = Math.min(panel + distance, end - 1);
        int c = Math.min(panel + 2 * distance, end - 1);
        int d = Math.min(panel + 3 * distance, end - 1);
        for (int token = tiled; token < n; token++) {
            Q8Dots.one(packed, at(panel), at(b), at(c), at(d), columns / 32, source(), source(token), mine.outputs);
            for (int j = 0; j < PANELS && panel + j * distance < end; j++)
                write(mine.outputs, j * ROWS, panel + j * distance, token);
        }
    }

    private static final class Scratch {
        final float[] weights = new float[COLUMNS * ROWS];
        final float[] scales = new float[COLUMNS / 32 * ROWS];
        final Rounded row = new Rounded();
        float[] outputs = {};

        void reserve(int size) {
            if (outputs.length < size) outputs = new float[size];
        }
    }
}
