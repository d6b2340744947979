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

    /** Turns {@code n} elements from {@code offset}, in {@code n log n} steps, two of the logarithm at a time. */
    static void turn(float[] x, int offset, int n) {
        int piece = Integer.lowestOneBit(n);
        int half = 1;
        if (Integer.numberOfTrailingZeros(piece) % 2 == 1) {
            for (int i = offset; i < offset + n; i += 2) {
                float a = x[i];
                float b = x[i + 1];
                x[i] = a + b;
                x[i + 1] = a - b;
            }
            half = 2;
        }
        for (; half < piece; half *= 4)
            for (int from = offset; from < offset + n; from += 4 * half)
                for (int i = from; i < from + half; i++) {
                    float a = x[i] + x[i + half];
                    float b = x[i] - x[i + half];
                    float c = x[i + 2 * half] + x[i + 3 * half];
                    float d = x[i + 2 * half] - x[i + 3 * half];
                    x[i] = a + c;
                    x[i + half] = b + d;
                    x[i + 2 * half] = a - c;
                    x[i + 3 * half] = b - d;
                }
        float norm = norm(n);
        for (int i = offset; i < offset + n; i++) x[i] *= norm;
    }
}
