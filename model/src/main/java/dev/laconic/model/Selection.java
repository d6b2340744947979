package dev.laconic.model;

import dev.laconic.kernels.Turns;
import java.util.Arrays;

/**
 * Ascending entry indexes that attention is restricted to; grows as needed and is used again. An entry may be attended to
 * as if it stood some positions further on.
 */
public final class Selection {
    private int[] entries = new int[64];
    private int[] shifts = new int[64];
    private int size;
    private Turns turns;

    public void clear() {
        size = 0;
    }

    /** Says how keys are turned for the entries that are moved; it must reach as far as they are. */
    public void turns(Turns newTurns) {
        turns = newTurns;
    }

    public Turns turns() {
        return turns;
    }

    public void add(int entry) {
        add(entry, 0);
    }

    /** Adds an entry that is attended to {@code by} positions further on than it stands; see {@link #turns}. */
    public void add(int entry, int by) {
        if (size > 0 && entry <= entries[size - 1])
            throw new IllegalArgumentException("selected entries must ascend: " + entries[size - 1] + ", " + entry);
        if (size == entries.length) {
            entries = Arrays.copyOf(entries, 2 * size);
            shifts = Arrays.copyOf(shifts, 2 * size);
        }
        entries[size] = entry;
        shifts[size++] = by;
    }

    /** Adds {@code from} up to, not including, {@code to}. */
    public void addRange(int from, int to) {
        addRange(from, to, 0);
    }

    /** Adds {@code from} up to, not including, {@code to}, moved as {@link #add(int, int)} says. */
    public void addRange(int from, int to, int by) {
        for (int entry = from; entry < to; entry++) add(entry, by);
    }

    public int size() {
        return size;
    }

    public int entry(int index) {
        return entries[index];
    }

    /** Positions that an entry is moved by. */
    public int shift(int index) {
        return shifts[index];
    }

    /** The index after those, from {@code index} on, that stand side by side below {@code limit} and are moved alike. */
    public int endOfRun(int index, int limit) {
        int past = (int) Math.min(size, (long) index + limit - entries[index]);
        int end = index + 1;
        while (end < past && entries[end] == entries[end - 1] + 1 && shifts[end] == shifts[index]) end++;
        return end;
    }
}
