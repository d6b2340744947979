package dev.laconic.kernels;

import static dev.laconic.kernels.Panels.ROWS;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Weights in Q8_0, packed in {@link Panels}. A block of 32 columns has the quants of one column after the other, by rows, then
 * a vector of f16 scales.
 */
final class Q8Panels {
    /** Bytes of a panel's block. */
    static final int BLOCK = 34 * ROWS;

    /** Bytes of a row's blocks that are packed at once. */
    private static final int STRETCH = 8 * 34;

    private Q8Panels() {}

    /** Bytes of a panel. */
    static long bytes(int columns) {
        return columns / 32 * (long) BLOCK;
    }

    /** Packs panels {@code first} to {@code last} of a matrix to their places in {@code packed}. */
    static void pack(MemorySegment matrix, int rows, int columns, int first, int last, MemorySegment packed) {
        int rowBytes = (int) TensorType.Q8_0.bytes(columns);
        byte[] some = new byte[STRETCH * ROWS];
        byte[] turned = new byte[STRETCH * ROWS];
        for (int panel = first; panel < last; panel++)
            for (int at = 0; at < rowBytes; at += STRETCH) {
                int stretch = Math.min(STRETCH, rowBytes - at);
                for (int i = 0; i < ROWS; i++) {
                    long row = (long) panel * ROWS + i;
                    int to = i * STRETCH;
                    if (row < rows)
                        MemorySegment.copy(matrix, ValueLayout.JAVA_BYTE, row * rowBytes + at, some, to, stretch);
                    else Arrays.fill(some, to, to + stretch, (byte) 0);
                }
                for (int block = 0; block < stretch; block += 34) turn(some, block, turned, block * ROWS);
                MemorySegment.copy(
                        turned, 0, packed, ValueLayout.JAVA_BYTE, panel * bytes(columns) + (long) at * ROWS, stretch * ROWS);
            }
    }

    private static void turn(byte[] some, int from, byte[] turned, int to) {
        for (int lane = 0; lane < ROWS; lane++) {
            int row = from + Panels.row(lane) * STRETCH;
            turned[to + 32 * ROWS + 2 * lane] = some[row];
            turned[to + 32 * ROWS + 2 * lane + 1] = some[row + 1];
        }
        for (int i = 2; i < 34; i++)
            for (int row = 0; row < ROWS; row++) turned[to + (i - 2) * ROWS + row] = some[from + row * STRETCH + i];
    }
}
