package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.L;
import static dev.laconic.kernels.Lanes.LE;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Weights in Q4_0, packed in panels of {@link #ROWS} rows, a lane of 16 bits for each row. A block of 32 columns is nine
 * vectors: one of f16 scales, then eight of quants, of which vector g holds columns 2g, 2g + 16, 2g + 1 and 2g + 17 from the
 * lowest four bits up. Those are the nine words of a block as files have them, word by word. Lanes 2i and 2i + 1 are rows i
 * and L + i: as 32 bits, lower and upper halves are rows in order. Zeros stand for rows that are not there.
 */
final class Int16Panels {
    /** Rows of a panel: lanes of 16 bits in a vector. */
    static final int ROWS = 2 * L;

    /** Bytes of a vector, and of a panel's block. */
    static final int VECTOR = 2 * ROWS;

    private static final int WORDS = 9;
    static final int BLOCK = WORDS * VECTOR;

    /** Words of a row that are packed at once. */
    private static final int STRETCH = 8 * WORDS;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);

    private Int16Panels() {}

    /** How many panels these rows are. */
    static int count(int rows) {
        return (rows + ROWS - 1) / ROWS;
    }

    /** Bytes of a panel. */
    static long bytes(int columns) {
        return columns / 32 * (long) BLOCK;
    }

    /** Packs panels {@code first} to {@code last} of a matrix to their places in {@code packed}. */
    static void pack(MemorySegment matrix, int rows, int columns, int first, int last, MemorySegment packed) {
        long rowBytes = TensorType.Q4_0.bytes(columns);
        int words = WORDS * (columns / 32);
        short[] some = new short[STRETCH * ROWS];
        short[] turned = new short[STRETCH * ROWS];
        for (int panel = first; panel < last; panel++)
            for (int word = 0; word < words; word += STRETCH) {
                int stretch = Math.min(STRETCH, words - word);
                for (int lane = 0; lane < ROWS; lane++) {
                    int row = panel * ROWS + lane / 2 + lane % 2 * L;
                    int to = lane * STRETCH;
                    if (row < rows) MemorySegment.copy(matrix, SHORT, row * rowBytes + 2L * word, some, to, stretch);
                    else Arrays.fill(some, to, to + stretch, (short) 0);
                }
                turn(some, turned);
                MemorySegment.copy(
                        turned, 0, packed, SHORT, panel * bytes(columns) + (long) VECTOR * word, stretch * ROWS);
            }
    }

    private static void turn(short[] some, short[] turned) {
        for (int word = 0; word < STRETCH; word++)
            for (int lane = 0; lane < ROWS; lane++) turned[word * ROWS + lane] = some[lane * STRETCH + word];
    }
}
