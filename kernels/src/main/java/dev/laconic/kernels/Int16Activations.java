package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.I;
import static dev.laconic.kernels.Lanes.L;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Rows of activations, rounded as {@link Rounded} does it with a scale for 32 or 256 of them, in the order in which
 * {@link Int16Dots} meets them, in blocks of 32. Tokens come in tiles of four, the last ones alone. A tile has the first four
 * activations of each of its tokens, then the next four, and so on.
 */
final class Int16Activations {
    /** Tokens of a tile. */
    static final int TILE = 4;

    /** 1.5 * 2^23: what is added to a small number rounds it to an integer, which stands in the lower bits. */
    private static final float MAGIC = 0x1.8p23f;

    /** An activation of 16 bits, twice. */
    int[] quants = {};
    /** Of a block: -8 times the sum of its activations in 16 bits, twice, for weights are stored with 8 added. */
    int[] starts = {};
    /** Of a block: 2^-112 times its scale, or the scale where 256 activations share one. */
    float[] scales = {};
    /** Of a block, where 256 activations share a scale: the sum of the activations, scaled. */
    float[] totals = {};

    private int columns;
    /** Activations that share a scale. */
    private int shared;
    private int tiled;

    void reserve(int n, int newColumns, int newShared) {
        columns = newColumns;
        shared = newShared;
        tiled = n / TILE * TILE;
        int size = Math.multiplyExact(n, columns);
        if (quants.length < size) quants = new int[size];
        if (scales.length < size / 32) {
            starts = new int[size / 32];
            scales = new float[size / 32];
            totals = new float[size / 32];
        }
    }

    /** Where a token's first activations are. */
    int quant(int token) {
        return token < tiled ? token / TILE * TILE * columns + token % TILE * 4 : token * columns;
    }

    /** Where the scale and the start of a token's first block are. */
    int block(int token) {
        return token < tiled ? token / TILE * TILE * (columns / 32) + token % TILE : token * (columns / 32);
    }

    /** How many tokens' activations of four columns, or scales of a block, are beside each other. */
    int together(int token) {
        return token < tiled ? TILE : 1;
    }

    /** Rounds a token's activations; {@code scratch} has 32 elements. */
    void round(int token, float[] x, int xOffset, int[] scratch) {
        int step = together(token);
        int to = quant(token);
        int block = block(token);
        float scale = 0;
        float inverse = 0;
        for (int k = 0; k < columns; k += 32, block += step) {
            if (k % shared == 0) {
                float max = Float.intBitsToFloat(largest(x, xOffset + k, shared));
                inverse = max == 0 ? 0 : 127 / max;
                scale = shared == 32 ? 0x1p-112f * Float.float16ToFloat(Float.floatToFloat16(max / 127)) : max / 127;
            }
            int sum = round(x, xOffset + k, inverse, scratch);
            scales[block] = scale;
            totals[block] = sum * scale;
            starts[block] = twice(-8 * sum);
            for (int g = 0; g < 16; g += 2, to += 4 * step) {
                quants[to] = scratch[g];
                quants[to + 1] = scratch[g + 16];
                quants[to + 2] = scratch[g + 1];
                quants[to + 3] = scratch[g + 17];
            }
        }
    }

    /** The bits of the largest magnitude; those of a NaN are larger than any number's. */
    private static int largest(float[] x, int at, int n) {
        IntVector most = IntVector.zero(I);
        for (int i = 0; i < n; i += L)
            most = most.max(FloatVector.fromArray(F, x, at + i).reinterpretAsInts().and(0x7FFFFFFF));
        return most.reduceLanes(MAX);
    }

    /** Rounds to the nearest integers, ties to even, each twice in 16 bits, and returns their sum. */
    private static int round(float[] x, int at, float inverse, int[] to) {
        IntVector sums = IntVector.zero(I);
        for (int i = 0; i < 32; i += L) {
            IntVector bits = FloatVector.fromArray(F, x, at + i).mul(inverse).add(MAGIC).reinterpretAsInts();
            IntVector upper = bits.lanewise(LSHL, 16);
            sums = sums.add(upper.lanewise(ASHR, 16));
            upper.or(upper.lanewise(LSHR, 16)).intoArray(to, i);
        }
        return sums.reduceLanes(ADD);
    }

    private static int twice(int sum) {
        return sum << 16 | sum & 0xFFFF;
    }
}
