package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.KernelOptions.Activations;
import dev.laconic.kernels.block.Blocks;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kernel against the scalar reference, at odd sizes. */
class VectorKernelsTest {
    private static final int[] SIZES = {1, 2, 3, 7, 15, 16, 17, 31, 33, 97, 128, 257, 511, 1000};

    private final Kernels scalar = Kernels.of(new KernelOptions("scalar", 1, Activations.F32));
    private final Kernels vector = Kernels.of(new KernelOptions("vector", 3, Activations.F32));
    private final Samples samples = new Samples(42);

    @AfterEach
    void close() {
        vector.close();
    }

    static Set<TensorType> types() {
        return Blocks.types();
    }

    @Test
    void theNameSaysHowManyBits() {
        assertThat(vector.name()).matches("vector-(128|256|512)");
        try (Kernels int8 = Kernels.of(new KernelOptions("vector", 1, Activations.INT8))) {
            assertThat(int8.name()).isEqualTo(vector.name() + "/int8");
        }
        try (Kernels auto = Kernels.of(new KernelOptions("vector", 1, Activations.AUTO))) {
            assertThat(auto.name()).isEqualTo(vector.name() + ", Q4_0+Q4_K/int8");
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void rowsDecodeBitIdentically(TensorType type) {
        Tensor matrix = samples.weights(type, 3, columns(type, 512));
        for (int row = 0; row < 3; row++) {
            float[] expected = new float[matrix.columns() + 2];
            float[] found = new float[matrix.columns() + 2];
            scalar.row(matrix, row, expected, 1);
            vector.row(matrix, row, found, 1);
            assertThat(found).isEqualTo(expected);
            vector.row(onHeap(matrix), row, found, 1);
            assertThat(found).isEqualTo(expected);
        }
    }

    @Test
    void everyHalfDecodesBitIdentically() {
        MemorySegment halves = Samples.nativeSegment(2 * 65536);
        for (int i = 0; i < 65536; i++)
            halves.set(java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, (short) i);
        for (TensorType type : new TensorType[] {TensorType.F16, TensorType.BF16}) {
            float[] expected = new float[65536];
            float[] found = new float[65536];
            Tensor matrix = Tensor.of("h", type, halves, 1, 65536);
            scalar.row(matrix, 0, expected, 0);
            vector.row(matrix, 0, found, 0);
            for (int i = 0; i < 65536; i++)
                if (!(Float.isNaN(expected[i]) && Float.isNaN(found[i])))
                    assertThat(Float.floatToRawIntBits(found[i])).isEqualTo(Float.floatToRawIntBits(expected[i]));
        }
    }

    /** Columns that are whole blocks, odd where blocks are single elements. */
    private static int columns(TensorType type, int about) {
        return type.quantised() ? Math.max(1, about / type.blockElements()) * type.blockElements() : about + 5;
    }

    private static Tensor onHeap(Tensor matrix) {
        MemorySegment copy = MemorySegment.ofArray(new byte[(int) matrix.data().byteSize()]);
        copy.copyFrom(matrix.data());
        return new Tensor(matrix.name(), matrix.type(), matrix.shape(), copy);
    }

    @ParameterizedTest
    @MethodSource("types")
    void productsAgree(TensorType type) {
        productAgrees(samples.weights(type, 1, columns(type, 32)), 1);
        productAgrees(samples.weights(type, 37, columns(type, 96)), 2);
        productAgrees(samples.weights(type, 18, columns(type, 1280)), 3);
        productAgrees(samples.weights(type, 5, columns(type, 1280)), 9);
        productAgrees(samples.weights(type, 9, columns(type, 256)), 7);
        productAgrees(samples.weights(type, 33, columns(type, 2304)), SlicedMatmul.MANY);
        productAgrees(samples.weights(type, 67, columns(type, 600)), 97);
        productAgrees(samples.weights(type, 5, columns(type, 32)), 533);
    }

    private void productAgrees(Tensor weight, int n) {
        int rows = weight.rows();
        int columns = weight.columns();
        int xStride = columns + 3;
        int yStride = rows + 2;
        float[] x = samples.normal(2 + n * xStride);
        float[] expected = new float[1 + n * yStride];
        float[] found = new float[1 + n * yStride];
        scalar.matmul(weight, x, 2, xStride, n, expected, 1, yStride);
        vector.matmul(weight, x, 2, xStride, n, found, 1, yStride);
        float[] decoded = Blocks.decode(weight);
        for (int i = 0; i < rows; i++) {
            float norm = (float) Math.sqrt(scalar.dot(decoded, i * columns, decoded, i * columns, columns));
            for (int r = 0; r < n; r++)
                assertThat(found[1 + r * yStride + i])
                        .as("%s %dx%d, row %d of %d", weight.type(), rows, columns, r, n)
                        .isCloseTo(expected[1 + r * yStride + i], within(2e-6f * norm));
        }
        assertThat(found[0]).isZero();
        assertThat(found[1 + rows]).isZero();

        float[] alone = new float[rows];
        for (int r = 0; r < n; r += Math.max(1, n / 5)) {
            vector.matmul(weight, x, 2 + r * xStride, xStride, 1, alone, 0, rows);
            float[] together = Arrays.copyOfRange(found, 1 + r * yStride, 1 + r * yStride + rows);
            assertThat(alone).as("a row's bits do not depend on the rows beside it").isEqualTo(together);
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void heapAndThreadsMakeNoDifference(TensorType type) {
        heapAndThreadsMakeNoDifference(type, 6);
        heapAndThreadsMakeNoDifference(type, 83);
    }

    private void heapAndThreadsMakeNoDifference(TensorType type, int n) {
        Tensor weight = samples.weights(type, 45, columns(type, 512));
        float[] x = samples.normal(n * weight.columns());
        float[] expected = new float[n * 45];
        float[] found = new float[n * 45];
        vector.matmul(weight, x, 0, weight.columns(), n, expected, 0, 45);
        for (int threads : new int[] {1, 2, 5}) {
            try (Kernels other = Kernels.of(new KernelOptions("vector", threads, Activations.F32))) {
                other.matmul(weight, x, 0, weight.columns(), n, found, 0, 45);
                assertThat(found).isEqualTo(expected);
                other.matmul(onHeap(weight), x, 0, weight.columns(), n, found, 0, 45);
                assertThat(found).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void eightBitActivationsAgree(TensorType type) {
        eightBitActivationsAgree(type, 5);
        eightBitActivationsAgree(type, 81);
    }

    private void eightBitActivationsAgree(TensorType type, int n) {
        try (Kernels reference = Kernels.of(new KernelOptions("scalar", 1, Activations.INT8));
                Kernels int8 = Kernels.of(new KernelOptions("vector", 2, Activations.INT8))) {
            Tensor weight = samples.weights(type, 9, columns(type, 768));
            float[] x = samples.normal(n * weight.columns());
            float[] expected = new float[n * 9];
            float[] found = new float[n * 9];
            reference.matmul(weight, x, 0, weight.columns(), n, expected, 0, 9);
            int8.matmul(weight, x, 0, weight.columns(), n, found, 0, 9);
            double scale = 0;
            for (float value : Blocks.decode(weight)) scale += value * value;
            for (int i = 0; i < found.length; i++)
                assertThat(found[i]).isCloseTo(expected[i], within((float) (3e-6 * Math.sqrt(scale) + 1e-30)));
        }
    }

    @Test
    void noRowsAndNoColumns() {
        vector.matmul(samples.weights(TensorType.F32, 3, 4), new float[0], 0, 4, 0, new float[0], 0, 3);
        float[] y = {7, 7, 7};
        Tensor empty = Tensor.of("e", new float[0], 0, 4);
        vector.matmul(empty, new float[4], 0, 4, 1, y, 0, 0);
        assertThat(y).containsOnly(7);
    }

    @Test
    void elementwise() {
        for (int n : SIZES) {
            float[] a = samples.normal(n + 3);
            float[] b = samples.normal(n + 3);
            float[] expected = b.clone();
            float[] found = b.clone();
            scalar.addScaled(0.37f, a, 1, expected, 2, n);
            vector.addScaled(0.37f, a, 1, found, 2, n);
            assertClose(found, expected, 1e-6f);
            scalar.scale(1.3f, expected, 1, n);
            vector.scale(1.3f, found, 1, n);
            assertClose(found, expected, 1e-6f);
            assertThat(vector.dot(a, 1, b, 2, n)).isCloseTo(scalar.dot(a, 1, b, 2, n), within(2e-6f * n));
        }
    }

    @Test
    void norms() {
        for (int n : SIZES) {
            float[] x = samples.normal(n + 3);
            float[] weight = samples.normal(n);
            float[] bias = samples.normal(n);
            float[] none = {};
            for (int with = 0; with < 2; with++) {
                float[] expected = new float[n + 3];
                float[] found = new float[n + 3];
                scalar.rmsNorm(x, 1, with == 0 ? none : weight, 1e-5f, expected, 2, n);
                vector.rmsNorm(x, 1, with == 0 ? none : weight, 1e-5f, found, 2, n);
                assertClose(found, expected, 2e-6f);
                scalar.layerNorm(x, 1, with == 0 ? none : weight, with == 0 ? none : bias, 1e-3f, expected, 2, n);
                vector.layerNorm(x, 1, with == 0 ? none : weight, with == 0 ? none : bias, 1e-3f, found, 2, n);
                assertClose(found, expected, 5e-6f);
                float[] inPlace = x.clone();
                vector.rmsNorm(inPlace, 1, none, 1e-5f, inPlace, 1, n);
                assertThat(inPlace[0]).isEqualTo(x[0]);
                assertThat(inPlace[n + 1]).isEqualTo(x[n + 1]);
            }
        }
    }

    @Test
    void softmax() {
        for (int n : SIZES) {
            float[] expected = samples.normal(n + 3);
            for (int i = 1; i <= n; i++) expected[i] *= 10;
            if (n > 2) expected[2] = Float.NEGATIVE_INFINITY;
            if (n > 3) expected[3] = -1e30f;
            float[] found = expected.clone();
            scalar.softmax(expected, 1, n);
            vector.softmax(found, 1, n);
            assertClose(found, expected, 1e-6f);
            float max = scalar.max(expected, 1, n);
            assertThat(vector.max(expected, 1, n)).isEqualTo(max);
            float sum = scalar.expAndSum(expected, 1, n, max);
            assertThat(vector.expAndSum(found, 1, n, vector.max(found, 1, n))).isCloseTo(sum, within(1e-5f * sum));
            assertClose(found, expected, 1e-6f);
            float[] masked = new float[n + 2];
            Arrays.fill(masked, Float.NEGATIVE_INFINITY);
            vector.softmax(masked, 1, n);
            assertThat(Arrays.copyOfRange(masked, 1, n + 1)).containsOnly(0);
            assertThat(masked[0]).isEqualTo(Float.NEGATIVE_INFINITY);
        }
    }

    @Test
    void maskedEntriesCountAsAbsent() {
        for (int n : SIZES) {
            float[] few = samples.normal(n);
            float[] many = Arrays.copyOf(few, 1200);
            Arrays.fill(many, n, 1200, Float.NEGATIVE_INFINITY);
            float sum = vector.expAndSum(few, 0, n, 1);
            assertThat(vector.expAndSum(many, 0, 1200, 1)).isEqualTo(sum);
            assertThat(Arrays.copyOf(many, n)).isEqualTo(few);
            assertThat(Arrays.copyOfRange(many, n, 1200)).containsOnly(0);
        }
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void activations(Activation activation) {
        float[] x = new float[4003];
        for (int i = 0; i < x.length; i++) x[i] = (i - 2000) * 0.006f;
        x[0] = -200;
        x[1] = 200;
        x[2] = -0.0f;
        x[3] = 1e-20f;
        float[] expected = new float[x.length];
        float[] found = new float[x.length];
        scalar.activate(activation, x, 0, expected, 0, x.length);
        vector.activate(activation, x, 0, found, 0, x.length);
        for (int i = 0; i < x.length; i++)
            assertThat(found[i])
                    .as("%s(%s)", activation, x[i])
                    .isCloseTo(expected[i], within(1e-7f + 1e-6f * Math.abs(expected[i])));
        for (int n : SIZES) {
            float[] gate = samples.normal(n + 2);
            float[] up = samples.normal(n + 3);
            float[] gated = new float[n + 1];
            float[] vectorGated = new float[n + 1];
            scalar.gate(activation, gate, 1, up, 2, gated, 1, n);
            vector.gate(activation, gate, 1, up, 2, vectorGated, 1, n);
            assertClose(vectorGated, gated, 2e-6f);
            vector.gate(activation, gate, 1, up, 2, gate, 1, n);
            assertThat(Arrays.copyOfRange(gate, 1, n + 1)).isEqualTo(Arrays.copyOfRange(vectorGated, 1, n + 1));
        }
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void attentionLoops(KvType type) {
        KvKernel reference = scalar.kv(type);
        KvKernel kernel = vector.kv(type);
        assertThat(kernel.type()).isEqualTo(type);
        for (int dimension : new int[] {1, 8, 16, 40, 64, 80, 128, 256}) {
            int entries = 37;
            MemorySegment page = Samples.nativeSegment(5 + type.bytes(dimension, entries));
            float[] x = samples.normal(entries * dimension);
            kernel.write(x, 0, dimension, entries, page, 5, 0, dimension);
            float[] read = new float[entries * dimension];
            float[] readByReference = new float[entries * dimension];
            kernel.read(page, 5, 0, entries, dimension, read, 0, dimension);
            reference.read(page, 5, 0, entries, dimension, readByReference, 0, dimension);
            assertThat(read).isEqualTo(readByReference);
            for (int queries : new int[] {1, 3, 4, 7, 65}) {
                float[] q = samples.normal(1 + queries * (dimension + 1));
                int stride = entries + 2;
                float[] expected = new float[queries * stride];
                float[] found = new float[queries * stride];
                reference.scores(page, 5, 2, 36, dimension, q, 1, dimension + 1, queries, 0.3f, expected, 1, stride);
                kernel.scores(page, 5, 2, 36, dimension, q, 1, dimension + 1, queries, 0.3f, found, 1, stride);
                assertClose(found, expected, 2e-5f);
                float[] pieces = new float[queries * stride];
                kernel.scores(page, 5, 2, 5, dimension, q, 1, dimension + 1, queries, 0.3f, pieces, 1, stride);
                kernel.scores(page, 5, 5, 36, dimension, q, 1, dimension + 1, queries, 0.3f, pieces, 4, stride);
                assertThat(pieces).isEqualTo(found);
                kernel.scores(page, 5, 2, 36, dimension, q, 1 + (queries - 1) * (dimension + 1), 0, 1, 0.3f, pieces, 1, 0);
                assertThat(Arrays.copyOfRange(pieces, 1, 35))
                        .isEqualTo(Arrays.copyOfRange(found, 1 + (queries - 1) * stride, 35 + (queries - 1) * stride));

                float[] sums = samples.normal(2 + queries * (dimension + 3));
                float[] vectorSums = sums.clone();
                float[] piecewise = sums.clone();
                reference.accumulate(page, 5, 2, 36, dimension, expected, 1, stride, queries, sums, 2, dimension + 3);
                kernel.accumulate(page, 5, 2, 36, dimension, expected, 1, stride, queries, vectorSums, 2, dimension + 3);
                assertClose(vectorSums, sums, 2e-5f * dimension);
                kernel.accumulate(page, 5, 2, 21, dimension, expected, 1, stride, queries, piecewise, 2, dimension + 3);
                kernel.accumulate(page, 5, 21, 36, dimension, expected, 20, stride, queries, piecewise, 2, dimension + 3);
                // A call's sum of turned vectors is turned back as a whole, one of corrections multiplied as a whole.
                if (type.name().startsWith("ROTATED") || type.name().startsWith("GEAR"))
                    assertClose(piecewise, vectorSums, 2e-5f * dimension);
                else assertThat(piecewise).isEqualTo(vectorSums);
            }
        }
    }

    /** Entries of several pages, in runs and alone, around the sizes of groups and blocks. */
    @ParameterizedTest
    @EnumSource(KvType.class)
    void scatteredEntries(KvType type) {
        KvKernel reference = scalar.kv(type);
        KvKernel kernel = vector.kv(type);
        int[] sizes = {1, 31, 64, 67};
        for (int dimension : new int[] {1, 33, 64}) {
            MemorySegment[] pages = new MemorySegment[sizes.length];
            for (int p = 0; p < sizes.length; p++) {
                pages[p] = Samples.nativeSegment(5 + type.bytes(dimension, sizes[p]));
                kernel.write(samples.normal(sizes[p] * dimension), 0, dimension, sizes[p], pages[p], 5, 0, dimension);
            }
            for (int count : new int[] {1, 2, 3, 15, 16, 17, 29}) {
                MemorySegment[] of = new MemorySegment[count];
                int[] entries = new int[count];
                for (int i = 0; i < count; i++) {
                    int page = i * i % sizes.length;
                    of[i] = pages[page];
                    entries[i] = i * 11 % sizes[page];
                }
                int queries = 5;
                int stride = count + 1;
                float[] q = samples.normal(1 + queries * dimension);
                float[] expected = new float[2 + queries * stride];
                float[] found = new float[2 + queries * stride];
                reference.scores(of, 5, entries, count, dimension, q, 1, dimension, queries, 0.3f, expected, 2, stride);
                kernel.scores(of, 5, entries, count, dimension, q, 1, dimension, queries, 0.3f, found, 2, stride);
                assertClose(found, expected, 2e-5f);
                float[] sums = samples.normal(3 + queries * dimension);
                float[] vectorSums = sums.clone();
                reference.accumulate(of, 5, entries, count, dimension, expected, 2, stride, queries, sums, 3, dimension);
                kernel.accumulate(
                        of, 5, entries, count, dimension, expected, 2, stride, queries, vectorSums, 3, dimension);
                assertClose(vectorSums, sums, 2e-5f * dimension + 1e-5f);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void callersOnSeveralThreadsDoNotDisturbEachOther(boolean nested) throws InterruptedException {
        Tensor weight = samples.weights(TensorType.Q4_K, 64, 512);
        float[] x = samples.normal(4 * 512);
        float[] expected = new float[4 * 64];
        vector.matmul(weight, x, 0, 512, 4, expected, 0, 64);
        float[][] found = new float[4][64];
        Team.Task task = (part, parts) -> {
            for (int i = part; i < 4; i += parts) vector.matmul(weight, x, i * 512, 512, 1, found[i], 0, 64);
        };
        if (nested) {
            vector.team().run(task);
        } else {
            Thread[] threads = new Thread[4];
            for (int i = 0; i < 4; i++) {
                int part = i;
                threads[i] = Thread.ofVirtual().start(() -> task.run(part, 4));
            }
            for (Thread thread : threads) thread.join();
        }
        for (int i = 0; i < 4; i++)
            assertThat(found[i]).isEqualTo(Arrays.copyOfRange(expected, i * 64, i * 64 + 64));
    }

    private static void assertClose(float[] found, float[] expected, float tolerance) {
        for (int i = 0; i < expected.length; i++)
            assertThat(found[i])
                    .as("element %d of %d", i, expected.length)
                    .isCloseTo(expected[i], within(tolerance * Math.max(1, Math.abs(expected[i]))));
    }
}
