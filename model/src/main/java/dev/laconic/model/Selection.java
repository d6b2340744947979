package dev.laconic.model;

import java.util.Arrays;

/** Ascending entry indexes that attention is restricted to; grows as needed and is used again. */
public final class Selection {
    private int[] entries = new int[64];
    private int size;

    public void clear() {
        size = 0;
    }

    public void add(int entry) {
        if (size > 0 && entry <= entries[size - 1])
            throw new IllegalArgumentException("selected entries must ascend: " + entries[size - 1] + ", " + entry);
        if (size == entries.length) entries = Arrays.copyOf(entries, 2 * size);
        entries[size++] = entry;
    }

    /** Adds {@code from} up to, not including, {@code to}. */
    public void addRange(int from, int to) {
        for (int entry = from; entry < to; entry++) add(entry);
    }

    public int size() {
        return size;
    }

    public int entry(int index) {
        return entries[index];
    }
}
