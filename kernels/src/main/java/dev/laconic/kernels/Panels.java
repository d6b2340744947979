package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.L;

/**
 * Panels of the Vector API's kernels: as many rows side by side as a vector has lanes of 16 bits. Rows of a panel are in order,
 * but for what is stored in 16 bits a row: there lanes 2i and 2i + 1 are rows i and L + i, so that lower and upper halves of
 * lanes of 32 bits are rows in order. Zeros stand for rows that are not there.
 */
final class Panels {
    /** Rows of a panel. */
    static final int ROWS = 2 * L;

    private Panels() {}

    /** How many panels these rows are. */
    static int count(int rows) {
        return (rows + ROWS - 1) / ROWS;
    }

    /** The row of a panel that a lane of 16 bits belongs to. */
    static int row(int lane) {
        return lane / 2 + lane % 2 * L;
    }
}
