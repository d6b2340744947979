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
    private static final byte[] CONSECUTIVE = {};
    private static final short[] NEAR = {};
    private static final int[] NEARER = {};
    private static final float[] ONES = {};

    private final KvFormat format;
    private final MemorySegment data;
    private final boolean cold;
    private final Page storage;
    private final AtomicInteger owners = new AtomicInteger(1);
    private boolean placed;
    /** Position of slot 0 where positions are consecutive; else what the others are told from. */
    private int firstPosition;

    /** Distances from the first position, where positions have gaps and all lie less than 256 behind it. */
    private byte[] steps;
    /** Distances from the first position, where some are further away, or before it. */
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
        steps = storage.steps;
        distances = storage.distances;
        positions = storage.positions;
        weights = storage.weights;
        minPosition = storage.minPosition;
        maxPosition = storage.maxPosition;
    }

    void reset() {
        owners.set(1);
        placed = false;
        steps = CONSECUTIVE;
        distances = NEAR;
        positions = NEARER;
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
                + steps.length
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
        if (steps.length > 0) return firstPosition + (steps[slot] & 0xFF);
        if (distances.length > 0) return firstPosition + distances[slot];
        return positions.length > 0 ? positions[slot] : firstPosition + slot;
    }

    /** Whether each entry's position is one more than that of the entry before it. */
    public boolean consecutive() {
        return steps.length == 0 && distances.length == 0 && positions.length == 0;
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
        int distance = position - firstPosition;
        if (consecutive() && distance != slot) widen(distance);
        else if (steps.length > 0 && distance != (distance & 0xFF)) widen(distance);
        else if (distances.length > 0 && distance != (short) distance) widen(distance);
        if (steps.length > 0) steps[slot] = (byte) distance;
        else if (distances.length > 0) distances[slot] = (short) distance;
        else if (positions.length > 0) positions[slot] = position;
        if (weight != 1f && !weighted()) {
            weights = new float[format.entriesPerPage()];
            Arrays.fill(weights, 1f);
        }
        if (weighted()) weights[slot] = weight;
        minPosition = Math.min(minPosition, position);
        maxPosition = Math.max(maxPosition, position);
    }

    /** Stores positions one by one, in as few bits as hold what they were and another distance from the first. */
    private void widen(int distance) {
        int room = format.entriesPerPage();
        int[] each = new int[room];
        positions(0, room, each);
        boolean bytes = consecutive() && room <= 256 && distance == (distance & 0xFF);
        boolean shorts = !bytes && distances.length == 0 && distance == (short) distance;
        steps = bytes ? new byte[room] : CONSECUTIVE;
        distances = shorts ? new short[room] : NEAR;
        positions = bytes || shorts ? NEARER : each;
        for (int slot = 0; slot < room; slot++)
            if (bytes) steps[slot] = (byte) (each[slot] - firstPosition);
            else if (shorts) distances[slot] = (short) (each[slot] - firstPosition);
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
        steps = CONSECUTIVE;
        distances = NEAR;
        positions = NEARER;
    }

    /** Becomes a copy of a page of the same format, byte for byte. */
    void copyAll(Page from) {
        MemorySegment.copy(from.data, 0, data, 0, data.byteSize());
        placed = from.placed;
        firstPosition = from.firstPosition;
        steps = from.steps.clone();
        distances = from.distances.clone();
        positions = from.positions.clone();
        weights = from.weighted() ? from.weights.clone() : ONES;
        minPosition = from.minPosition;
        maxPosition = from.maxPosition;
    }

    /** Copies entries' keys and values from a page of the same appendable types, byte for byte. */
    void copyEntries(Page from, int fromSlot, int toSlot, int count) {
        long keyBytes = format.keys().bytes(format.keyDimension());
        long valueBytes = format.values().bytes(format.valueDimension());
        MemorySegment.copy(from.data, fromSlot * keyBytes, data, toSlot * keyBytes, count * keyBytes);
        MemorySegment.copy(from.data, from.valueBase() + fromSlot * valueBytes, data, valueBase() + toSlot * valueBytes,
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
