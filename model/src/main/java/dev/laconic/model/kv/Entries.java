package dev.laconic.model.kv;

import dev.laconic.kernels.Kernels;

/** Entries on their way from page to page, decoded. */
final class Entries {
    private static final ThreadLocal<Entries> SCRATCH = ThreadLocal.withInitial(Entries::new);

    float[] keys = {};
    float[] values = {};
    int[] positions = {};
    float[] weights = {};

    private Entries() {}

    /** This thread's own, with room for so many entries; valid until it is asked for again. */
    static Entries scratch(KvFormat format, int entries) {
        Entries scratch = SCRATCH.get();
        if (scratch.keys.length < entries * format.keyDimension())
            scratch.keys = new float[entries * format.keyDimension()];
        if (scratch.values.length < entries * format.valueDimension())
            scratch.values = new float[entries * format.valueDimension()];
        if (scratch.positions.length < entries) {
            scratch.positions = new int[entries];
            scratch.weights = new float[entries];
        }
        return scratch;
    }

    /** Reads {@code n} entries of a page from {@code slot} on, as entries {@code at} and those that follow. */
    void read(Kernels kernels, Page page, int slot, int n, int at) {
        int key = page.format().keyDimension();
        int value = page.format().valueDimension();
        kernels.kv(page.format().keys()).read(page.data(), page.keyBase(), slot, n, key, keys, at * key, key);
        kernels.kv(page.format().values()).read(page.data(), page.valueBase(), slot, n, value, values, at * value, value);
        for (int i = 0; i < n; i++) {
            positions[at + i] = page.position(slot + i);
            weights[at + i] = page.weight(slot + i);
        }
    }
}
