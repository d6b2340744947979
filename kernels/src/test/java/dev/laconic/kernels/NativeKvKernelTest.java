package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.laconic.kernels.KernelOptions.Activations;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What native code writes in every instruction set of this processor, byte for byte as the scalar reference, at odd sizes. */
@Timeout(120)
class NativeKvKernelTest {
    private static final NativeLibrary LIBRARY = NativeLibrary.find();
    private static final int[] DIMENSIONS = {1, 2, 3, 16, 31, 32, 33, 64, 80, 97, 128, 160, 256};
    private static final int[] COUNTS = {1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 131};
    private static final byte UNTOUCHED = 0x5A;

    private final Kernels scalar = new ScalarKernels(Team.of(1), Activations.F32, "");
    private final Samples samples = new Samples(17);

    static Stream<Arguments> setsAndTypes() {
        assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
        return IntStream.range(0, LIBRARY.sets())
                .boxed()
                .flatMap(set -> Arrays.stream(KvType.values())
                        .filter(type -> type.bits() > 0 && !type.paired() || type == KvType.F16 || type == KvType.BF16)
                        .map(type -> Arguments.argumentSet(LIBRARY.name(set) + ", " + type, set, type)));
    }

    static Stream<Arguments> setsAndTypesWithFactors() {
        return setsAndTypes().filter(each -> ((KvType) each.get()[1]).grouping() == KvType.Grouping.SEPARABLE);
    }

    private KvKernel natively(int set, KvType type) {
        assertThat(NativeKvKernel.knows(type)).isTrue();
        return new NativeKvKernel(type, () -> scalar.kv(type), LIBRARY, set);
    }

    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void writesWhatTheReferenceWrites(int set, KvType type) {
        for (int dimension : DIMENSIONS)
            for (int n : COUNTS) {
                int stride = dimension + n % 3;
                check(set, type, samples.normal(n * stride), stride, n, dimension);
            }
    }

    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void tiesZerosAndExtremesAreNoOther(int set, KvType type) {
        DoubleUnaryOperator[] shapes = {
            v -> 0, v -> -0.0, v -> 3.25, v -> Math.rint(v), v -> v < 0 ? -0.0 : 0, v -> Math.rint(2 * v) / 2 + 100, v -> v * 1e-7,
            v -> v * 1e-40, v -> v * 20_000, v -> v > 1.5 ? 1000 * v : v, v -> Math.pow(v, 3)
        };
        for (DoubleUnaryOperator shape : shapes)
            for (int dimension : new int[] {3, 32, 40, 64, 128})
                for (int n : new int[] {1, 5, 64, 70}) {
                    float[] x = samples.normal(n * dimension);
                    for (int i = 0; i < x.length; i++) x[i] = (float) shape.applyAsDouble(x[i]);
                    check(set, type, x, dimension, n, dimension);
                }
    }

    @ParameterizedTest
    @MethodSource("setsAndTypesWithFactors")
    void dividesByTheFactorsThatItIsGiven(int set, KvType type) {
        for (int dimension : DIMENSIONS)
            for (int n : COUNTS) {
                float[] x = samples.normal(n * dimension);
                float[] factors = samples.normal(dimension);
                for (int c = 0; c < dimension; c++) factors[c] = c == 2 ? 0 : Math.abs(factors[c]) + 0.01f;
                MemorySegment expected = page(type, dimension, n);
                MemorySegment found = page(type, dimension, n);
                scalar.kv(type).write(x, 0, dimension, n, expected, 8, dimension, factors);
                natively(set, type).write(x, 0, dimension, n, found, 8, dimension, factors);
                assertThat(found.mismatch(expected)).as("%d x %d", n, dimension).isEqualTo(-1);
            }
    }

    /** A cache that holds what is no number must not look sound. */
    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void whatIsNoNumberStaysNone(int set, KvType type) {
        int dimension = 64;
        int n = 64;
        for (int at : new int[] {0, 5, 63, 64, 700, n * dimension - 1}) {
            float[] x = samples.normal(n * dimension);
            x[at] = Float.NaN;
            MemorySegment page = page(type, dimension, n);
            natively(set, type).write(x, 0, dimension, n, page, 8, 0, dimension);
            float[] back = new float[n * dimension];
            scalar.kv(type).read(page, 8, 0, n, dimension, back, 0, dimension);
            assertThat(back[at]).isNaN();
        }
    }

    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void readsWhatWasWritten(int set, KvType type) {
        for (int dimension : DIMENSIONS)
            for (int n : COUNTS) {
                MemorySegment page = page(type, dimension, n + 3);
                natively(set, type).write(samples.normal(n * dimension), 0, dimension, n, page, 8, 0, dimension);
                int from = type.appendable() ? n / 3 : 0;
                float[] expected = new float[2 + n * (dimension + 3)];
                float[] found = expected.clone();
                scalar.kv(type).read(page, 8, from, n - from, dimension, expected, 2, dimension + 3);
                natively(set, type).read(page, 8, from, n - from, dimension, found, 2, dimension + 3);
                assertThat(found).as("%d x %d", n, dimension).isEqualTo(expected);
                assertThatThrownBy(() -> natively(set, type).read(page, 8, 0, n, dimension, new float[n * dimension - 1], 0, dimension))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
    }

    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void nothingIsWrittenBehindAPage(int set, KvType type) {
        KvKernel kernel = natively(set, type);
        MemorySegment page = Samples.nativeSegment(type.bytes(64, 64) - 1);
        assertThatThrownBy(() -> kernel.write(new float[64 * 64], 0, 64, 64, page, 0, 0, 64))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private void check(int set, KvType type, float[] x, int stride, int n, int dimension) {
        MemorySegment expected = page(type, dimension, n + 3);
        MemorySegment found = page(type, dimension, n + 3);
        int at = type.appendable() ? 3 : 0;
        scalar.kv(type).write(x, 0, stride, n, expected, 8, at, dimension);
        natively(set, type).write(x, 0, stride, n, found, 8, at, dimension);
        assertThat(found.mismatch(expected)).as("%d x %d", n, dimension).isEqualTo(-1);
    }

    private static MemorySegment page(KvType type, int dimension, int n) {
        MemorySegment page = Samples.nativeSegment(8 + type.bytes(dimension, n) + 64);
        return page.fill(UNTOUCHED);
    }
}
