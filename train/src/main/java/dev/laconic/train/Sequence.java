package dev.laconic.train;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Token ids to learn from, filled from the front; some may be hidden from the model that is to predict them. */
final class Sequence {
    private final int[] ids;
    private final boolean[] hidden;
    private final float[] weights;
    private final int[] positions;
    private int size;

    /** @param length how many tokens are predicted: there is one more to see */
    Sequence(int length, int pad) {
        ids = new int[length + 1];
        hidden = new boolean[length + 1];
        weights = new float[length + 1];
        positions = IntStream.range(0, length + 1).toArray();
        Arrays.fill(ids, pad);
    }

    /** Adds a token whose prediction counts {@code weight}. */
    void add(int id, float weight) {
        ids[size] = id;
        weights[size++] = weight;
    }

    /** Fills what room is left with a token, as masked diffusion fills what lies behind the last reply. */
    void fill(int id) {
        while (room() > 0) add(id, 1);
    }

    int room() {
        return ids.length - size;
    }

    int size() {
        return size;
    }

    int length() {
        return ids.length - 1;
    }

    /** Hides a token: the model sees a mask in its place, and its prediction counts {@code weight}. */
    void hide(int position, float weight) {
        hidden[position] = true;
        weights[position] = weight;
    }

    /** The prediction of the token at {@code position} does not count. */
    void ignore(int position) {
        weights[position] = 0;
    }

    boolean isHidden(int position) {
        return hidden[position];
    }

    int id(int position) {
        return ids[position];
    }

    /**
     * Leaves out positions at one to three random places, so that distances as in a sequence of length {@code reach} are
     * learnt from a shorter one (PoSE, arXiv 2309.10400).
     */
    void stretch(RandomGenerator random, int reach) {
        int room = reach - positions.length;
        for (int jumps = 1 + random.nextInt(3); jumps > 0 && room > 0; jumps--) {
            int from = 1 + random.nextInt(length());
            int by = random.nextInt(room + 1);
            room -= by;
            for (int t = from; t < positions.length; t++) positions[t] += by;
        }
    }

    int position(int index) {
        return positions[index];
    }

    /** What the prediction of the token at {@code position} counts. */
    float weight(int position) {
        return weights[position];
    }
}
