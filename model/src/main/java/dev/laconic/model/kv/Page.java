package dev.laconic.model.kv;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Room for a fixed number of entries of one layer and head. Positions take memory only where they do not follow on one
 * another, and weights only where one differs from 1. A page that more than one owner holds is immutable: writing through
 * {@link HeadCache} copies it first.
 */
public final class Page {
    private static final short[] CONSECUTIVE = {};
    private static final int[] NEAR = {};
    private static final float[] ONES = {};

    private final KvFormat format;
    private final MemorySegment data;
    private final boolean cold;
    private final Page storage;
    private final AtomicInteger owners = new AtomicInteger(1);
    private boolean placed;
    /** Position of slot 0 where positions are consecutive; else what the others are told from. */
    private int firstPosition;

    /** Distances from the first position, where positions have gaps and all are that near. */
    private short[] distances;
    /** Positions, where some are further apart than that. */
    private int[] positions;
    private float[] weights;
    private int minPosition;
    private int maxPosition;

    Page(KvFormat format, MemorySegment data, boolean cold) {
        this.format = format;
        this.data = data;
        this.cold = cold;
        storage = this;
        reset();
    }

    /** What one layer's head holds of a page that a head of another layer holds as well; it is not written any more. */
    Page(KvFormat format, Page storage) {
        this.format = format;
        this.data = storage.data;
        cold = storage.cold;
        this.storage = storage;
        storage.retain();
        placed = true;
        firstPosition = storage.firstPosition;
        distances = storage.distances;
        positions = storage.positions;
        weights = storage.weights;
        minPosition = storage.minPosition;
        maxPosition = storage.maxPosition;
    }

    void reset() {
        owners.set(1);
        placed = false;
        distances = CONSECUTIVE;
        positions = NEAR;
        weights = ONES;
        minPosition = Integer.MAX_VALUE;
        maxPosition = Integer.MIN_VALUE;
    }

    public KvFormat format() {
        return format;
    }

    /** Whether keys and values lie outside fast memory. */
    public boolean cold() {
        return cold;
    }

    /** The page whose bytes these are: this one, or another layer's that shares them. */
    public Page storage() {
        return storage;
    }

    /** Bytes this page takes now: keys, values, and positions and weights where it holds them one by one. */
    public long bytes() {
        return format.pageBytes()
                + (long) distances.length * Short.BYTES
                + (long) positions.length * Integer.BYTES
                + (long) weights.length * Float.BYTES;
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

    /** Position of an entry in the text. */
    public int position(int slot) {
        if (far()) return positions[slot];
        return firstPosition + (consecutive() ? slot : distances[slot]);
    }

    /** Whether each entry's position is one more than that of the entry before it. */
    public boolean consecutive() {
        return distances.length == 0 && !far();
    }

    private boolean far() {
        return positions.length > 0;
    }

    /** Writes the positions of slots {@code from} to {@code to} to {@code into[0 ... to - from)}. */
    public void positions(int from, int to, int[] into) {
        for (int slot = from; slot < to; slot++) into[slot - from] = position(slot);
    }

    /** How many tokens an entry stands for; its attention score gains the logarithm. */
    public float weight(int slot) {
        return weighted() ? weights[slot] : 1f;
    }

    /** Whether weights may differ from one. */
    public boolean weighted() {
        return weights.length > 0;
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

    /** Sets an entry's position and weight; {@link #bytes} may grow by it. */
    void place(int slot, int position, float weight) {
        if (!placed) firstPosition = position - slot;
        placed = true;
        if (consecutive() && position != firstPosition + slot) {
            distances = new short[format.entriesPerPage()];
            for (int i = 0; i < distances.length; i++) distances[i] = (short) i;
        }
        int distance = position - firstPosition;
        if (!consecutive() && !far() && distance != (short) distance) {
            int[] each = new int[distances.length];
            positions(0, each.length, each);
            positions = each;
            distances = CONSECUTIVE;
        }
        if (far()) positions[slot] = position;
        else if (!consecutive()) distances[slot] = (short) distance;
        if (weight != 1f && !weighted()) {
            weights = new float[format.entriesPerPage()];
            Arrays.fill(weights, 1f);
        }
        if (weighted()) weights[slot] = weight;
        minPosition = Math.min(minPosition, position);
        maxPosition = Math.max(maxPosition, position);
    }

    /** Moves all entries by {@code delta} positions. */
    void move(int delta) {
        firstPosition += delta;
        for (int slot = 0; slot < positions.length; slot++) positions[slot] += delta;
        minPosition += delta;
        maxPosition += delta;
    }

    /** Gives up the positions of the first {@code count} slots, all that are taken, where they are consecutive again. */
    void settle(int count) {
        for (int slot = 1; slot < count; slot++) if (position(slot) != position(0) + slot) return;
        firstPosition = position(0);
        distances = CONSECUTIVE;
        positions = NEAR;
    }

    /** Becomes a copy of a page of the same format, byte for byte. */
    void copyAll(Page from) {
        MemorySegment.copy(from.data, 0, data, 0, data.byteSize());
        placed = from.placed;
        firstPosition = from.firstPosition;
        distances = from.distances.clone();
        positions = from.positions.clone();
        weights = from.weighted() ? from.weights.clone() : ONES;
        minPosition = from.minPosition;
        maxPosition = from.maxPosition;
    }

    /** Copies entries' keys and values from a page of the same appendable format, byte for byte. */
    void copyEntries(Page from, int fromSlot, int toSlot, int count) {
        long keyBytes = format.keys().bytes(format.keyDimension());
        long valueBytes = format.values().bytes(format.valueDimension());
        MemorySegment.copy(from.data, fromSlot * keyBytes, data, toSlot * keyBytes, count * keyBytes);
        MemorySegment.copy(from.data, valueBase() + fromSlot * valueBytes, data, valueBase() + toSlot * valueBytes,
                count * valueBytes);
    }

    void retain() {
        owners.incrementAndGet();
    }

    /** Gives up one hold; true if it was the last. */
    boolean release() {
        return owners.decrementAndGet() == 0;
    }
}
