package dev.laconic.model.kv;

import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvKernel;

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

    /** Writes the first {@code n} to slots {@code slot} and those that follow of a page that is one head's alone. */
    void write(Kernels kernels, int n, PageList pages, Page page, int slot) {
        int key = page.format().keyDimension();
        int value = page.format().valueDimension();
        kernels.kv(page.format().keys()).write(keys, 0, key, n, page.data(), page.keyBase(), slot, key);
        kernels.kv(page.format().values()).write(values, 0, value, n, page.data(), page.valueBase(), slot, value);
        place(n, pages, page, slot);
    }

    /**
     * Writes the first {@code n} to a page that is one head's alone.
     *
     * @param keyFactors what keys' channels are divided by; empty, where the type has no such factors or chooses them itself
     * @param valueFactors the same for values
     */
    void write(Kernels kernels, int n, PageList pages, Page page, float[] keyFactors, float[] valueFactors) {
        write(kernels.kv(page.format().keys()), keys, n, page, page.keyBase(), page.format().keyDimension(), keyFactors);
        write(kernels.kv(page.format().values()), values, n, page, page.valueBase(), page.format().valueDimension(),
                valueFactors);
        place(n, pages, page, 0);
    }

    private static void write(KvKernel kernel, float[] x, int n, Page page, long base, int dimension, float[] factors) {
        if (factors.length == 0) kernel.write(x, 0, dimension, n, page.data(), base, 0, dimension);
        else kernel.write(x, 0, dimension, n, page.data(), base, dimension, factors);
    }

    private void place(int n, PageList pages, Page page, int slot) {
        for (int i = 0; i < n; i++) pages.place(page, slot + i, positions[i], weights[i]);
    }
}
