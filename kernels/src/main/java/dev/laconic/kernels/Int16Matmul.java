package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One product of weights in Q4_0 with activations rounded to 8 bits, by the Vector API: packs the weights when it first meets
 * them, rounds the activations, then multiplies. Every step is split over a team.
 */
final class Int16Matmul implements Team.Task {
    /** Tokens whose outputs are summed at once, whole tiles. */
    private static final int TOKENS = 256;
    /** Blocks of weights that meet all these tokens before the next ones do. */
    private static final int BLOCKS = 16;
    /** Panels of a tile. */
    private static final int PAIR = 2;

    /** Multiplications, or bytes to pack, below which waking other threads takes longer than doing their share. */
    private static final int WORTH_SHARING = 1 << 17;
    /** Shares for each thread: they take one after another, so that a thread which is held up takes fewer. */
    private static final int SHARES = 4;

    private static final int ROWS = Int16Panels.ROWS;
    private static final float[] NONE = {};

    private enum Step {
        PACK,
        ROUND,
        MULTIPLY
    }

    private final Team team;
    private final PackedWeights weights;
    private final Scratch[] scratch;
    private final Int16Activations activations = new Int16Activations();
    private final AtomicInteger next = new AtomicInteger();

    private Step step = Step.PACK;
    /** Panels or tokens that are one share of the step, and how many there are. */
    private int share;

    private int count;

    private int rows;
    private int columns;
    private MemorySegment source = MemorySegment.NULL;
    private MemorySegment packed = MemorySegment.NULL;
    private float[] x = NONE;
    private int xOffset;
    private int xStride;
    private int n;
    private float[] y = NONE;
    private int yOffset;
    private int yStride;

