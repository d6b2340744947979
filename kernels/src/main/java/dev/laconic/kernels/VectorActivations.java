package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.L;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** A loop for each {@link Activation}: vectors must not cross calls that the compiler may leave standing. */
final class VectorActivations {
    private VectorActivations() {}

    static void apply(Activation activation, float[] x, int xOffset, float[] y, int yOffset, int n) {
        switch (activation) {
            case SILU -> silu(x, xOffset, y, yOffset, n);
            case GELU -> gelu(x, xOffset, y, yOffset, n);
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

    private static void gelu(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector v = FloatVector.fromArray(F, x, xOffset + i, mask);
            v.mul(VectorMath.normal(v)).intoArray(y, yOffset + i, mask);
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
