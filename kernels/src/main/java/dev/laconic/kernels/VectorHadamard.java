package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.L;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/** {@link Hadamard#turn} with vectors, to the last bit. */
final class VectorHadamard {
    private static final VectorShuffle<Float>[] SWAPS = swaps();
    private static final float[] SIGNS = signs();

    private VectorHadamard() {}

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static VectorShuffle<Float>[] swaps() {
        VectorShuffle<Float>[] swaps = new VectorShuffle[Integer.numberOfTrailingZeros(L)];
        for (int i = 0; i < swaps.length; i++) {
            int half = 1 << i;
            swaps[i] = VectorShuffle.fromOp(F, lane -> lane ^ half);
        }
        return swaps;
    }

    /** For each step within a vector, whether a lane is added to or subtracted from its partner. */
    private static float[] signs() {
        float[] signs = new float[Integer.numberOfTrailingZeros(L) * L];
        for (int i = 0; i < signs.length; i++) signs[i] = (i % L & 1 << i / L) == 0 ? 1 : -1;
        return signs;
    }

    static void turn(float[] x, int offset, int n) {
        int piece = Integer.lowestOneBit(n);
        if (piece < L) {
            Hadamard.turn(x, offset, n);
            return;
        }
        for (int half = 1, step = 0; half < L; half *= 2, step++) within(x, offset, n, step);
        for (int half = L; half < piece; half *= 2)
            for (int from = offset; from < offset + n; from += 2 * half) across(x, from, half);
        float norm = (float) (1 / Math.sqrt(piece));
        for (int i = offset; i < offset + n; i += L) FloatVector.fromArray(F, x, i).mul(norm).intoArray(x, i);
    }

    private static void within(float[] x, int offset, int n, int step) {
        VectorShuffle<Float> swap = SWAPS[step];
        FloatVector sign = FloatVector.fromArray(F, SIGNS, step * L);
        for (int i = offset; i < offset + n; i += L) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            v.mul(sign).add(v.rearrange(swap)).intoArray(x, i);
        }
    }

    private static void across(float[] x, int from, int half) {
        for (int i = from; i < from + half; i += L) {
            FloatVector a = FloatVector.fromArray(F, x, i);
            FloatVector b = FloatVector.fromArray(F, x, i + half);
            a.add(b).intoArray(x, i);
            a.sub(b).intoArray(x, i + half);
        }
    }
}
