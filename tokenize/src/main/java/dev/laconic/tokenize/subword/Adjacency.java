package dev.laconic.tokenize.subword;

/**
 * Which characters may stand side by side within a token. Between two that never do, no merge ever reaches across, so
 * that a long piece can be cut there. Errs on the side of yes.
 */
final class Adjacency {
    private static final int BITS = 20;

    private final long[] seen = new long[1 << BITS - 6];

    void add(char left, char right) {
        int bit = bit(left, right);
        seen[bit >> 6] |= 1L << bit;
    }

    boolean isPossible(char left, char right) {
        int bit = bit(left, right);
        return (seen[bit >> 6] & 1L << bit) != 0;
    }

    private static int bit(char left, char right) {
        return (left << 16 | right) * 0x9E3779B1 >>> 32 - BITS;
    }
}
