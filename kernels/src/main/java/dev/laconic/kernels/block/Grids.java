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

    /** Unpacks {@code points} points of {@code size} coordinates, {@code bits} bits each, that begin at byte {@code at}. */
    static byte[] read(int at, int points, int size, int bits, int... levels) {
        byte[] grid = new byte[points * size];
        for (int i = 0; i < grid.length; i++) {
            int code = 0;
            for (int b = 0; b < bits; b++) {
                int bit = i * bits + b;
                code |= (PACKED[at + bit / 8] >> bit % 8 & 1) << b;
            }
            grid[i] = (byte) levels[code];
        }
        return grid;
    }

    private static byte[] load() {
        try (InputStream in = Grids.class.getResourceAsStream("grids.bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
