package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.KernelOptions.Activations;
import dev.laconic.kernels.block.Blocks;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products of packed weights against the scalar reference, at odd sizes. */
class PanelMatmulTest {
    private final Samples samples = new Samples(23);

    @ParameterizedTest
    @CsvSource({
        "1, 32, 1", "2, 64, 2", "3, 96, 3", "7, 32, 4", "15, 160, 5", "16, 224, 6", "17, 512, 7", "31, 544, 8",
        "32, 480, 9", "33, 1056, 13", "64, 352, 1", "97, 256, 1", "127, 96, 16", "131, 736, 3", "67, 256, 261", "509, 64, 11",
        "40, 64, 257"
    })
    void productsAgree(int rows, int columns, int n) {
        productsAgree(TensorType.Q4_0, Activations.INT8, rows, columns, n);
        productsAgree(TensorType.Q4_K, Activations.INT8, rows, Math.ceilDiv(columns, 256) * 256, n);
        productsAgree(TensorType.Q8_0, Activations.F32, rows, columns, n);
    }

    private void productsAgree(TensorType type, Activations activations, int rows, int columns, int n) {
        Tensor weight = samples.weights(type, rows, columns);
        int xStride = columns + 3;
        int yStride = rows + 2;
        float[] x = samples.normal(2 + n * xStride);
        float[] expected = new float[1 + n * yStride];
        float[] decoded = Blocks.decode(weight);
        try (Kernels scalar = Kernels.of(new KernelOptions("scalar", 1, activations))) {
            scalar.matmul(weight, x, 2, xStride, n, expected, 1, yStride);
            for (int threads : new int[] {1, 3}) {
                float[] found = new float[1 + n * yStride];
                try (Kernels kernels = Kernels.of(new KernelOptions("vector", threads, Activations.AUTO))) {
                    kernels.matmul(weight, x, 2, xStride, n, found, 1, yStride);
                    for (int i = 0; i < rows; i++) {
                        float norm = (float) Math.sqrt(scalar.dot(decoded, i * columns, decoded, i * columns, columns));
                        for (int r = 0; r < n; r++)
                            assertThat(found[1 + r * yStride + i])
                                    .as("%s, row %d of %d, output %d", type, r, n, i)
                                    .isCloseTo(expected[1 + r * yStride + i], within(4e-6f * norm));
                    }
                    assertThat(found[0]).isZero();
                    assertThat(found[1 + rows]).isZero();
                    aloneAsTogether(kernels, weight, x, xStride, n, found, yStride);
                }
            }
        }
    }

