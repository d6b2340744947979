package dev.laconic.kernels;

import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.block.QuantCodec;

/**
 * A row of activations rounded to signed bytes, {@code x[i] = scales[i / block] * quants[i]}. Blocks of 32 round to the
 * nearest multiple of an f16 scale {@code max|x| / 127}; blocks of 256 have a float32 scale.
 */
final class Rounded {
    private byte[] quants = {};
    private float[] scales = {};
    private int block;

    /** Elements of a block of activations that meets weights of this type. */
    static int block(TensorType type) {
        return type.blockElements() == 256 ? 256 : 32;
    }

    void round(float[] x, int xOffset, int n, int newBlock) {
        block = newBlock;
        if (quants.length < n) quants = new byte[n];
        if (scales.length < (n + block - 1) / block) scales = new float[(n + block - 1) / block];
        for (int from = 0; from < n; from += block) {
            int to = Math.min(n, from + block);
            float max = 0;
            for (int i = from; i < to; i++) max = Math.max(max, Math.abs(x[xOffset + i]));
            float scale = max / 127;
            float inverse = max == 0 ? 0 : 127 / max;
            for (int i = from; i < to; i++) quants[i] = (byte) Math.rint(x[xOffset + i] * inverse);
            scales[from / block] = block == 32 ? Float.float16ToFloat(Float.floatToFloat16(scale)) : scale;
        }
    }

    /** Writes the rounded activations as float32. */
    void read(int n, float[] y, int yOffset) {
        for (int i = 0; i < n; i++) y[yOffset + i] = scales[i / block] * quants[i];
    }

    /** The product with a row of weights: sums of integers within each group, scaled. */
    float dot(QuantCodec codec, Unpacked row, int n) {
        int step = Math.min(codec.group(), block);
        double sum = 0;
        for (int from = 0; from < n; from += step) {
            int products = 0;
            int total = 0;
            for (int i = from; i < from + step; i++) {
                products += row.quants[i] * quants[i];
                total += quants[i];
            }
            int group = from / codec.group();
            double weighted = (double) row.scales[group] * products;
            if (!codec.symmetric()) weighted -= (double) row.mins[group] * total;
            sum += weighted * scales[from / block];
        }
        return (float) sum;
    }
}
