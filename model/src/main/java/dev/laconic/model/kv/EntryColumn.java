package dev.laconic.model.kv;

import java.util.Arrays;

/**
 * A number beside every entry of a head, such as the attention it has gathered. It moves with its entry when others are
 * evicted, is copied when the sequence is forked, and begins at zero. The first entries may go without: theirs is zero for good
 * and takes no room.
 */
public final class EntryColumn extends Beside {
    private float[] values;
    private int forgotten;

    EntryColumn(int size) {
        values = new float[Math.max(16, size)];
    }

    private EntryColumn(float[] values, int forgotten) {
        this.values = values;
        this.forgotten = forgotten;
    }

    public float get(int entry) {
        return entry < forgotten ? 0f : values[entry - forgotten];
    }

    public void set(int entry, float value) {
        if (entry >= forgotten) values[entry - forgotten] = value;
    }

    public void add(int entry, float value) {
        if (entry >= forgotten) values[entry - forgotten] += value;
    }

    /** Adds {@code addends[offset + i]} to entry i, for the first {@code count} entries. */
    public void add(float[] addends, int offset, int count) {
        int from = offset + forgotten;
        int n = count - forgotten;
        float[] to = values;
        for (int i = 0; i < n; i++) to[i] += addends[from + i];
    }

    /** The numbers of all entries but the forgotten ones; valid until entries are added or evicted. */
    public float[] values() {
        return values;
    }

    /** Leaves the first {@code count} of the head's {@code size} entries without a number. */
    public void forget(int count, int size) {
        if (count <= forgotten) return;
        values = Arrays.copyOfRange(values, count - forgotten, Math.max(size, count + 16) - forgotten);
        forgotten = count;
    }

    /** How many of the first entries have no number. */
    public int forgotten() {
        return forgotten;
    }

    @Override
    void append(int size, int count) {
        int from = size - forgotten;
        if (values.length < from + count) values = Arrays.copyOf(values, Math.max(from + count, 2 * from));
        Arrays.fill(values, from, from + count, 0f);
    }

    @Override
    void keep(int[] entries, int count) {
        int without = 0;
        while (without < count && entries[without] < forgotten) without++;
        float[] all = values;
        for (int i = without; i < count; i++) all[i - without] = all[entries[i] - forgotten];
        forgotten = without;
    }

    @Override
    void toFront(int[] order, int count, int size) {
        float[] moved = new float[forgotten + values.length];
        boolean[] taken = new boolean[size];
        for (int i = 0; i < count; i++) {
            moved[i] = get(order[i]);
            taken[order[i]] = true;
        }
        int to = count;
        for (int i = 0; i < size; i++) if (!taken[i]) moved[to++] = get(i);
        values = moved;
        forgotten = 0;
    }

    @Override
    void truncate(int size) {
        forgotten = Math.min(forgotten, size);
    }

    @Override
    EntryColumn copy() {
        return new EntryColumn(values.clone(), forgotten);
    }
}
