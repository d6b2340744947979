package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopTest {
    private static final float[] RARE = {
        0f, -0f, Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.MIN_VALUE, -Float.MAX_VALUE
    };

    @Test
    void findsWhatSortingWould() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Top top = new Top();
        for (int round = 0; round < 2000; round++) {
            int size = random.nextInt(1, 300);
            int count = random.nextInt(-1, size + 3);
            boolean fewValues = random.nextBoolean();
            float[] scores = new float[size + random.nextInt(3)];
            for (int i = 0; i < scores.length; i++)
                scores[i] = switch (random.nextInt(8)) {
                    case 0 -> RARE[random.nextInt(RARE.length)];
                    case 1 -> Float.intBitsToFloat(random.nextInt());
                    default -> fewValues ? random.nextInt(3) : (float) random.nextDouble(-1, 1);
                };
            int found = top.find(scores, size, count);
            int[] expected = IntStream.range(0, size)
                    .boxed()
                    .sorted(Comparator.<Integer, Float>comparing(i -> scores[i]).thenComparing(i -> i).reversed())
                    .limit(Math.max(0, count))
                    .mapToInt(i -> i)
                    .sorted()
                    .toArray();
            assertThat(Arrays.copyOf(top.kept(), found)).as("-Dseed=" + seed).isEqualTo(expected);
        }
    }
}
