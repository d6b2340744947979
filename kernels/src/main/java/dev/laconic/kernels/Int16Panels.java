package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.L;
import static dev.laconic.kernels.Lanes.LE;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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
        short[] words = new short[WORDS * ROWS];
        long to = first * bytes(columns);
        for (int panel = first; panel < last; panel++)
            for (int block = 0; block < columns / 32; block++, to += BLOCK) {
                for (int lane = 0; lane < ROWS; lane++) {
                    int row = panel * ROWS + lane / 2 + lane % 2 * L;
                    long at = row * rowBytes + 2L * WORDS * block;
                    for (int word = 0; word < WORDS; word++)
                        words[word * ROWS + lane] = row < rows ? matrix.get(SHORT, at + 2L * word) : 0;
                }
                MemorySegment.copy(words, 0, packed, SHORT, to, words.length);
            }
    }
}
