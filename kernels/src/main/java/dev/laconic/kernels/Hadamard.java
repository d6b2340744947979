package dev.laconic.kernels;

/**
 * The orthonormal Walsh-Hadamard transform, its own inverse. A vector whose length is no power of two is turned in pieces
 * of the largest power of two that divides it.
 */
final class Hadamard {
    private Hadamard() {}

    /** What the pieces of {@code n} elements are scaled with. */
    static float norm(int n) {
        return (float) (1 / Math.sqrt(Integer.lowestOneBit(n)));
    }

    /** Turns {@code n} elements from {@code offset}, in {@code n log n} steps. */
    static void turn(float[] x, int offset, int n) {
        int piece = Integer.lowestOneBit(n);
        for (int half = 1; half < piece; half *= 2)
            for (int from = offset; from < offset + n; from += 2 * half)
                for (int i = from; i < from + half; i++) {
                    float a = x[i];
                    float b = x[i + half];
                    x[i] = a + b;
                    x[i + half] = a - b;
                }
        float norm = norm(n);
        for (int i = offset; i < offset + n; i++) x[i] *= norm;
    }
}
