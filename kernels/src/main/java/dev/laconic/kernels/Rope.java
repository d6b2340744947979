package dev.laconic.kernels;

/**
 * Rotary position embedding: pair {@code i} of a head vector is turned by {@code position * frequencies[i]}; the rest
 * of the vector stays. Every published scaling (linear, NTK, YaRN, llama3) is a choice of frequencies and magnitude.
 *
 * @param pairing which elements form pair i
 * @param frequencies radians per position for each pair; twice their number is the rotated dimension
 * @param magnitude factor on the rotated elements of queries and keys (YaRN's attention factor), else 1
 */
public record Rope(Pairing pairing, float[] frequencies, float magnitude) {

    public enum Pairing {
        /** Elements 2i and 2i+1. */
        INTERLEAVED,
        /** Elements i and i + d/2. */
        HALVES
    }

    /** Number of leading elements of a head that are rotated. */
    public int dimension() {
        return 2 * frequencies.length;
    }

    /** Plain frequencies {@code base^(-2i/dimension)}. */
    public static float[] frequencies(int dimension, double base) {
        float[] frequencies = new float[dimension / 2];
        for (int i = 0; i < frequencies.length; i++) frequencies[i] = (float) Math.pow(base, -2.0 * i / dimension);
        return frequencies;
    }

    /** Fills {@code cos} and {@code sin} (one value per pair, from {@code offset}) for a position, magnitude included. */
    public void angles(int position, float[] cos, float[] sin, int offset) {
        for (int i = 0; i < frequencies.length; i++) {
            double angle = (double) position * frequencies[i];
            cos[offset + i] = (float) (Math.cos(angle) * magnitude);
            sin[offset + i] = (float) (Math.sin(angle) * magnitude);
        }
    }

    /** Turns one head vector at {@code x[xOffset]} by the angles that {@link #angles} gave. */
    public void apply(float[] x, int xOffset, float[] cos, float[] sin, int anglesOffset) {
        int pairs = frequencies.length;
        int step = pairing == Pairing.INTERLEAVED ? 2 : 1;
        int gap = pairing == Pairing.INTERLEAVED ? 1 : pairs;
        for (int i = 0; i < pairs; i++) {
            int a = xOffset + i * step;
            int b = a + gap;
            float c = cos[anglesOffset + i];
            float s = sin[anglesOffset + i];
            float x0 = x[a];
            float x1 = x[b];
            x[a] = x0 * c - x1 * s;
            x[b] = x0 * s + x1 * c;
        }
    }
}
