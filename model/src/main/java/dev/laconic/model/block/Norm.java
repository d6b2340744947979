package dev.laconic.model.block;

import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;

/** Normalisation of rows, or of the head vectors in them. */
public final class Norm implements State.RowOperation {
    private enum Kind {
        RMS,
        LAYER
    }

    private final Kind kind;
    private final float[][] weights;
    private final float[] bias;
    private final float epsilon;
    private final int size;

    private Norm(Kind kind, float[] weight, float[] bias, float epsilon, int size) {
        this(kind, new float[][] {weight}, bias, epsilon, size);
    }

    private Norm(Kind kind, float[][] weights, float[] bias, float epsilon, int size) {
        this.kind = kind;
        this.weights = weights;
        this.bias = bias;
        this.epsilon = epsilon;
        this.size = size;
    }

    /** {@code x / sqrt(mean(x^2) + epsilon) * weight} over vectors of {@code weight.length}. */
    public static Norm rms(float[] weight, float epsilon) {
        return new Norm(Kind.RMS, weight, new float[0], epsilon, weight.length);
    }

    /** RMS norm over vectors of {@code size}, without a weight. */
    public static Norm rms(int size, float epsilon) {
        return new Norm(Kind.RMS, new float[0], new float[0], epsilon, size);
    }

    /** {@code (x - mean) / sqrt(variance + epsilon) * weight + bias}; the bias may be empty. */
    public static Norm layer(float[] weight, float[] bias, float epsilon) {
        return new Norm(Kind.LAYER, weight, bias, epsilon, weight.length);
    }

    /** Layer norm without bias over vectors side by side, the i-th of a row with the i-th weight. */
    public static Norm layerPerHead(float[][] weights, float epsilon) {
        return new Norm(Kind.LAYER, weights.clone(), new float[0], epsilon, weights[0].length);
    }

    /** Layer norm over vectors of {@code size}, without weight and bias. */
    public static Norm layer(int size, float epsilon) {
        return new Norm(Kind.LAYER, new float[0], new float[0], epsilon, size);
    }

    /** Whether normalised elements are multiplied with weights. */
    boolean weighted() {
        return weights[0].length > 0;
    }

    /** Normalises every row of {@code in} into {@code out}, which may be the same buffer. */
    public void apply(State state, Buffer in, Buffer out) {
        apply(state, in, out, state.size());
    }

    /** Normalises the first {@code count} rows. */
    public void apply(State state, Buffer in, Buffer out, int count) {
        if (in != out) state.reserve(out, state.width(in), count);
        state.forRows(this, in, out, count);
    }

    /** A row may hold several vectors of the norm's size side by side: each is normalised on its own. */
    @Override
    public void apply(State state, Buffer in, Buffer out, int fromRow, int toRow) {
        int width = state.width(in);
        float[] x = state.values(in);
        float[] y = state.values(out);
        int vectors = width / size;
        for (int row = fromRow; row < toRow; row++)
            for (int i = 0; i < vectors; i++) vector(state, i % weights.length, x, row * width + i * size, y);
    }

    /** Normalises one vector in place. */
    public void apply(State state, float[] x) {
        vector(state, 0, x, 0, x);
    }

    private void vector(State state, int weight, float[] x, int offset, float[] y) {
        switch (kind) {
            case RMS -> state.kernels().rmsNorm(x, offset, weights[weight], epsilon, y, offset, size);
            case LAYER -> state.kernels().layerNorm(x, offset, weights[weight], bias, epsilon, y, offset, size);
        }
    }
}
