package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.L;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** A loop for each {@link Activation}: vectors must not cross calls that the compiler may leave standing. */
final class VectorActivations {
    private static final float SQRT_HALF = 0.70710678f;

    private VectorActivations() {}

    /** Needs {@code n} elements of scratch, rounded up to whole vectors, from {@code scratch[at]}. */
    static void apply(
            Activation activation, float[] x, int xOffset, float[] y, int yOffset, int n, float[] scratch, int at) {
        switch (activation) {
            case SILU -> silu(x, xOffset, y, yOffset, n);
            case GELU -> gelu(x, xOffset, y, yOffset, n, scratch, at);
            case GELU_TANH -> geluTanh(x, xOffset, y, yOffset, n);
            case GELU_QUICK -> geluQuick(x, xOffset, y, yOffset, n);
            case RELU -> relu(x, xOffset, y, yOffset, n);
            case RELU_SQUARED -> reluSquared(x, xOffset, y, yOffset, n);
            case SIGMOID -> sigmoid(x, xOffset, y, yOffset, n);
            case TANH -> tanh(x, xOffset, y, yOffset, n);
        }
    }

    private static void silu(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector v = FloatVector.fromArray(F, x, xOffset + i, mask);
            v.mul(VectorMath.sigmoid(v)).intoArray(y, yOffset + i, mask);
        }
    }

    /** In three loops, since one alone would be too large for the compiler to keep its vectors in registers. */
    private static void gelu(float[] x, int xOffset, float[] y, int yOffset, int n, float[] scratch, int at) {
        geluExponents(x, xOffset, n, scratch, at);
        for (int i = 0; i < n; i += L)
            VectorMath.exp(FloatVector.fromArray(F, scratch, at + i)).mul(0.5f).intoArray(scratch, at + i);
        geluCombine(x, xOffset, y, yOffset, n, scratch, at);
    }

    private static void geluExponents(float[] x, int xOffset, int n, float[] scratch, int at) {
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector t = FloatVector.fromArray(F, x, xOffset + i, mask).mul(SQRT_HALF);
            VectorMath.logErfc(t.abs().min(4f)).intoArray(scratch, at + i);
        }
    }

    /** Takes half the complementary error function from scratch where x is not near zero. */
    private static void geluCombine(
            float[] x, int xOffset, float[] y, int yOffset, int n, float[] scratch, int at) {
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector v = FloatVector.fromArray(F, x, xOffset + i, mask);
            FloatVector t = v.mul(SQRT_HALF);
            FloatVector tail = FloatVector.fromArray(F, scratch, at + i).blend(0f, t.abs().compare(GT, 4f));
            FloatVector far = tail.blend(tail.neg().add(1f), t.compare(GT, 0f));
            FloatVector normal = far.blend(VectorMath.halfErf(t).add(0.5f), t.abs().compare(LT, 1f));
            v.mul(normal).intoArray(y, yOffset + i, mask);
        }
    }

    private static void geluTanh(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector v = FloatVector.fromArray(F, x, xOffset + i, mask);
            v.mul(VectorMath.sigmoid(v.mul(1.5957691f).mul(v.mul(v).mul(0.044715f).add(1f)))).intoArray(y, yOffset + i, mask);
        }
    }

    private static void geluQuick(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector v = FloatVector.fromArray(F, x, xOffset + i, mask);
            v.mul(VectorMath.sigmoid(v.mul(1.702f))).intoArray(y, yOffset + i, mask);
        }
    }

    private static void relu(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector v = FloatVector.fromArray(F, x, xOffset + i, mask);
            v.max(0f).intoArray(y, yOffset + i, mask);
        }
    }

    private static void reluSquared(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector v = FloatVector.fromArray(F, x, xOffset + i, mask);
            v.max(0f).mul(v.max(0f)).intoArray(y, yOffset + i, mask);
        }
    }

    private static void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector v = FloatVector.fromArray(F, x, xOffset + i, mask);
            VectorMath.sigmoid(v).intoArray(y, yOffset + i, mask);
        }
    }

    private static void tanh(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector v = FloatVector.fromArray(F, x, xOffset + i, mask);
            VectorMath.tanh(v).intoArray(y, yOffset + i, mask);
        }
    }
}
