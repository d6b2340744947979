package dev.laconic.kernels.block;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The lattice points that the IQ formats index, as the formats publish them. The resource holds every coordinate as the
 * number of its level, lowest bits first: 256, 512 and 1024 points of 8 for IQ2, 256 and 512 points of 4 for IQ3, 2048
 * points of 8 for IQ1.
 */
final class Grids {
    private static final byte[] PACKED = load();

    private Grids() {}

    /** Points of eight coordinates, {@code bits} bits each, that begin at byte {@code at}; one byte a coordinate. */
    static long[] eights(int at, int points, int bits, int... levels) {
        long[] grid = new long[points];
        for (int i = 0; i < points; i++)
            for (int k = 0; k < 8; k++) grid[i] |= (levels[code(at, 8 * i + k, bits)] & 0xFFL) << 8 * k;
        return grid;
    }

    /** Points of four coordinates. */
    static int[] fours(int at, int points, int bits, int... levels) {
        int[] grid = new int[points];
        for (int i = 0; i < points; i++)
            for (int k = 0; k < 4; k++) grid[i] |= (levels[code(at, 4 * i + k, bits)] & 0xFF) << 8 * k;
        return grid;
    }

    private static int code(int at, int index, int bits) {
        int code = 0;
        for (int b = 0; b < bits; b++) {
            int bit = index * bits + b;
            code |= (PACKED[at + bit / 8] >> bit % 8 & 1) << b;
        }
        return code;
    }

    private static byte[] load() {
        try (InputStream in = Grids.class.getResourceAsStream("grids.bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
