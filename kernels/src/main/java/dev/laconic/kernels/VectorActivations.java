package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.L;

import jdk.incubator.vector.FloatVector;

/**
 * A loop for each {@link Activation}, in place over whole vectors. The compiler keeps vectors in registers only while
 * every operation on them is compiled in place, some thirty for one method with all that it pulls in; the rest become
 * calls, and their vectors objects. So each loop is a method of its own with one caller, and long enough to be compiled
 * before that.
 */
final class VectorActivations {
    private VectorActivations() {}

    static void apply(Activation activation, float[] x, int n) {
        switch (activation) {
            case SILU -> silu(x, n);
            case GELU -> gelu(x, n);
            case GELU_TANH -> geluTanh(x, n);
            case GELU_QUICK -> geluQuick(x, n);
            case RELU -> relu(x, n);
            case RELU_SQUARED -> reluSquared(x, n);
            case SIGMOID -> sigmoid(x, n);
            case TANH -> tanh(x, n);
        }
    }

    private static void silu(float[] x, int n) {
        for (int i = 0; i < n; i += L) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            v.mul(VectorMath.sigmoid(v)).intoArray(x, i);
        }
    }

    private static void gelu(float[] x, int n) {
        for (int i = 0; i < n; i += L) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            v.mul(VectorMath.normal(v)).intoArray(x, i);
        }
    }

    private static void geluTanh(float[] x, int n) {
        for (int i = 0; i < n; i += L) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            v.mul(VectorMath.sigmoid(v.mul(1.5957691f).mul(v.mul(v).mul(0.044715f).add(1f)))).intoArray(x, i);
        }
    }

    private static void geluQuick(float[] x, int n) {
        for (int i = 0; i < n; i += L) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            v.mul(VectorMath.sigmoid(v.mul(1.702f))).intoArray(x, i);
        }
    }

    private static void relu(float[] x, int n) {
        for (int i = 0; i < n; i += L) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            v.max(0f).intoArray(x, i);
        }
    }

    private static void reluSquared(float[] x, int n) {
        for (int i = 0; i < n; i += L) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            FloatVector positive = v.max(0f);
            positive.mul(positive).intoArray(x, i);
        }
    }

    private static void sigmoid(float[] x, int n) {
        for (int i = 0; i < n; i += L) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            VectorMath.sigmoid(v).intoArray(x, i);
        }
    }

    private static void tanh(float[] x, int n) {
        for (int i = 0; i < n; i += L) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            VectorMath.tanh(v).intoArray(x, i);
        }
    }
}
