package dev.laconic.model.kv;

import java.util.Arrays;

/**
 * A number beside every entry of a head, such as the attention it has gathered. It moves with its entry when others are
 * evicted, is copied when the sequence is forked, and begins at zero.
 */
public final class EntryColumn extends Beside {
    private float[] values;

    EntryColumn(int size) {
        values = new float[Math.max(16, size)];
    }

    private EntryColumn(float[] values) {
        this.values = values;
    }

    public float get(int entry) {
        return values[entry];
    }

    public void set(int entry, float value) {
        values[entry] = value;
    }

    public void add(int entry, float value) {
        values[entry] += value;
    }

    /** The numbers of all entries; the first {@code size} of the head are valid until entries are added or evicted. */
    public float[] values() {
        return values;
    }

    @Override
    void append(int size, int count) {
        if (values.length < size + count) values = Arrays.copyOf(values, Math.max(size + count, 2 * size));
        Arrays.fill(values, size, size + count, 0f);
    }

    @Override
    void keep(int[] entries, int count) {
        for (int i = 0; i < count; i++) values[i] = values[entries[i]];
    }

    @Override
    void toFront(int[] order, int count, int size) {
        float[] moved = new float[values.length];
        boolean[] taken = new boolean[size];
        for (int i = 0; i < count; i++) {
            moved[i] = values[order[i]];
            taken[order[i]] = true;
        }
        int to = count;
        for (int i = 0; i < size; i++) if (!taken[i]) moved[to++] = values[i];
        values = moved;
    }

    @Override
    EntryColumn copy() {
        return new EntryColumn(values.clone());
    }
}
