package dev.laconic.model.kv;

/** What stands beside every entry of a head and moves with it. */
abstract sealed class Beside permits EntryColumn, EntryVectors {

    /** Makes room for {@code count} entries after the first {@code size}, as yet with nothing beside them. */
    abstract void append(int size, int count);

    /** Keeps what stands beside {@code entries[0 ... count)}, which ascend. */
    abstract void keep(int[] entries, int count);

    /** Brings what stands beside {@code order[0 ... count)}, which ascend, to the front, the rest behind it in its order. */
    abstract void toFront(int[] order, int count, int size);

    /** Only the first {@code size} entries are left. */
    void truncate(int size) {}

    /** An entry has another key or value now. */
    void changed(int entry) {}

    abstract Beside copy();
}
