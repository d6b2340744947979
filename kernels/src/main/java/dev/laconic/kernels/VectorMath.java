package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Elementary functions from additions, multiplications and shifts alone, so that every compiler gives the same bits.
 * Relative error is below 3e-7 unless said.
 */
final class VectorMath {
    private static final FloatVector LOG2_E = constant(1.44269504f);
    private static final FloatVector MINUS_LN_2_HIGH = constant(-0.693359375f);
    private static final FloatVector MINUS_LN_2_LOW = constant(2.12194440e-4f);
    /** Adding this to a small float leaves its nearest integer in the lowest bits. */
    private static final FloatVector ROUND = constant(12582912f);

    private static final FloatVector E2 = constant(5.0000001201e-1f);
    private static final FloatVector E3 = constant(1.6666665459e-1f);
    private static final FloatVector E4 = constant(4.1665795894e-2f);
    private static final FloatVector E5 = constant(8.3334519073e-3f);
    private static final FloatVector E6 = constant(1.3981999507e-3f);
    private static final FloatVector E7 = constant(1.9875691500e-4f);
    private static final FloatVector ONE = constant(1);

    /** Of the hyperbolic tangent near zero: {@code x + x^3 (T1 + T3 x^2 + ...)}. */
    private static final FloatVector T1 = constant(-0.333333284f);

    private static final FloatVector T3 = constant(0.133327693f);
    private static final FloatVector T5 = constant(-0.053850908f);
    private static final FloatVector T7 = constant(0.020997180f);
    private static final FloatVector T9 = constant(-0.006096714f);

    /** Half the complementary error function of z is {@code exp(-z^2) t (P0 + P1 t + ...)} with t = 1 / (1 + T z). */
    private static final FloatVector T = constant(0.4f);

    private static final FloatVector P0 = constant(0.11254540f);
    private static final FloatVector P1 = constant(0.11736283f);
    private static final FloatVector P2 = constant(0.07419357f);
    private static final FloatVector P3 = constant(0.19240911f);
    private static final FloatVector P4 = constant(-0.16783963f);
    private static final FloatVector P5 = constant(0.32438701f);
    private static final FloatVector P6 = constant(-0.18832569f);
    private static final FloatVector P7 = constant(0.03526737f);

    private VectorMath() {}

    /** {@code e^x}; zero where the result is subnormal, a number near the largest where it would be infinite. */
    static FloatVector exp(FloatVector x) {
        FloatVector inside = x.min(88.72283f);
        FloatVector shifted = inside.fma(LOG2_E, ROUND);
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(MINUS_LN_2_LOW, n.fma(MINUS_LN_2_HIGH, inside));
        FloatVector p = E7.fma(r, E6).fma(r, E5).fma(r, E4).fma(r, E3).fma(r, E2);
        p = p.fma(r.mul(r), r).add(ONE);
        IntVector power = shifted.reinterpretAsInts().lanewise(LSHL, 23);
        return p.reinterpretAsInts().add(power).reinterpretAsFloats().blend(0f, x.compare(LT, -87.33654f));
    }

    static FloatVector sigmoid(FloatVector x) {
        return ONE.div(exp(x.neg()).add(ONE));
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector square = x.mul(x);
        FloatVector p = T9.fma(square, T7).fma(square, T5).fma(square, T3).fma(square, T1);
        FloatVector near = p.fma(square.mul(x), x);
        FloatVector half = sigmoid(x.add(x));
        FloatVector far = half.add(half).sub(ONE);
        return far.blend(near, x.abs().compare(LT, 0.625f));
    }

    /** The normal distribution function; absolute error below 1e-7, relative below 1e-6 in the lower tail. */
    static FloatVector normal(FloatVector x) {
        FloatVector z = x.abs().mul(0.70710678f);
        FloatVector t = ONE.div(z.fma(T, ONE));
        FloatVector p = P7.fma(t, P6).fma(t, P5).fma(t, P4).fma(t, P3).fma(t, P2).fma(t, P1).fma(t, P0);
        FloatVector tail = p.mul(t).mul(exp(z.mul(z).neg()));
        return tail.blend(ONE.sub(tail), x.compare(GT, 0f));
    }

    private static FloatVector constant(float value) {
        return FloatVector.broadcast(F, value);
    }
}
