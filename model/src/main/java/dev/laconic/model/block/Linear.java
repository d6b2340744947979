package dev.laconic.model.block;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;

/**
 * {@code y = s W x + b}.
 *
 * @param weight [out, in], any element type
 * @param scale s, which some quantised weights have for a whole matrix, else 1
 * @param bias [out], or empty for none
 */
public record Linear(Tensor weight, float scale, float[] bias) {

    public Linear(Tensor weight, float[] bias) {
        this(weight, 1f, bias);
    }

    public int outputs() {
        return weight.rows();
    }

    public int inputs() {
        return weight.columns();
    }

    /** Applies to every row of the step. */
    public void apply(State state, Buffer in, Buffer out) {
        apply(state, in, out, state.size());
    }

    /** Applies to the first {@code count} rows of a buffer. */
    public void apply(State state, Buffer in, Buffer out, int count) {
        float[] y = state.reserve(out, outputs(), count);
        apply(state, state.values(in), 0, state.width(in), count, y, 0, outputs());
    }

    public void apply(State state, float[] x, int xOffset, int xStride, int n, float[] y, int yOffset, int yStride) {
        state.kernels().matmul(weight, x, xOffset, xStride, n, y, yOffset, yStride);
        finish(state, n, y, yOffset, yStride);
    }

    /** Scales products with the weight, and adds the bias. */
    void finish(State state, int n, float[] y, int yOffset, int yStride) {
        if (scale != 1f)
            for (int row = 0; row < n; row++) state.kernels().scale(scale, y, yOffset + row * yStride, outputs());
        if (bias.length == 0) return;
        for (int row = 0; row < n; row++) state.kernels().addScaled(1f, bias, 0, y, yOffset + row * yStride, bias.length);
    }
}
