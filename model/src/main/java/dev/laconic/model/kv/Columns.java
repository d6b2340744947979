package dev.laconic.model.kv;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** What stands beside a head's entries, by whom it belongs to; it follows them wherever they go. */
final class Columns {
    private final Map<Object, Beside> columns = new IdentityHashMap<>(2);

    /** What belongs to {@code owner}, made on first use. */
    Beside of(Object owner, Supplier<Beside> made) {
        return columns.computeIfAbsent(owner, of -> made.get());
    }

    /** Entries come behind the first {@code size}. */
    void append(int size, int count) {
        if (!columns.isEmpty()) for (Beside beside : columns.values()) beside.append(size, count);
    }

    void keep(int[] entries, int count) {
        if (!columns.isEmpty()) for (Beside beside : columns.values()) beside.keep(entries, count);
    }

    void toFront(int[] order, int count, int size) {
        if (!columns.isEmpty()) for (Beside beside : columns.values()) beside.toFront(order, count, size);
    }

    void truncate(int size) {
        if (!columns.isEmpty()) for (Beside beside : columns.values()) beside.truncate(size);
    }

    void changed(int entry) {
        if (!columns.isEmpty()) for (Beside beside : columns.values()) beside.changed(entry);
    }

    /** Takes over copies of all that another head has. */
    void copy(Columns other) {
        other.columns.forEach((owner, beside) -> columns.put(owner, beside.copy()));
    }
}
