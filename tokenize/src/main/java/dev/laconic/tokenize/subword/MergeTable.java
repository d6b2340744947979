package dev.laconic.tokenize.subword;

/** Pairs of adjacent symbols that merge into one, with their rank: the lower merges first. */
public final class MergeTable {
    /** No merge. */
    public static final long NONE = Long.MAX_VALUE;

    private long[] pairs;
    private long[] merges;
    private int size;

    public MergeTable(int expected) {
        int capacity = Integer.highestOneBit(Math.max(8, expected) * 2) << 1;
        pairs = new long[capacity];
        merges = new long[capacity];
    }

    /** @return rank in the high and merged symbol in the low half, or {@link #NONE} */
    public long find(int left, int right) {
        long pair = key(left, right);
        int mask = pairs.length - 1;
        for (int slot = slot(pair, mask); pairs[slot] != 0; slot = slot + 1 & mask) {
            if (pairs[slot] == pair) return merges[slot];
        }
        return NONE;
    }

    /** Adds a merge unless the pair has one; says whether it was added. */
    public boolean add(int left, int right, int rank, int merged) {
        return put(left, right, rank, merged, false);
    }

    /** Adds a merge in place of the one the pair may have. */
    public void set(int left, int right, int rank, int merged) {
        put(left, right, rank, merged, true);
    }

    /** Which characters some merge brings together. */
    Adjacency adjacency(SymbolTable symbols) {
        Adjacency adjacency = new Adjacency();
        for (long pair : pairs) {
            if (pair == 0) continue;
            int left = (int) (pair >>> 32) - 1;
            int right = (int) pair - 1;
            int leftLength = symbols.length(left);
            if (leftLength > 0 && symbols.length(right) > 0)
                adjacency.add(symbols.charAt(left, leftLength - 1), symbols.charAt(right, 0));
        }
        return adjacency;
    }

    private boolean put(int left, int right, int rank, int merged, boolean replace) {
        if (++size * 2 > pairs.length) grow();
        long pair = key(left, right);
        int mask = pairs.length - 1;
        int slot = slot(pair, mask);
        while (pairs[slot] != 0) {
            if (pairs[slot] == pair) {
                if (replace) merges[slot] = (long) rank << 32 | merged;
                return false;
            }
            slot = slot + 1 & mask;
        }
        pairs[slot] = pair;
        merges[slot] = (long) rank << 32 | merged;
        return true;
    }

    private void grow() {
        long[] oldPairs = pairs;
        long[] oldMerges = merges;
        pairs = new long[oldPairs.length * 2];
        merges = new long[oldPairs.length * 2];
        int mask = pairs.length - 1;
        for (int i = 0; i < oldPairs.length; i++) {
            if (oldPairs[i] == 0) continue;
            int slot = slot(oldPairs[i], mask);
            while (pairs[slot] != 0) slot = slot + 1 & mask;
            pairs[slot] = oldPairs[i];
            merges[slot] = oldMerges[i];
        }
    }

    /** Never zero, so that zero marks an empty slot. */
    private static long key(int left, int right) {
        return (long) (left + 1) << 32 | right + 1L;
    }

    private static int slot(long pair, int mask) {
        long h = pair * 0x9E3779B97F4A7C15L;
        h ^= h >>> 32;
        h *= 0xD6E8FEB86659FD93L;
        return (int) (h >>> 32) & mask;
    }
}
