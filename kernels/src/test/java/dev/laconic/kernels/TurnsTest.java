package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TurnsTest {
    @ParameterizedTest
    @EnumSource(Rope.Pairing.class)
    void aTurnedVectorIsTheOneRotatedToTheOtherPosition(Rope.Pairing pairing) {
        Rope rope = new Rope(pairing, Rope.frequencies(6, 10_000), 1.3f);
        Turns turns = new Turns(rope);
        turns.reach(5);
        turns.reach(41);
        for (int by : new int[] {0, 3, 40, -17, -40}) {
            float[] x = rotated(rope, 100);
            turns.turn(x, 1, by);
            assertThat(x).containsExactly(rotated(rope, 100 + by), within(1e-5f));
        }
    }

    /** A vector with an element before it and two behind the rotated ones. */
    private static float[] rotated(Rope rope, int position) {
        float[] x = {9, 1, 2, 3, 4, 5, 6, 7, 8};
        float[] cos = new float[3];
        float[] sin = new float[3];
        rope.angles(position, cos, sin, 0);
        rope.apply(x, 1, cos, sin, 0);
        return x;
    }
}