    private static void aloneAsTogether(
            Kernels kernels, Tensor weight, float[] x, int xStride, int n, float[] found, int yStride) {
        int rows = weight.rows();
        for (int count : new int[] {1, 2, 5}) {
            float[] some = new float[count * rows];
            for (int r = 0; r + count <= n; r += Math.max(1, n / 7)) {
                kernels.matmul(weight, x, 2 + r * xStride, xStride, count, some, 0, rows);
                for (int i = 0; i < count; i++) {
                    int at = 1 + (r + i) * yStride;
                    assertThat(Arrays.copyOfRange(some, i * rows, (i + 1) * rows))
                            .as("a row's bits do not depend on the rows beside it")
                            .isEqualTo(Arrays.copyOfRange(found, at, at + rows));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"Q4_0, 1", "Q4_0, 6", "Q4_K, 1", "Q4_K, 6", "Q8_0, 1", "Q8_0, 6", "Q8_0, 21"})
    void heapAndThreadsMakeNoDifference(TensorType type, int n) {
        Tensor weight = samples.weights(type, 421, 512);
        MemorySegment heap = MemorySegment.ofArray(new byte[(int) weight.data().byteSize()]).copyFrom(weight.data());
        float[] x = samples.normal(n * 512);
        float[] expected = product("vector", 1, weight, x);
        for (int threads : new int[] {1, 2, 5}) {
            assertThat(product("vector", threads, weight, x)).isEqualTo(expected);
            assertThat(product("vector", threads, Tensor.of("heap", type, heap, 421, 512), x)).isEqualTo(expected);
        }
    }

    private static float[] product(String provider, int threads, Tensor weight, float[] x) {
        try (Kernels kernels = Kernels.of(new KernelOptions(provider, threads, Activations.INT8))) {
            int n = x.length / weight.columns();
            float[] y = new float[n * weight.rows()];
            kernels.matmul(weight, x, 0, weight.columns(), n, y, 0, weight.rows());
            return y;
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {0, 1e-42f, 1e-30f, 1e-8f, 3e-5f, 1e-3f, 1e6f})
    void activationsOfAnySizeAreRoundedAlike(float factor) {
        Tensor weight = samples.weights(TensorType.Q4_0, 19, 256);
        float[] x = samples.normal(5 * 256);
        for (int i = 0; i < x.length; i++) x[i] *= factor;
        float[] expected = product("scalar", 1, weight, x);
        float largest = 0;
        for (float value : expected) largest = Math.max(largest, Math.abs(value));
        float[] found = product("vector", 1, weight, x);
        for (int i = 0; i < found.length; i++) assertThat(found[i]).isCloseTo(expected[i], within(4e-6f * largest));
    }

    @ParameterizedTest
    @CsvSource({
        "Q4_0, NaN", "Q4_0, Infinity", "Q4_0, -Infinity", "Q4_K, NaN", "Q4_K, Infinity", "Q4_K, -Infinity",
        "Q8_0, NaN", "Q8_0, Infinity", "Q8_0, -Infinity"
    })
    void whatIsNoNumberStaysInItsRow(TensorType type, float value) {
        Tensor weight = samples.weights(type, 35, 256);
        float[] x = samples.normal(5 * 256);
        x[256 + 77] = value;
        float[] y = product("vector", 1, weight, x);
        for (int i = 0; i < y.length; i++) assertThat(Float.isFinite(y[i])).isEqualTo(i / 35 != 1);
    }

    /** The extremes of weights and activations, whose sums of blocks are as large as they get. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8, 15})
    void extremesDoNotOverflow(int code) {
        MemorySegment data = Samples.nativeSegment(3 * TensorType.Q4_0.bytes(64));
        data.fill((byte) (code << 4 | code));
        for (long at = 0; at < data.byteSize(); at += 18) half(data, at, 1);
        Tensor weight = Tensor.of("extreme", TensorType.Q4_0, data, 3, 64);
        float[] x = new float[5 * 64];
        Arrays.fill(x, 127);
        Arrays.fill(x, 64, 128, -127);
        float[] expected = new float[15];
        for (int i = 0; i < 15; i++) expected[i] = (code - 8) * 64f * x[i / 3 * 64] + 0f;
        assertThat(product("vector", 1, weight, x)).isEqualTo(expected);
    }

    /** The same in Q4_K, where minimums are taken away as well. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8, 15})
    void extremesOfLongBlocksDoNotOverflow(int code) {
        MemorySegment data = Samples.nativeSegment(3 * TensorType.Q4_K.bytes(512));
        data.fill((byte) (code << 4 | code));
        for (long at = 0; at < data.byteSize(); at += 144) {
            half(data, at, 1);
            half(data, at + 2, -3);
            data.asSlice(at + 4, 12).fill((byte) 0xFF);
        }
        Tensor weight = Tensor.of("extreme", TensorType.Q4_K, data, 3, 512);
        float[] x = new float[5 * 512];
        Arrays.fill(x, 127);
        Arrays.fill(x, 512, 1024, -127);
        float[] y = product("vector", 1, weight, x);
        for (int i = 0; i < 15; i++) {
            float expected = (63f * code + 3 * 63) * 512 * x[i / 3 * 512];
            assertThat(y[i]).isCloseTo(expected, within(2e-6f * Math.abs(expected)));
        }
    }

    @ParameterizedTest
    @CsvSource({"Q4_0, -103", "Q8_0, 1"})
    void everyScaleIsReadExactly(TensorType type, byte quants) {
        long bytes = type.bytes(32);
        MemorySegment data = Samples.nativeSegment(bytes << 16);
        data.fill(quants);
        for (int i = 0; i < 1 << 16; i++) half(data, bytes * i, Float.float16ToFloat((short) i));
        Tensor weight = Tensor.of("scales", type, data, 1 << 16, 32);
        float[] x = new float[5 * 32];
        for (int r = 0; r < 5; r++) x[32 * r] = 127;
        float[] y = product("vector", 2, weight, x);
        for (int i = 0; i < y.length; i++) {
            float scale = Float.float16ToFloat((short) i);
            if (Float.isFinite(scale)) assertThat(y[i]).isEqualTo(127 * scale);
            else assertThat(y[i]).isNotFinite();
        }
    }

    private static void half(MemorySegment data, long at, float value) {
        data.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(Lanes.LE), at, Float.floatToFloat16(value));
    }

    @Test
    void noRowsAndNoColumns() {
        try (Kernels kernels = Kernels.of(new KernelOptions("vector", 2, Activations.AUTO))) {
            float[] y = {7, 7, 7};
            kernels.matmul(samples.weights(TensorType.Q4_0, 3, 32), new float[0], 0, 32, 0, y, 0, 3);
            kernels.matmul(samples.weights(TensorType.Q4_0, 0, 32), new float[32], 0, 32, 1, y, 0, 0);
            assertThat(y).containsOnly(7);
        }
    }
}
