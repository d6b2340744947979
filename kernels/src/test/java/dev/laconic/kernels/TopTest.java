package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.laconic.kernels.KernelOptions.Activations;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TopTest {
    private static final float[] RARE = {
        0f, -0f, Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.MIN_VALUE, -Float.MAX_VALUE
    };

    private static final NativeLibrary LIBRARY = NativeLibrary.find();

    static Stream<Arguments> tops() {
        return Stream.concat(
                Stream.of(Arguments.argumentSet("scalar", new ScalarTop())),
                IntStream.range(0, LIBRARY.sets())
                        .mapToObj(set -> Arguments.argumentSet(LIBRARY.name(set), new NativeTop(LIBRARY, set))));
    }

    @Test
    void nativeKernelsFindInNativeCode() {
        assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
        try (Kernels kernels = Kernels.of(new KernelOptions("native", 1, Activations.INT8))) {
            assertThat(kernels.top()).isInstanceOf(NativeTop.class);
        }
    }

    @ParameterizedTest
    @MethodSource("tops")
    void findsWhatSortingWould(Top top) {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 2000; round++) {
            int size = random.nextInt(1, round % 100 == 0 ? 5000 : 300);
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
