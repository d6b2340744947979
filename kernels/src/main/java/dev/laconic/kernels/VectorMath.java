package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/**
 * Elementary functions from additions, multiplications and shifts alone, so that every compiler gives the same bits.
 * Relative error is below 3e-7 unless said.
 */
final class VectorMath {
    private static final float LOG2_E = 1.44269504f;
    private static final float LN_2_HIGH = 0.693359375f;
    private static final float LN_2_LOW = -2.12194440e-4f;
    /** Adding this to a small float leaves its nearest integer in the lowest bits. */
    private static final float ROUND = 12582912f;

    private VectorMath() {}

    /** {@code e^x}; zero where the result is subnormal. */
    static FloatVector exp(FloatVector x) {
        FloatVector inside = x.max(-88f).min(89f);
        FloatVector shifted = inside.fma(constant(LOG2_E), constant(ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(constant(-LN_2_LOW), n.fma(constant(-LN_2_HIGH), inside));
        FloatVector p = constant(1.9875691500e-4f);
        p = p.fma(r, constant(1.3981999507e-3f));
        p = p.fma(r, constant(8.3334519073e-3f));
        p = p.fma(r, constant(4.1665795894e-2f));
        p = p.fma(r, constant(1.6666665459e-1f));
        p = p.fma(r, constant(5.0000001201e-1f));
        p = p.fma(r.mul(r), r).add(1f);
        FloatVector power = p.reinterpretAsInts()
                .add(shifted.reinterpretAsInts().lanewise(LSHL, 23))
                .reinterpretAsFloats();
        return power.blend(0f, x.compare(LT, -87.33654f)).blend(Float.POSITIVE_INFINITY, x.compare(GE, 88.72284f));
    }

    static FloatVector sigmoid(FloatVector x) {
        return constant(1).div(exp(x.neg()).add(1f));
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector square = x.mul(x);
        FloatVector p = constant(-0.006096714f);
        p = p.fma(square, constant(0.020997180f));
        p = p.fma(square, constant(-0.053850908f));
        p = p.fma(square, constant(0.133327693f));
        p = p.fma(square, constant(-0.333333284f));
        FloatVector near = p.fma(square.mul(x), x);
        FloatVector far = constant(1).sub(constant(2).div(exp(x.add(x)).add(1f)));
        return far.blend(near, x.abs().compare(LT, 0.625f));
    }

    /** Half the error function of t, for t from -1 to 1. */
    static FloatVector halfErf(FloatVector t) {
        FloatVector square = t.mul(t);
        FloatVector p = constant(7.8758749e-5f);
        p = p.fma(square, constant(-8.0168643e-4f));
        p = p.fma(square, constant(5.1890872e-3f));
        p = p.fma(square, constant(-2.6854211e-2f));
        p = p.fma(square, constant(1.1283594e-1f));
        p = p.fma(square, constant(-3.7612626e-1f));
        p = p.fma(square, constant(1.1283791f));
        return p.mul(t).mul(0.5f);
    }

    /** The logarithm of {@code 1 - erf(t)}, for t from 1 to 4; absolute error below 3e-6. */
    static FloatVector logErfc(FloatVector t) {
        FloatVector p = constant(1.6371514e-6f);
        p = p.fma(t, constant(-4.6058045e-5f));
        p = p.fma(t, constant(5.9680565e-4f));
        p = p.fma(t, constant(-4.7595962e-3f));
        p = p.fma(t, constant(2.6421135e-2f));
        p = p.fma(t, constant(-1.1008009e-1f));
        p = p.fma(t, constant(-6.3182604e-1f));
        p = p.fma(t, constant(-1.1302334f));
        return p.fma(t, constant(3.2013806e-4f));
    }

    private static FloatVector constant(float value) {
        return FloatVector.broadcast(F, value);
    }
}
