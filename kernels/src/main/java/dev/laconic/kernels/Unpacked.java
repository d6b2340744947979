package dev.laconic.kernels;

/** A row of quantised weights taken apart. */
final class Unpacked {
    byte[] quants = {};
    float[] scales = {};
    float[] mins = {};

    void reserve(int columns, int group) {
        if (quants.length < columns) quants = new byte[columns];
        if (scales.length < columns / group) {
            scales = new float[columns / group];
            mins = new float[columns / group];
        }
    }
}
