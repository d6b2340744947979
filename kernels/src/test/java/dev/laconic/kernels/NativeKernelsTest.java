package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.KernelOptions.Activations;
import dev.laconic.kernels.block.Blocks;
import dev.laconic.testkit.Forked;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The native kernels in every instruction set of this processor against the scalar reference, at odd sizes. */
class NativeKernelsTest {
    private static final NativeLibrary LIBRARY = NativeLibrary.find();
    private static final TensorType[] TYPES = {
        TensorType.F16, TensorType.BF16, TensorType.Q8_0, TensorType.Q4_0, TensorType.Q4_K, TensorType.Q6_K
    };

    private final Samples samples = new Samples(11);

    @Nested
    class Choice {
        @Test
        void whereThereIsALibraryItIsTheDefault() {
            assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
            String expected = "native-" + LIBRARY.name(LIBRARY.set()) + "/int8, vector-\\d+";
            assertThat(name(KernelOptions.defaults())).matches(expected);
            assertThat(name(KernelOptions.defaults().withProvider("native"))).matches(expected);
            assertThat(name(KernelOptions.defaults().withActivations(Activations.INT8))).matches(expected + "/int8");
        }

        @Test
        void whatHasNotRunIsNotSaidToHave() {
            assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
            try (Kernels kernels = Kernels.of(KernelOptions.defaults())) {
                String own = "native-" + LIBRARY.name(LIBRARY.set()) + "/int8";
                kernels.scale(2, new float[] {1}, 0, 1);
                assertThat(kernels.kv(KvType.F16).type()).isEqualTo(KvType.F16);
                assertThat(kernels.used()).isEqualTo(own);
                kernels.softmax(new float[] {1}, 0, 1);
                assertThat(kernels.used()).isEqualTo(kernels.name()).startsWith(own + ", vector-");
            }
        }

        @Test
        void float32ActivationsAreMultipliedByTheVectorApi() {
            assertThat(name(KernelOptions.defaults().withActivations(Activations.F32))).matches("vector-\\d+");
            assertThat(name(KernelOptions.defaults().withProvider("vector").withActivations(Activations.F32)))
                    .matches("vector-\\d+");
            assertThat(name(KernelOptions.defaults().withProvider("scalar"))).isEqualTo("scalar");
        }

        @Test
        void anotherLibraryIsSaidToBeOne() {
            Path other = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("prefs"));
            assumeThat(other).exists();
            with("laconic.native", other.toString(), () -> assertThat(name(KernelOptions.defaults()))
                    .contains("(no native kernels: the library is another one, or of another version than ")
                    .contains(other.toString()));
        }

        @Test
        void aMissingLibraryIsSaid(@TempDir Path folder) {
            Path absent = folder.resolve("library");
            with("laconic.native", absent.toString(), () -> {
                assertThat(name(KernelOptions.defaults()))
                        .matches("vector-\\d+, Q4_0\\+Q4_K/int8 "
                                + "\\(no native kernels: the library cannot be loaded: .*library.*\\)");
                assertThat(name(KernelOptions.defaults().withActivations(Activations.INT8)))
                        .matches("vector-\\d+/int8 \\(no native kernels: .*\\)");
                assertThatThrownBy(() -> name(KernelOptions.defaults().withProvider("native")))
                        .isInstanceOf(UsageException.class)
                        .hasMessageContaining("'native' is not available: the library cannot be loaded");
                return null;
            });
            with("laconic.native", "off", () -> assertThat(name(KernelOptions.defaults())).contains("switched off"));
        }

        @Test
        void whereJavaMayNotCallNativeCodeItComputes(@TempDir Path folder) throws Exception {
            Forked.Result result = Forked.run(
                    folder, 60, List.of("--illegal-native-access=deny", "--add-modules", "jdk.incubator.vector"),
                    PrintName.class.getName(), List.of());
            assertThat(result.output()).containsPattern("vector-\\d+, Q4_0\\+Q4_K/int8 \\(no native kernels: .*\\)");
            assertThat(result.exit()).isZero();
        }

