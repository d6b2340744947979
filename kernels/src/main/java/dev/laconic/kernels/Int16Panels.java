package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.LE;
import static dev.laconic.kernels.Panels.ROWS;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Weights in Q4_0 or Q4_K, packed in {@link Panels}, a lane of 16 bits for each row. A block of 32 columns is nine vectors:
 * scales, then eight of quants, of which vector g holds columns 2g, 2g + 16, 2g + 1 and 2g + 17 from the lowest four bits up. In
 * Q4_0 scales are f16: those are the nine words of a block as files have them, word by word. In Q4_K they are 6-bit codes in the
 * lower byte, with those of minimums in the upper one, and before all blocks of the panel come two vectors for each 256 columns:
 * what scales are multiplied with, in f16, and what minimums are.
 */
final class Int16Panels {
    /** Bytes of a vector, and of a panel's block. */
    static final int VECTOR = 2 * ROWS;

    private static final int WORDS = 9;
    static final int BLOCK = WORDS * VECTOR;

    /** Bytes of what 256 columns in Q4_K have in common. */
    static final int HEAD = 2 * VECTOR;

    /** Words of a row that are packed at once: whole blocks of both types. */
    private static final int STRETCH = 8 * WORDS;

    /** Words of a block of 256 columns as files in Q4_K have it. */
    private static final int WORDS_K = 72;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);

    private Int16Panels() {}

    /** Bytes of a panel. */
    static long bytes(TensorType type, int columns) {
        return blocks(type, columns) + columns / 32 * (long) BLOCK;
    }

    /** Where in a panel its blocks begin. */
    static long blocks(TensorType type, int columns) {
        return type == TensorType.Q4_K ? columns / 256 * (long) HEAD : 0;
    }

    /** Packs panels {@code first} to {@code last} of a matrix to their places in {@code packed}. */
    static void pack(
            TensorType type, MemorySegment matrix, int rows, int columns, int first, int last, MemorySegment packed) {
        int words = WORDS * (columns / 32);
        short[] some = new short[STRETCH * ROWS];
        short[] turned = new short[STRETCH * ROWS];
        short[] block = new short[WORDS_K];
        short[] heads = new short[2 * ROWS];
        for (int panel = first; panel < last; panel++) {
            long to = panel * bytes(type, columns);
            for (int word = 0; word < words; word += STRETCH) {
                int stretch = Math.min(STRETCH, words - word);
                for (int lane = 0; lane < ROWS; lane++) {
                    int row = panel * ROWS + Panels.row(lane);
                    if (row >= rows) {
                        Arrays.fill(some, lane * STRETCH, lane * STRETCH + stretch, (short) 0);
                        heads[lane] = heads[ROWS + lane] = 0;
                    } else if (type == TensorType.Q4_0) {
                        long from = row * type.bytes(columns) + 2L * word;
                        MemorySegment.copy(matrix, SHORT, from, some, lane * STRETCH, stretch);
                    } else {
                        long from = row * type.bytes(columns) + word / STRETCH * type.blockBytes();
                        MemorySegment.copy(matrix, SHORT, from, block, 0, WORDS_K);
                        heads[lane] = block[0];
                        heads[ROWS + lane] = block[1];
                        blocks(block, some, lane * STRETCH);
                    }
                }
                turn(some, turned);
                long at = to + blocks(type, columns) + (long) VECTOR * word;
                MemorySegment.copy(turned, 0, packed, SHORT, at, stretch * ROWS);
                if (type == TensorType.Q4_K)
                    MemorySegment.copy(heads, 0, packed, SHORT, to + word / STRETCH * (long) HEAD, 2 * ROWS);
            }
        }
    }

    /** Writes a row's block of 256 columns in Q4_K as eight of 32. */
    private static void blocks(short[] block, short[] to, int at) {
        for (int group = 0; group < 8; group++, at += WORDS) {
            to[at] = (short) (six(block, group) | six(block, group + 8) << 8);
            int quants = 8 + group / 2 * 16;
            for (int i = 0; i < 8; i++) {
                int first = (block[quants + i] & 0xFFFF) >> group % 2 * 4 & 0x0F0F;
                int second = (block[quants + 8 + i] & 0xFFFF) >> group % 2 * 4 & 0x0F0F;
                to[at + 1 + i] = (short) (first | second << 4);
            }
        }
    }

    /** One of eight 6-bit scales, which eight minimums follow: the later four of each have their upper bits elsewhere. */
    private static int six(short[] block, int i) {
        int group = i % 8;
        int kind = i / 8;
        if (group < 4) return code(block, 4 * kind + group) & 63;
        return code(block, 4 + group) >> 4 * kind & 15 | code(block, 4 * kind + group - 4) >> 6 << 4;
    }

    private static int code(short[] block, int i) {
        return block[2 + i / 2] >> i % 2 * 8 & 0xFF;
    }

    private static void turn(short[] some, short[] turned) {
        for (int word = 0; word < STRETCH; word++)
            for (int lane = 0; lane < ROWS; lane++) turned[word * ROWS + lane] = some[lane * STRETCH + word];
    }
}
