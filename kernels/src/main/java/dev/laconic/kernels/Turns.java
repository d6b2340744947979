package dev.laconic.kernels;

import java.util.Arrays;

/**
 * A rope's rotations by whole numbers of positions, computed once: what turns vectors that are rotated already to other
 * positions. Their magnitude is 1. Safe for use by several threads.
 */
public final class Turns {
    private final Rope rope;
    private final int pairs;
    private volatile Angles angles = new Angles(new float[0], new float[0], 0);

    private record Angles(float[] cos, float[] sin, int count) {}

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

    /** Turns the vector at {@code x[offset]} by so many positions, to earlier ones if negative. */
    public void turn(float[] x, int offset, int by) {
        Angles known = angles;
        int from = Math.abs(by) * pairs;
        int step = rope.pairing() == Rope.Pairing.INTERLEAVED ? 2 : 1;
        int gap = rope.pairing() == Rope.Pairing.INTERLEAVED ? 1 : pairs;
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
