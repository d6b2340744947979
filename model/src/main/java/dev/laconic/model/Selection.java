package dev.laconic.model;

import dev.laconic.kernels.Turns;
import java.util.Arrays;
import java.util.Optional;

/**
 * Ascending entry indexes that attention is restricted to; grows as needed and is used again. An entry may be attended to
 * as if it stood some positions further on.
 */
public final class Selection {
    private int[] entries = new int[64];
    private int[] shifts = new int[64];
    private int size;
    private boolean moved;
    private Optional<Turns> turns = Optional.empty();

    public void clear() {
        size = 0;
        moved = false;
    }

    /** Says how keys are turned for the entries that are moved; it must reach as far as they are. */
    public void turns(Turns newTurns) {
        if (turns.isEmpty() || turns.get() != newTurns) turns = Optional.of(newTurns);
    }

    public Optional<Turns> turns() {
        return turns;
    }

    public void add(int entry) {
        add(entry, 0);
    }

    /** Adds an entry that is attended to {@code by} positions further on than it stands; see {@link #turns}. */
    public void add(int entry, int by) {
        if (size > 0 && entry <= entries[size - 1])
            throw new IllegalArgumentException("selected entries must ascend: " + entries[size - 1] + ", " + entry);
        if (size == entries.length) grow(2 * size);
        entries[size] = entry;
        shifts[size++] = by;
        moved |= by != 0;
    }

    /** Adds the first {@code count} of some entries. */
    public void addAll(int[] added, int count) {
        int last = size == 0 ? -1 : entries[size - 1];
        for (int i = 0; i < count; i++) {
            if (added[i] <= last)
                throw new IllegalArgumentException("selected entries must ascend: " + last + ", " + added[i]);
            last = added[i];
        }
        if (entries.length < size + count) grow(Math.max(size + count, 2 * size));
        System.arraycopy(added, 0, entries, size, count);
        Arrays.fill(shifts, size, size + count, 0);
        size += count;
    }

    private void grow(int length) {
        entries = Arrays.copyOf(entries, length);
        shifts = Arrays.copyOf(shifts, length);
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

    /** All entries: the first {@link #size} of these, until more are added. */
    public int[] entries() {
        return entries;
    }

    /** The index after those, from {@code index} on, that stand below {@code limit}. */
    public int end(int index, int limit) {
        int end = index + 1;
        while (end < size && entries[end] < limit) end++;
        return end;
    }

    /** How many entries stand below {@code limit}. */
    public int below(int limit) {
        int found = Arrays.binarySearch(entries, 0, size, limit);
        return found >= 0 ? found : -found - 1;
    }

    /** Whether any entry is moved. */
    public boolean moved() {
        return moved;
    }

    /** By how many positions each of the {@link #entries} is moved. */
    public int[] shifts() {
        return shifts;
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
