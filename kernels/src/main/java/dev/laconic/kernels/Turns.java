package dev.laconic.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A rope's rotations by whole numbers of positions, computed once: what turns vectors that are rotated already to other
 * positions. Their magnitude is 1. Safe for use by several threads.
 */
public final class Turns {
    private final Rope rope;
    private final int pairs;
    private volatile Angles angles = new Angles(new float[0], new float[0], 0);
    private volatile Table table = new Table(0, 0, 0, MemorySegment.NULL, MemorySegment.NULL);

    private record Angles(float[] cos, float[] sin, int count) {}

    /**
     * Rotations as native code reads them: for each {@code stride} cosines, one for each element of a vector, and as many
     * sines; of elements that stay, one and zero. In the fine ones the sines of pairs' first elements are negated.
     *
     * @param apart how far apart the elements of a pair are, 0 where they are side by side
     * @param count rotations by less than that many positions are there
     * @param fine rotations by 0, 1, ... {@value #FINE} - 1 positions
     * @param coarse rotations by 0, 1, ... times {@value #FINE} positions
     */
    record Table(int stride, int apart, int count, MemorySegment fine, MemorySegment coarse) {
        static final int FINE = 32;
    }

    public Turns(Rope rope) {
        this.rope = new Rope(rope.pairing(), rope.frequencies(), 1f);
        pairs = rope.frequencies().length;
    }

    /** Makes ready for rotations by less than {@code count} positions in either direction. */
    public synchronized void reach(int count) {
        Angles known = angles;
        if (count <= known.count) return;
        int room = Math.max(count, 2 * known.count);
        float[] cos = Arrays.copyOf(known.cos, Math.multiplyExact(room, pairs));
        float[] sin = Arrays.copyOf(known.sin, room * pairs);
        for (int by = known.count; by < room; by++) rope.angles(by, cos, sin, by * pairs);
        angles = new Angles(cos, sin, room);
    }

    /** The table for vectors of {@code dimension} elements, made once; it reaches as far as this does. */
    Table table(int dimension) {
        int stride = PackedKv.padded(dimension);
        Table known = table;
        return known.stride == stride && known.count >= angles.count ? known : makeTable(stride);
    }

    private synchronized Table makeTable(int stride) {
        int count = angles.count;
        int rows = count / Table.FINE + 2;
        table = new Table(
                stride, interleaved() ? 0 : pairs, count, rows(stride, Table.FINE, 1, -1), rows(stride, rows, Table.FINE, 1));
        return table;
    }

    /** Rotations by 0, 1, ... times {@code step} positions, with the sines of first elements times {@code first}. */
    private MemorySegment rows(int stride, int rows, int step, int first) {
        MemorySegment segment = Arena.ofAuto().allocate(8L * stride * rows, 64);
        float[] cos = new float[pairs];
        float[] sin = new float[pairs];
        for (int row = 0; row < rows; row++) {
            rope.angles(row * step, cos, sin, 0);
            for (int c = 0; c < stride; c++) {
                boolean stays = c >= 2 * pairs;
                int pair = interleaved() ? c / 2 : c % Math.max(1, pairs);
                segment.setAtIndex(JAVA_FLOAT, 2L * stride * row + c, stays ? 1f : cos[pair]);
                int sign = (interleaved() ? c % 2 == 0 : c < pairs) ? first : 1;
                segment.setAtIndex(JAVA_FLOAT, 2L * stride * row + stride + c, stays ? 0f : sign * sin[pair]);
            }
        }
        return segment;
    }

    private boolean interleaved() {
        return rope.pairing() == Rope.Pairing.INTERLEAVED;
    }

    /** Writes a vector turned by a quarter of a circle; elements that turning leaves alone become zero. */
    void quarter(float[] x, int offset, int dimension, float[] y, int yOffset) {
        int step = interleaved() ? 2 : 1;
        int gap = interleaved() ? 1 : pairs;
        for (int i = 0; i < pairs; i++) {
            y[yOffset + i * step] = -x[offset + i * step + gap];
            y[yOffset + i * step + gap] = x[offset + i * step];
        }
        Arrays.fill(y, yOffset + 2 * pairs, yOffset + dimension, 0f);
    }

    /** Turns the vector at {@code x[offset]} by so many positions, to earlier ones if negative. */
    public void turn(float[] x, int offset, int by) {
        Angles known = angles;
        int from = Math.abs(by) * pairs;
        int step = interleaved() ? 2 : 1;
        int gap = interleaved() ? 1 : pairs;
        float sign = by < 0 ? -1f : 1f;
        for (int i = 0; i < pairs; i++) {
            int a = offset + i * step;
            float c = known.cos[from + i];
            float s = sign * known.sin[from + i];
            float x0 = x[a];
            float x1 = x[a + gap];
            x[a] = x0 * c - x1 * s;
            x[a + gap] = x0 * s + x1 * c;
        }
    }
}
