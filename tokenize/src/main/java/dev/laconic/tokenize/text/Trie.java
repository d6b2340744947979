package dev.laconic.tokenize.text;

import java.util.Arrays;

/** Strings in a prefix tree, for finding all that begin at a place. Grows until it is shared, then only read. */
public final class Trie {
    /** The node before the first character. */
    public static final int ROOT = 0;
    /** What a step gives where no string goes on. */
    public static final int NONE = -1;

    private final long[] firsts = new long[1 << 10];
    private long[] edges;
    private int[] children;
    private int edgeCount;
    private int[] values = {NONE, NONE};
    private int nodes = 1;

    public Trie(int expectedCharacters) {
        int capacity = Integer.highestOneBit(Math.max(8, expectedCharacters)) << 1;
        edges = new long[capacity];
        children = new int[capacity];
    }

    /** Adds a string that is not empty; a later equal string takes the place of an earlier one. */
    public void add(CharSequence string, int value) {
        char first = string.charAt(0);
        firsts[first >> 6] |= 1L << first;
        int node = ROOT;
        for (int i = 0; i < string.length(); i++) node = extend(node, string.charAt(i));
        values[node] = value;
    }

    /** Whether some string begins with {@code c}. */
    public boolean begins(char c) {
        return (firsts[c >> 6] & 1L << c) != 0;
    }

    public int step(int node, char c) {
        long edge = edge(node, c);
        int mask = edges.length - 1;
        for (int slot = slot(edge, mask); edges[slot] != 0; slot = slot + 1 & mask) {
            if (edges[slot] == edge) return children[slot];
        }
        return NONE;
    }

    /** The value of the string that ends at a node, or {@link #NONE}. */
    public int value(int node) {
        return values[node];
    }

    /** The value of the string {@code [from, to)}, or {@link #NONE}. */
    public int find(char[] chars, int from, int to) {
        int node = ROOT;
        for (int i = from; i < to && node != NONE; i++) node = step(node, chars[i]);
        return node == NONE ? NONE : values[node];
    }

    /** Length of the longest string that begins at {@code from}, or 0. */
    public int longest(char[] chars, int from, int to) {
        if (!begins(chars[from])) return 0;
        int longest = 0;
        int node = ROOT;
        for (int i = from; i < to; ) {
            node = step(node, chars[i++]);
            if (node == NONE) break;
            if (values[node] != NONE) longest = i - from;
        }
        return longest;
    }

    private int extend(int node, char c) {
        int child = step(node, c);
        if (child != NONE) return child;
        if (++edgeCount * 2L > edges.length) grow();
        if (++nodes > values.length) values = Arrays.copyOf(values, values.length * 2);
        child = nodes - 1;
        values[child] = NONE;
        put(edge(node, c), child);
        return child;
    }

    private void put(long edge, int child) {
        int mask = edges.length - 1;
        int slot = slot(edge, mask);
        while (edges[slot] != 0) slot = slot + 1 & mask;
        edges[slot] = edge;
        children[slot] = child;
    }

    private void grow() {
        long[] oldEdges = edges;
        int[] oldChildren = children;
        edges = new long[oldEdges.length * 2];
        children = new int[oldEdges.length * 2];
        for (int i = 0; i < oldEdges.length; i++) if (oldEdges[i] != 0) put(oldEdges[i], oldChildren[i]);
    }

    /** Never zero, so that zero marks an empty slot. */
    private static long edge(int node, char c) {
        return (long) (node + 1) << 16 | c;
    }

    private static int slot(long edge, int mask) {
        long h = edge * 0x9E3779B97F4A7C15L;
        return (int) (h >>> 32 ^ h >>> 47) & mask;
    }
}
