package dev.laconic.kernels;

import static dev.laconic.kernels.Panels.ROWS;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import java.util.Arrays;

/** Products of weights in Q4_0 or Q4_K with activations rounded to 8 bits, in lanes of 16 bits. */
final class Int16Matmul extends PanelMatmul {
    /** Tokens whose outputs are summed at once, whole tiles. */
    private static final int TOKENS = 256;
    /** Blocks of weights that meet all these tokens before the next ones do. */
    private static final int BLOCKS = 16;
    /** Panels of a tile. */
    private static final int PAIR = 2;

    /** What the sums of these blocks of a panel are multiplied with, at most two numbers each. */
    private static final int FACTORS = 2 * ROWS * BLOCKS;

    private final Scratch[] scratch;
    private final Int16Activations activations = new Int16Activations();

    Int16Matmul(Team team, PackedWeights weights) {
        super(team, weights);
        scratch = new Scratch[team.size()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    /** Whether a product with this tensor is computed here. */
    static boolean knows(Tensor weight) {
        return (weight.type() == TensorType.Q4_0 || weight.type() == TensorType.Q4_K) && weight.elements() > 0;
    }

    @Override
    long bytes() {
        return Int16Panels.bytes(type, columns);
    }

    @Override
    void pack(int first, int last) {
        Int16Panels.pack(type, data, rows, columns, first, last, packed);
    }

    @Override
    int reserve() {
        activations.reserve(n, columns, Rounded.block(type));
        return n;
    }

    @Override
    void prepare(int part, int token) {
        activations.round(token, x, xOffset + token * xStride, scratch[part].rounded);
    }

    @Override
    void multiply(int part, int from, int to) {
        Scratch mine = scratch[part];
        mine.reserve(Math.max(PANELS, PAIR * Math.min(n, TOKENS)) * ROWS);
        int tiled = n / Int16Activations.TILE * Int16Activations.TILE;
        if (tiled == 0) {
            // Each of the panels that are met at once in a run of its own, so that all are read from memory as streams.
            int run = Math.ceilDiv(to - from, PANELS);
            for (int panel = from; panel < from + run; panel++) alone(mine, panel, run, to, 0);
            return;
        }
        for (int token = 0; token < n; token += TOKENS)
            for (int panel = from; panel < to; panel += PANELS) {
                int tokens = Math.min(TOKENS, tiled - token);
                for (int a = panel; tokens > 0 && a < Math.min(to, panel + PANELS); a += PAIR)
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
            if (type == TensorType.Q4_K) alone(mine, panel, b, c, d, token);
            else Int16Dots.one(packed, at(panel), at(b), at(c), at(d), columns / 32, activations, token, mine.outputs);
            for (int j = 0; j < PANELS && panel + j * distance < end; j++)
                write(mine.outputs, j * ROWS, panel + j * distance, token);
        }
    }

    /** Four panels of weights in Q4_K with a token, a stretch of columns after the other. */
    private void alone(Scratch mine, int a, int b, int c, int d, int token) {
        Arrays.fill(mine.outputs, 0, PANELS * ROWS, 0);
        for (int block = 0; block < columns / 32; block += BLOCKS) {
            int blocks = Math.min(BLOCKS, columns / 32 - block);
            factors(mine, a, block, blocks, 0);
            factors(mine, b, block, blocks, 1);
            factors(mine, c, block, blocks, 2);
            factors(mine, d, block, blocks, 3);
            Int16Dots.one(
                    packed, at(a, block), at(b, block), at(c, block), at(d, block), block, blocks, activations, token,
                    mine.factors, FACTORS, mine.outputs);
        }
    }

    /** Reads what some blocks of a panel in Q4_K are multiplied with. */
    private void factors(Scratch mine, int panel, int block, int blocks, int place) {
        long head = at(panel) + block / 8 * (long) Int16Panels.HEAD;
        Int16Dots.factors(packed, head, at(panel, block), blocks, mine.factors, place * FACTORS);
    }

    /** Where a panel's block begins. */
    private long at(int panel, int block) {
        return at(panel) + Int16Panels.blocks(type, columns) + (long) Int16Panels.BLOCK * block;
    }

    /** Two panels, perhaps the same, with tiles of tokens, a stretch of columns after the other. */
    private void pair(Scratch mine, int a, int b, int token, int tokens) {
        Arrays.fill(mine.outputs, 0, tokens * PAIR * ROWS, 0);
        for (int block = 0; block < columns / 32; block += BLOCKS) {
            int blocks = Math.min(BLOCKS, columns / 32 - block);
            boolean k = type == TensorType.Q4_K;
            if (k) {
                factors(mine, a, block, blocks, 0);
                factors(mine, b, block, blocks, 1);
            } else {
                Int16Dots.scales(packed, at(a, block), blocks, mine.factors, 0);
                Int16Dots.scales(packed, at(b, block), blocks, mine.factors, FACTORS);
            }
            for (int t = 0; t < tokens; t += Int16Activations.TILE) {
                int first = activations.quant(token + t) + Int16Activations.TILE * 32 * block;
                Int16Dots.tile(packed, at(a, block), at(b, block), blocks, activations.quants, first, mine.sums);
                for (int j = 0; j < Int16Activations.TILE * PAIR; j++) {
                    int scales = activations.block(token + t + j / PAIR) + Int16Activations.TILE * block;
                    int factors = j % PAIR * FACTORS;
                    int output = (t * PAIR + j) * ROWS;
                    if (k)
                        Int16Dots.addK(
                                mine.sums, j * ROWS, blocks, activations, scales, mine.factors, factors, mine.outputs, output);
                    else
                        Int16Dots.add(
                                mine.sums, j * ROWS, blocks, activations, scales, mine.factors, factors, mine.outputs, output);
                }
            }
        }
        for (int t = 0; t < tokens; t++) {
            write(mine.outputs, t * PAIR * ROWS, a, token + t);
            if (b > a) write(mine.outputs, (t * PAIR + 1) * ROWS, b, token + t);
        }
    }

    private static final class Scratch {
        final int[] rounded = new int[32];
        final short[] sums = new short[Int16Activations.TILE * PAIR * ROWS * BLOCKS];
        final float[] factors = new float[PANELS * FACTORS];
        float[] outputs = {};

        void reserve(int size) {
            if (outputs.length < size) outputs = new float[size];
        }
    }
}