    Int16Matmul(Team team, PackedWeights weights) {
        this.team = team;
        this.weights = weights;
        scratch = new Scratch[team.size()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    /** Whether a product with this tensor is computed here. */
    static boolean knows(Tensor weight) {
        return weight.type() == TensorType.Q4_0 && weight.elements() > 0;
    }

    void compute(
            Tensor weight, float[] newX, int newXOffset, int newXStride, int newN,
            float[] newY, int newYOffset, int newYStride) {
        rows = weight.rows();
        columns = weight.columns();
        x = newX;
        xOffset = newXOffset;
        xStride = newXStride;
        n = newN;
        y = newY;
        yOffset = newYOffset;
        yStride = newYStride;
        int panels = Int16Panels.count(rows);
        packed = weights.get(weight);
        if (packed.address() == 0) pack(weight, panels);
        activations.reserve(n, columns);
        run(Step.ROUND, n, Math.max(1, n / (2 * team.size())), (long) n * columns * 8);
        int fair = panels / (SHARES * team.size()) / Int16Dots.PANELS * Int16Dots.PANELS;
        run(Step.MULTIPLY, panels, Math.max(Int16Dots.PANELS, fair), (long) rows * columns * n);
        packed = MemorySegment.NULL;
        x = NONE;
        y = NONE;
    }

    private void pack(Tensor weight, int panels) {
        packed = weights.allocate(panels * Int16Panels.bytes(columns));
        source = weight.data();
        run(Step.PACK, panels, Math.max(1, panels / (SHARES * team.size())), packed.byteSize());
        source = MemorySegment.NULL;
        weights.put(weight, packed);
    }

    private void run(Step newStep, int newCount, int newShare, long work) {
        step = newStep;
        count = newCount;
        next.set(0);
        boolean alone = team.size() == 1 || work < WORTH_SHARING;
        share = alone ? newCount : newShare;
        if (alone) run(0, 1);
        else team.run(this);
    }

    @Override
    public void run(int part, int parts) {
        Scratch mine = scratch[part];
        for (int from = next.getAndAdd(share); from < count; from = next.getAndAdd(share)) {
            int to = Math.min(count, from + share);
            switch (step) {
                case PACK -> Int16Panels.pack(source, rows, columns, from, to, packed);
                case ROUND -> {
                    for (int token = from; token < to; token++)
                        activations.round(token, x, xOffset + token * xStride, mine.rounded);
                }
                case MULTIPLY -> multiply(mine, from, to);
            }
        }
    }

    private void multiply(Scratch mine, int from, int to) {
        mine.reserve(Math.max(Int16Dots.PANELS, PAIR * Math.min(n, TOKENS)) * ROWS);
        int tiled = n / Int16Activations.TILE * Int16Activations.TILE;
        if (tiled == 0) {
            // Each of the panels that are met at once in a run of its own, so that all are read from memory as streams.
            int run = (to - from + Int16Dots.PANELS - 1) / Int16Dots.PANELS;
            for (int panel = from; panel < from + run; panel++) alone(mine, panel, run, to, 0);
            return;
        }
        for (int token = 0; token < n; token += TOKENS)
            for (int panel = from; panel < to; panel += Int16Dots.PANELS) {
                int tokens = Math.min(TOKENS, tiled - token);
                for (int a = panel; tokens > 0 && a < Math.min(to, panel + Int16Dots.PANELS); a += PAIR)
                    pair(mine, a, Math.min(a + 1, to - 1), token, tokens);
                if (n - token <= TOKENS) alone(mine, panel, 1, to, tiled);
            }
    }

    /** Panels at some distance from each other, those before {@code end}, with tokens that are in no tile. */
    private void alone(Scratch mine, int panel, int distance, int end, int first) {
        int b = Math.min(panel + distance, end - 1);
        int c = Math.min(panel + 2 * distance, end - 1);
        int d = Math.min(panel + 3 * distance, end - 1);
        for (int token = first; token < n; token++) {
            Int16Dots.one(packed, at(panel), at(b), at(c), at(d), columns / 32, activations, token, mine.outputs);
            for (int j = 0; j < Int16Dots.PANELS && panel + j * distance < end; j++)
                write(mine.outputs, j * ROWS, panel + j * distance, token);
        }
    }

    /** Two panels, perhaps the same, with tiles of tokens, a stretch of columns after the other. */
    private void pair(Scratch mine, int a, int b, int token, int tokens) {
        Arrays.fill(mine.outputs, 0, tokens * PAIR * ROWS, 0);
        for (int block = 0; block < columns / 32; block += BLOCKS) {
            int blocks = Math.min(BLOCKS, columns / 32 - block);
            long skipped = (long) Int16Panels.BLOCK * block;
            Int16Dots.scales(packed, at(a) + skipped, blocks, mine.scales, 0);
            Int16Dots.scales(packed, at(b) + skipped, blocks, mine.scales, BLOCKS * ROWS);
            for (int t = 0; t < tokens; t += Int16Activations.TILE) {
                int first = activations.quant(token + t) + Int16Activations.TILE * 32 * block;
                Int16Dots.tile(packed, at(a) + skipped, at(b) + skipped, blocks, activations.quants, first, mine.sums);
                for (int j = 0; j < Int16Activations.TILE * PAIR; j++)
                    Int16Dots.add(
                            mine.sums, j * ROWS, blocks, activations,
                            activations.block(token + t + j / PAIR) + Int16Activations.TILE * block,
                            mine.scales, j % PAIR * BLOCKS * ROWS, mine.outputs, (t * PAIR + j) * ROWS);
            }
        }
        for (int t = 0; t < tokens; t++) {
            write(mine.outputs, t * PAIR * ROWS, a, token + t);
            if (b > a) write(mine.outputs, (t * PAIR + 1) * ROWS, b, token + t);
        }
    }

    private long at(int panel) {
        return panel * Int16Panels.bytes(columns);
    }

    private void write(float[] outputs, int at, int panel, int token) {
        int row = panel * ROWS;
        System.arraycopy(outputs, at, y, yOffset + token * yStride + row, Math.min(ROWS, rows - row));
    }

    private static final class Scratch {
        final int[] rounded = new int[32];
        final short[] sums = new short[Int16Activations.TILE * PAIR * ROWS * BLOCKS];
        final float[] scales = new float[PAIR * ROWS * BLOCKS];
        float[] outputs = {};

        void reserve(int size) {
            if (outputs.length < size) outputs = new float[size];
        }
    }
}