        @Test
        void aNarrowerInstructionSetMayBeAskedFor() {
            assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
            with("laconic.native.set", LIBRARY.name(0), () -> assertThat(name(KernelOptions.defaults()))
                    .startsWith("native-" + LIBRARY.name(0) + "/int8"));
            with("laconic.native.set", "mmx", () -> assertThatThrownBy(() -> name(KernelOptions.defaults()))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("'mmx'"));
        }

        private static String name(KernelOptions options) {
            try (Kernels kernels = Kernels.of(options.withThreads(1))) {
                return kernels.name();
            }
        }

        private static void with(String property, String value, Supplier<?> action) {
            System.setProperty(property, value);
            try {
                action.get();
            } finally {
                System.clearProperty(property);
            }
        }
    }

    /** Prints what runs by default. */
    static final class PrintName {
        public static void main(String[] arguments) {
            System.out.println(Choice.name(KernelOptions.defaults()));
        }
    }

    static Stream<Arguments> setsAndTypes() {
        assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
        return Stream.iterate(0, set -> set < LIBRARY.sets(), set -> set + 1)
                .flatMap(set -> Arrays.stream(TYPES)
                        .map(type -> Arguments.argumentSet(LIBRARY.name(set) + ", " + type, set, type)));
    }

    /** What a set multiplies weights of a type with: all round activations to 8 bits where weights are quantised. */
    private static float[] met(int set, TensorType type, float[] x) {
        if (type != TensorType.BF16 || !LIBRARY.name(set).endsWith("bf16")) return x;
        float[] rounded = x.clone();
        for (int i = 0; i < x.length; i++) {
            int bits = Float.floatToRawIntBits(x[i]);
            rounded[i] = Float.intBitsToFloat(bits + 0x7FFF + (bits >>> 16 & 1) & 0xFFFF0000);
        }
        return rounded;
    }

    private static Kernels of(int set, int threads) {
        Team team = Team.of(threads);
        return new NativeKernels(team, () -> new ScalarKernels(team, Activations.INT8, ""), LIBRARY, set);
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void gatesAndNormsAgree(Activation activation) {
        for (int set = 0; set < LIBRARY.sets(); set++)
            for (int n : new int[] {1, 2, 3, 15, 16, 17, 97, 4095, 4096, 5003}) gateAndNormAgree(set, activation, n);
    }

    private void gateAndNormAgree(int set, Activation activation, int n) {
        float[] gate = samples.normal(n + 2);
        float[] up = samples.normal(n + 3);
        float[] extremes = {-200, 200, -0.0f, 1e-20f, -17, 17};
        System.arraycopy(extremes, 0, gate, 1, Math.min(n, extremes.length));
        float[] expected = new float[n + 2];
        float[] found = new float[n + 2];
        try (Kernels scalar = Kernels.of(new KernelOptions("scalar", 1, Activations.INT8));
                Kernels kernels = of(set, 1)) {
            scalar.gate(activation, gate, 1, up, 2, expected, 1, n);
            kernels.gate(activation, gate, 1, up, 2, found, 1, n);
            assertClose(found, expected, 1e-6f);
            kernels.gate(activation, gate, 1, up, 2, gate, 1, n);
            assertThat(Arrays.copyOfRange(gate, 1, n + 1)).isEqualTo(Arrays.copyOfRange(found, 1, n + 1));
            scalar.rmsNorm(up, 2, expected, 1e-5f, expected, 1, n);
            kernels.rmsNorm(up, 2, found, 1e-5f, found, 1, n);
            assertClose(found, expected, 4e-6f);
        }
    }

    /** To the last bit, with offsets, in place and at sizes that fill no register. */
    @Test
    void sumsScalesAndTurnsAreTheReferences() {
        assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
        for (int set = 0; set < LIBRARY.sets(); set++)
            try (Kernels scalar = new ScalarKernels(Team.of(1), Activations.INT8, "");
                    Kernels kernels = of(set, 1)) {
                for (int n : new int[] {0, 1, 2, 3, 15, 16, 17, 97, 1000}) sumsAndScalesAgree(scalar, kernels, n);
                for (Rope.Pairing pairing : Rope.Pairing.values())
                    for (int pairs : new int[] {1, 2, 7, 8, 16, 33, 64})
                        for (int vectors : new int[] {0, 1, 3}) turnsAgree(scalar, kernels, pairing, pairs, vectors);
            }
    }

    private void sumsAndScalesAgree(Kernels scalar, Kernels kernels, int n) {
        float[] x = samples.normal(n + 3);
        float[] expected = samples.normal(n + 3);
        float[] found = expected.clone();
        scalar.addScaled(0.37f, x, 1, expected, 2, n);
        kernels.addScaled(0.37f, x, 1, found, 2, n);
        assertThat(found).isEqualTo(expected);
        scalar.scale(-1.7f, expected, 1, n);
        kernels.scale(-1.7f, found, 1, n);
        assertThat(found).isEqualTo(expected);
        scalar.addScaled(3f, expected, 1, expected, 1, n);
        kernels.addScaled(3f, found, 1, found, 1, n);
        assertThat(found).isEqualTo(expected);
    }

    private void turnsAgree(Kernels scalar, Kernels kernels, Rope.Pairing pairing, int pairs, int vectors) {
        int stride = 2 * pairs + 5;
        Rope rope = new Rope(pairing, Rope.frequencies(2 * pairs, 10_000), 1.1f);
        float[] cos = new float[pairs + 2];
        float[] sin = new float[pairs + 2];
        rope.angles(77, cos, sin, 2);
        float[] expected = samples.normal(1 + 3 * stride);
        float[] found = expected.clone();
        scalar.rotate(rope, cos, sin, 2, expected, 1, vectors, stride);
        kernels.rotate(rope, cos, sin, 2, found, 1, vectors, stride);
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void whatLiesOutsideAnArrayIsRefused() {
        assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
        float[] x = new float[64];
        Rope rope = new Rope(Rope.Pairing.HALVES, Rope.frequencies(64, 10_000), 1f);
        try (Kernels kernels = of(0, 1)) {
            List<ThrowingCallable> calls = List.of(
                    () -> kernels.addScaled(1f, x, 1, x, 0, 64), () -> kernels.addScaled(1f, x, 0, x, 1, 64),
                    () -> kernels.scale(1f, x, -1, 3), () -> kernels.scale(1f, x, 0, -1),
                    () -> kernels.rmsNorm(x, 0, new float[63], 1e-5f, x, 0, 64),
                    () -> kernels.rmsNorm(x, 0, new float[0], 1e-5f, x, 60, 5),
                    () -> kernels.gate(Activation.SILU, x, 0, x, 33, x, 0, 32),
                    () -> kernels.rotate(rope, x, x, 33, x, 0, 1, 64), () -> kernels.rotate(rope, x, x, 0, x, 0, 2, 1));
            for (ThrowingCallable call : calls)
                assertThatThrownBy(call).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    private static void assertClose(float[] found, float[] expected, float error) {
        for (int i = 0; i < found.length; i++)
            assertThat(found[i]).as("element %d", i).isCloseTo(expected[i], within(error * (1 + Math.abs(expected[i]))));
    }

    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void productsAgree(int set, TensorType type) {
        int block = type.blockElements();
        productAgrees(set, samples.weights(type, 1, block), 1, 1);
        productAgrees(set, samples.weights(type, 2, 2 * block), 2, 1);
        productAgrees(set, samples.weights(type, 3, 3 * block), 3, 1);
        productAgrees(set, samples.weights(type, 15, 7 * block), 7, 1);
        productAgrees(set, samples.weights(type, 16, 2048), 8, 1);
        productAgrees(set, samples.weights(type, 17, 1280), 9, 2);
        productAgrees(set, samples.weights(type, 97, 256), 13, 3);
        productAgrees(set, samples.weights(type, 31, 5 * block), 16, 2);
        productAgrees(set, samples.weights(type, 67, 256), 523, 3);
        productAgrees(set, samples.weights(type, 32, 256), 31, 1);
        productAgrees(set, samples.weights(type, 33, block), 32, 1);
        productAgrees(set, samples.weights(type, 67, 1280), 37, 2);
        productAgrees(set, samples.weights(type, 96, 512 + block), 46, 2);
        productAgrees(set, samples.weights(type, 65, 512 + block), 6, 2);
        productAgrees(set, samples.weights(type, 49, 2304 + block), 21, 2);
        productAgrees(set, samples.weights(type, 83, 5120), 2, 1);
        productAgrees(set, samples.weights(type, 149, 5120), 1, 2);
    }

    private void productAgrees(int set, Tensor weight, int n, int threads) {
        int rows = weight.rows();
        int columns = weight.columns();
        int xStride = columns + 3;
        int yStride = rows + 2;
        float[] x = samples.normal(2 + n * xStride);
        float[] expected = new float[1 + n * yStride];
        float[] found = new float[1 + n * yStride];
        try (Kernels scalar = Kernels.of(new KernelOptions("scalar", 1, Activations.INT8));
                Kernels kernels = of(set, threads)) {
            scalar.matmul(weight, met(set, weight.type(), x), 2, xStride, n, expected, 1, yStride);
            kernels.matmul(weight, x, 2, xStride, n, found, 1, yStride);
            float[] decoded = Blocks.decode(weight);
            for (int i = 0; i < rows; i++) {
                float norm = (float) Math.sqrt(scalar.dot(decoded, i * columns, decoded, i * columns, columns));
                for (int r = 0; r < n; r++)
                    assertThat(found[1 + r * yStride + i])
                            .as("%dx%d, row %d of %d", rows, columns, r, n)
                            .isCloseTo(expected[1 + r * yStride + i], within(4e-6f * norm * Math.max(1, columns / 2048f)));
            }
            assertThat(found[0]).isZero();
            assertThat(found[1 + rows]).isZero();
            float[] alone = new float[rows];
            for (int r = 0; r < n; r += Math.max(1, n / 7)) {
                kernels.matmul(weight, x, 2 + r * xStride, xStride, 1, alone, 0, rows);
                float[] together = Arrays.copyOfRange(found, 1 + r * yStride, 1 + r * yStride + rows);
                assertThat(alone).as("a row's bits do not depend on the rows beside it").isEqualTo(together);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16", "Q8_0", "Q4_0", "Q4_K", "Q6_K"})
    void setsThreadsAndHeapMakeNoDifference(TensorType type) {
        assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
        Tensor weight = samples.weights(type, 45, 512);
        MemorySegment heap = MemorySegment.ofArray(new byte[(int) weight.data().byteSize()]).copyFrom(weight.data());
        for (int n : new int[] {6, 43}) {
            float[] x = samples.normal(n * 512);
            float[] expected = product(of(0, 1), weight, x);
            for (int set = 0; set < LIBRARY.sets(); set++) {
                if (met(set, type, x) != x) expected = product(of(set, 1), weight, x);
                for (int threads : new int[] {1, 2, 5}) {
                    assertThat(product(of(set, threads), weight, x)).isEqualTo(expected);
                    assertThat(product(of(set, threads), Tensor.of("heap", type, heap, 45, 512), x)).isEqualTo(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void theOrderOfPanelsMakesNoDifference(int set, TensorType type) {
        Tensor weight = samples.weights(type, 317, 512);
        float[] x = samples.normal(512);
        for (int threads : new int[] {1, 2, 3})
            try (Kernels kernels = of(set, threads)) {
                float[] expected = new float[317];
                float[] found = new float[317];
                kernels.matmul(weight, x, 0, 512, 1, expected, 0, 317);
                for (int i = 0; i < 2 * PanelOrder.TRIALS + 1; i++) {
                    kernels.matmul(weight, x, 0, 512, 1, found, 0, 317);
                    assertThat(found).isEqualTo(expected);
                }
            }
    }

    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void theLargestSumsOfFewBitsFit(int set, TensorType type) {
        assumeThat(type).isIn(TensorType.Q4_0, TensorType.Q4_K, TensorType.Q6_K);
        int quants = type == TensorType.Q6_K ? 0 : type == TensorType.Q4_K ? 16 : 2;
        int end = type == TensorType.Q6_K ? 192 : type.blockBytes();
        Tensor weight = samples.weights(type, 48, 512);
        MemorySegment data = MemorySegment.ofArray(new byte[(int) weight.data().byteSize()]).copyFrom(weight.data());
        for (long at = 0; at < data.byteSize(); at += type.blockBytes())
            data.asSlice(at + quants, end - quants).fill((byte) 0xFF);
        Tensor largest = Tensor.of("largest", type, data, 48, 512);
        for (float value : new float[] {1, -1}) {
            float[] x = new float[64 * 512];
            Arrays.fill(x, value);
            float[] expected = product(Kernels.of(new KernelOptions("scalar", 1, Activations.INT8)), largest, x);
            assertClose(product(of(set, 1), largest, x), expected, 1e-5f);
        }
    }

    private static float[] product(Kernels kernels, Tensor weight, float[] x) {
        try (kernels) {
            int n = x.length / weight.columns();
            float[] y = new float[n * weight.rows()];
            kernels.matmul(weight, x, 0, weight.columns(), n, y, 0, weight.rows());
            return y;
        }
    }

    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void activationsOfAnySizeAreRoundedAlike(int set, TensorType type) {
        Tensor weight = samples.weights(type, 19, 256);
        for (float factor : new float[] {0, 1e-30f, 1e-8f, 3e-5f, 1e-3f, 1e6f}) {
            float[] x = samples.normal(3 * 256);
            for (int i = 0; i < x.length; i++) x[i] *= factor;
            float[] expected =
                    product(Kernels.of(new KernelOptions("scalar", 1, Activations.INT8)), weight, met(set, type, x));
            float[] found = product(of(set, 1), weight, x);
            float largest = 0;
            for (float value : expected) largest = Math.max(largest, Math.abs(value));
            for (int i = 0; i < found.length; i++) assertThat(found[i]).isCloseTo(expected[i], within(4e-6f * largest));
        }
        float[] x = samples.normal(2 * 256);
        x[77] = Float.NaN;
        float[] y = product(of(set, 1), weight, x);
        for (int i = 0; i < 19; i++) assertThat(y[i]).isNaN();
        for (int i = 19; i < 38; i++) assertThat(y[i]).isFinite();
    }

    @Test
    void otherTypesAreLeftToTheOtherProvider() {
        assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
        float[] x = samples.normal(2 * 256);
        for (TensorType type : Blocks.types()) {
            if (Arrays.asList(TYPES).contains(type)) continue;
            Tensor weight = samples.weights(type, 7, 256);
            assertThat(product(of(0, 1), weight, x))
                    .isEqualTo(product(Kernels.of(new KernelOptions("scalar", 1, Activations.INT8)), weight, x));
        }
    }

    @Test
    void noRowsAndNoColumns() {
        assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
        try (Kernels kernels = of(0, 2)) {
            float[] y = {7, 7, 7};
            kernels.matmul(samples.weights(TensorType.Q8_0, 3, 32), new float[0], 0, 32, 0, y, 0, 3);
            kernels.matmul(samples.weights(TensorType.Q8_0, 0, 32), new float[32], 0, 32, 1, y, 0, 0);
            assertThat(y).containsOnly(7);
            kernels.matmul(samples.weights(TensorType.Q8_0, 3, 0), new float[0], 0, 0, 1, y, 0, 3);
        }
    }

    @Test
    void packedWeightsAreFoundByIdentity() {
        PackedWeights weights = new PackedWeights(LIBRARY::allocate);
        Tensor[] tensors = new Tensor[1000];
        Arrays.setAll(tensors, i -> Tensor.of("w", new float[] {1}, 1, 1));
        for (int i = 0; i < tensors.length; i++) {
            assertThat(weights.get(tensors[i]).address()).isZero();
            weights.put(tensors[i], MemorySegment.ofAddress(i + 1));
        }
        for (int i = 0; i < tensors.length; i++) assertThat(weights.get(tensors[i]).address()).isEqualTo(i + 1);
    }
}
