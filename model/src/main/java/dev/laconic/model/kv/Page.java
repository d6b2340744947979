package dev.laconic.model.kv;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Room for a fixed number of entries of one layer and head. A page that more than one owner holds is immutable: writing
 * through {@link HeadCache} copies it first.
 */
public final class Page {
    private final KvFormat format;
    private final MemorySegment data;
    private final int[] positions;
    private final float[] weights;
    private final AtomicInteger owners = new AtomicInteger(1);
    private int minPosition;
    private int maxPosition;
    private boolean weighted;

    Page(KvFormat format, MemorySegment data) {
        this.format = format;
        this.data = data;
        this.positions = new int[format.entriesPerPage()];
        this.weights = new float[format.entriesPerPage()];
        reset();
    }

    void reset() {
        owners.set(1);
        minPosition = Integer.MAX_VALUE;
        maxPosition = Integer.MIN_VALUE;
        weighted = false;
        Arrays.fill(weights, 1f);
    }

    public KvFormat format() {
        return format;
    }

    /** Encoded keys from {@link #keyBase()}, values from {@link #valueBase()}. */
    public MemorySegment data() {
        return data;
    }

    public long keyBase() {
        return 0;
    }

    public long valueBase() {
        return format.valueBase();
    }

    /** Position of each entry in the text. */
    public int[] positions() {
        return positions;
    }

    /** How many tokens each entry stands for; its attention score gains the logarithm. */
    public float[] weights() {
        return weights;
    }

    /** Whether any weight differs from one. */
    public boolean weighted() {
        return weighted;
    }

    /** A bound that no entry's position is below. */
    public int minPosition() {
        return minPosition;
    }

    /** A bound that no entry's position is above. */
    public int maxPosition() {
        return maxPosition;
    }

    public boolean shared() {
        return owners.get() > 1;
    }

    void place(int slot, int position, float weight) {
        positions[slot] = position;
        weights[slot] = weight;
        weighted |= weight != 1f;
        minPosition = Math.min(minPosition, position);
        maxPosition = Math.max(maxPosition, position);
    }

    /** Copies the first {@code count} entries of a page of the same format, byte for byte. */
    void copyAll(Page from, int count) {
        MemorySegment.copy(from.data, 0, data, 0, data.byteSize());
        for (int slot = 0; slot < count; slot++) place(slot, from.positions[slot], from.weights[slot]);
    }

    /** Copies one entry with its position and weight from a page of the same appendable format, byte for byte. */
    void copyEntry(Page from, int fromSlot, int toSlot) {
        long keyBytes = format.keys().bytes(format.keyDimension());
        long valueBytes = format.values().bytes(format.valueDimension());
        MemorySegment.copy(from.data, fromSlot * keyBytes, data, toSlot * keyBytes, keyBytes);
        MemorySegment.copy(
                from.data, valueBase() + fromSlot * valueBytes, data, valueBase() + toSlot * valueBytes, valueBytes);
        place(toSlot, from.positions[fromSlot], from.weights[fromSlot]);
    }

    void retain() {
        owners.incrementAndGet();
    }

    /** Gives up one hold; true if it was the last. */
    boolean release() {
        return owners.decrementAndGet() == 0;
    }
}
