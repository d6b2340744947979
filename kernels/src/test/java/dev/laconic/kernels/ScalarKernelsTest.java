package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.KernelOptions.Activations;
import dev.laconic.kernels.block.Blocks;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScalarKernelsTest {
    private final Kernels kernels = Kernels.of(new KernelOptions("scalar", 2, Activations.F32));

    @Test
    void options() {
        assertThat(kernels.name()).isEqualTo("scalar");
        assertThatThrownBy(() -> new KernelOptions("gpu", 1, Activations.F32))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("auto, native, vector, scalar");
        assertThatThrownBy(() -> new KernelOptions("auto", -1, Activations.F32)).isInstanceOf(UsageException.class);
        assertThat(KernelOptions.defaults().threads()).isPositive();
    }

    @Test
    void matmulOfKnownNumbers() {
        Tensor weight = Tensor.of("w", new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        float[] y = new float[7];
        kernels.matmul(weight, new float[] {9, 1, 0, -1, 9, 2, 2, 2}, 1, 4, 2, y, 1, 3);
        assertThat(y).containsExactly(0, -2, -2, 0, 12, 30, 0);
    }

    @Test
    void wrongSizesFailAtOnce() {
        Tensor weight = Tensor.of("w", new float[6], 2, 3);
        assertThatThrownBy(() -> kernels.matmul(weight, new float[5], 0, 3, 2, new float[4], 0, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> kernels.matmul(weight, new float[6], 0, 3, 2, new float[3], 0, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void eightBitActivationsStayClose(int threads) {
        for (TensorType type : Blocks.types()) {
            Samples samples = new Samples(type.code());
            Tensor weight = samples.weights(type, 5, 512);
            float[] x = samples.normal(3 * 512);
            float[] exact = new float[15];
            float[] rounded = new float[15];
            try (Kernels int8 = Kernels.of(new KernelOptions("scalar", threads, Activations.INT8))) {
                kernels.matmul(weight, x, 0, 512, 3, exact, 0, 5);
                int8.matmul(weight, x, 0, 512, 3, rounded, 0, 5);
            }
            float[] decoded = Blocks.decode(weight);
            for (int r = 0; r < 3; r++)
                for (int i = 0; i < 5; i++) {
                    double scale = 0;
                    for (int k = 0; k < 512; k++) scale += Math.pow(x[r * 512 + k] * decoded[i * 512 + k], 2);
                    assertThat((double) rounded[r * 5 + i])
                            .as("%s", type)
                            .isCloseTo(exact[r * 5 + i], within(0.05 * Math.sqrt(scale) + 1e-30));
                }
        }
    }

    @Test
    void softmaxSumsToOneAndDropsMaskedEntries() {
        float[] x = {5, 1, Float.NEGATIVE_INFINITY, 1000, 999, 7};
        kernels.softmax(x, 1, 4);
        assertThat(x[0]).isEqualTo(5);
        assertThat(x[5]).isEqualTo(7);
        assertThat(x[2]).isZero();
        assertThat(x[3]).isCloseTo((float) (1 / (1 + Math.exp(-1))), within(1e-6f));
        float[] masked = {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};
        kernels.softmax(masked, 0, 2);
        assertThat(masked).containsOnly(0);
    }

    @Test
    void norms() {
        float[] x = {3, 4};
        float[] y = new float[2];
        kernels.rmsNorm(x, 0, new float[] {1, 2}, 0, y, 0, 2);
        assertThat(y[0]).isCloseTo((float) (3 / Math.sqrt(12.5)), within(1e-6f));
        assertThat(y[1]).isCloseTo((float) (8 / Math.sqrt(12.5)), within(1e-6f));
        kernels.layerNorm(x, 0, new float[0], new float[] {0.5f, 0}, 0, y, 0, 2);
        assertThat(y[0]).isCloseTo(-0.5f, within(1e-6f));
        assertThat(y[1]).isCloseTo(1, within(1e-6f));
    }

    @Test
    void activationsAtKnownPoints() {
        assertThat(Activation.GELU.apply(1)).isCloseTo(0.8413447460685429, within(1e-15));
        assertThat(Activation.GELU.apply(-3)).isCloseTo(-0.004049694094890284, within(1e-15));
        assertThat(Activation.GELU_TANH.apply(1)).isCloseTo(0.8411919906082768, within(1e-15));
        assertThat(Activation.SILU.apply(1)).isCloseTo(0.7310585786300049, within(1e-15));
        assertThat(Activation.RELU_SQUARED.apply(-2)).isZero();
        for (Activation activation : Activation.values()) {
            assertThat(activation.apply(80)).as("%s", activation).isPositive();
            assertThat(activation.apply(-80)).as("%s", activation).isCloseTo(activation == Activation.TANH ? -1 : 0, within(1e-30));
        }
    }

    @Test
    void typesWithSharedScalesAreWrittenAPageAtATime() {
        var page = Samples.nativeSegment(KvType.CHANNEL_4.bytes(32, 4));
        assertThatThrownBy(() -> kernels.kv(KvType.CHANNEL_4).write(new float[64], 0, 32, 2, page, 0, 2, 32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at once");
    }

    /** A channel that is large throughout costs the others nothing where scales are per channel. */
    @Test
    void channelScalesKeepOutlierChannelsApart() {
        int dimension = 32;
        float[] x = new Samples(3).normal(32 * dimension);
        for (int j = 0; j < 32; j++) x[j * dimension + 5] = 50 + x[j * dimension + 5];
        assertThat(error(KvType.CHANNEL_4, x, dimension)).isLessThan(0.3);
        assertThat(error(KvType.TOKEN_4, x, dimension)).isGreaterThan(1);
    }

    private double meanError(KvType type, float[] x, int dimension) {
        float[] back = stored(type, x, dimension);
        double sum = 0;
        for (int i = 0; i < x.length; i++) sum += Math.pow(back[i] - x[i], 2);
        return Math.sqrt(sum / x.length);
    }

    /** What is read back of vectors that were written. */
    private float[] stored(KvType type, float[] x, int dimension) {
        int n = x.length / dimension;
        var page = Samples.nativeSegment(type.bytes(dimension, n));
        kernels.kv(type).write(x, 0, dimension, n, page, 0, 0, dimension);
        float[] back = new float[x.length];
        kernels.kv(type).read(page, 0, 0, n, dimension, back, 0, dimension);
        return back;
    }

    private double error(KvType type, float[] x, int dimension) {
        float[] back = stored(type, x, dimension);
        double worst = 0;
        for (int i = 0; i < x.length; i++) worst = Math.max(worst, Math.abs(back[i] - x[i]));
        return worst;
    }

    /** Whether sums are put together of parts, so that they differ in the last bits from those of read vectors. */
    private static boolean inParts(KvType type) {
        return type.name().startsWith("ROTATED") || type.name().startsWith("GEAR") || type.paired();
    }

    @Test
    void aPairOfLayersReadsOnePageEachInItsOwnLengths() {
        MemorySegment page = Samples.nativeSegment(KvType.LOWER_16.bytes(4, 2));
        float[] directions = {9, 9, 9, 9, 1, 0, 0, 0, 0, .5f, .5f, 0};
        kernels.kv(KvType.UPPER_16).write(directions, new float[] {0, 2, 4}, new float[] {0, 3, 8}, 1, 2, page, 0, 4);
        float[] lower = new float[8];
        float[] upper = new float[8];
        kernels.kv(KvType.LOWER_16).read(page, 0, 0, 2, 4, lower, 0, 4);
        kernels.kv(KvType.UPPER_16).read(page, 0, 0, 2, 4, upper, 0, 4);
        assertThat(lower).containsExactly(2, 0, 0, 0, 0, 2, 2, 0);
        assertThat(upper).containsExactly(3, 0, 0, 0, 0, 4, 4, 0);
    }

    /** What few bits lose, its largest elements and two directions of it are kept. */
    @Test
    void correctionsTakeTheErrorDown() {
        int dimension = 64;
        float[] x = new Samples(9).normal(64 * dimension);
        for (int j = 0; j < 64; j++)
            for (int c = 0; c < dimension; c++) x[j * dimension + c] += 3 * (float) Math.sin(j) * (c % 7 - 3);
        x[5 * dimension + 9] = 80;
        for (String along : List.of("CHANNEL", "TOKEN")) {
            double all = meanError(KvType.valueOf("GEAR_" + along + "_2"), x, dimension);
            double lowRank = meanError(KvType.valueOf("GEAR_L_" + along + "_2"), x, dimension);
            double sparse = meanError(KvType.valueOf("GEAR_S_" + along + "_2"), x, dimension);
            double bits = meanError(along.equals("TOKEN") ? KvType.VECTOR_2 : KvType.LONG_CHANNEL_2, x, dimension);
            assertThat(all).as(along).isLessThan(0.85 * bits).isLessThan(Math.min(lowRank, sparse));
            assertThat(lowRank).as(along).isLessThan(bits);
            assertThat(meanError(KvType.valueOf("GEAR_L1_" + along + "_2"), x, dimension)).as(along).isBetween(lowRank, bits);
            assertThat(sparse).as(along).isLessThan(bits);
        }
    }

    /** Scale and minimum from the largest and smallest element lose more: few elements are near them. */
    @Test
    void twoBitsLoseLessThanBetweenTheirExtremes() {
        int dimension = 64;
        float[] x = new Samples(3).normal(64 * dimension);
        double extremes = 0;
        for (int j = 0; j < 64; j++) {
            float min = Float.POSITIVE_INFINITY;
            float max = Float.NEGATIVE_INFINITY;
            for (int c = 0; c < dimension; c++) {
                min = Math.min(min, x[j * dimension + c]);
                max = Math.max(max, x[j * dimension + c]);
            }
            float scale = (max - min) / 3;
            for (int c = 0; c < dimension; c++) {
                float v = x[j * dimension + c];
                extremes += Math.pow(v - (min + scale * Math.round((v - min) / scale)), 2);
            }
        }
        for (KvType type : List.of(KvType.VECTOR_2, KvType.SEPARABLE_2)) {
            var page = Samples.nativeSegment(type.bytes(dimension, 64));
            float[] back = new float[x.length];
            kernels.kv(type).write(x, 0, dimension, 64, page, 0, 0, dimension);
            kernels.kv(type).read(page, 0, 0, 64, dimension, back, 0, dimension);
            double lost = 0;
            for (int i = 0; i < x.length; i++) lost += Math.pow(x[i] - back[i], 2);
            assertThat(lost).as(type.name()).isLessThan(0.8 * extremes);
        }
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void keysAndValues(KvType type) {
        int dimension = 80;
        Samples samples = new Samples(7);
        float[] all = samples.normal(6 * dimension);
        float[] x = Arrays.copyOfRange(all, 2 * dimension, 6 * dimension);
        var page = Samples.nativeSegment(type.bytes(dimension, 6) + 3);
        KvKernel kv = kernels.kv(type);
        if (type.appendable()) kv.write(x, 0, dimension, 4, page, 3, 2, dimension);
        else kv.write(all, 0, dimension, 6, page, 3, 0, dimension);
        float[] back = new float[4 * dimension];
        kv.read(page, 3, 2, 4, dimension, back, 0, dimension);
        double error = switch (type) {
            case F32 -> 0;
            case F16, LOWER_16, UPPER_16 -> 3e-3;
            case BF16 -> 2e-2;
            case Q8_0 -> 3e-2;
            case Q4_0 -> 0.6;
            case GEAR_CHANNEL_4, GEAR_L_CHANNEL_4, GEAR_L1_CHANNEL_4, GEAR_S_CHANNEL_4 -> 0.25;
            case GEAR_TOKEN_4, GEAR_L_TOKEN_4, GEAR_L1_TOKEN_4, GEAR_S_TOKEN_4, VECTOR_4 -> 0.3;
            case GEAR_CHANNEL_2, GEAR_L_CHANNEL_2, GEAR_L1_CHANNEL_2, GEAR_S_CHANNEL_2 -> 1.1;
            case GEAR_TOKEN_2, GEAR_L_TOKEN_2, GEAR_L1_TOKEN_2, GEAR_S_TOKEN_2, VECTOR_2 -> 1.3;
            case TOKEN_8, VECTOR_8, CHANNEL_8, LONG_CHANNEL_8 -> 2e-2;
            case TOKEN_4, CHANNEL_4, LONG_CHANNEL_4, LOWER_TOKEN_4, UPPER_TOKEN_4, LOWER_CHANNEL_4, UPPER_CHANNEL_4 -> 0.25;
            case TOKEN_2, CHANNEL_2, LONG_CHANNEL_2 -> 1.1;
            case ROTATED_8 -> 8e-2;
            case ROTATED_4 -> 0.6;
            case ROTATED_2 -> 3;
            case SEPARABLE_8 -> 4e-2;
            case SEPARABLE_4 -> 0.5;
            case SEPARABLE_2 -> 2.2;
        };
        for (int i = 0; i < back.length; i++) assertThat((double) back[i]).isCloseTo(x[i], within(error));

        float[] queries = samples.normal(2 * dimension);
        float[] scores = new float[8];
        kv.scores(page, 3, 3, 6, dimension, queries, 0, dimension, 2, 0.5f, scores, 1, 4);
        float[] sums = new float[2 * dimension];
        Arrays.fill(sums, 1);
        kv.accumulate(page, 3, 3, 6, dimension, scores, 1, 4, 2, sums, 0, dimension);
        for (int q = 0; q < 2; q++)
            for (int entry = 3; entry < 6; entry++)
                assertThat(scores[1 + q * 4 + entry - 3])
                        .isCloseTo(
                                0.5f * kernels.dot(queries, q * dimension, back, (entry - 2) * dimension, dimension),
                                within(inParts(type) ? 1e-5f : 0f));
        float expected = 1;
        for (int entry = 3; entry < 6; entry++) expected += scores[1 + 4 + entry - 3] * back[(entry - 2) * dimension + 79];
        assertThat(sums[dimension + 79])
                .isCloseTo(expected, within(inParts(type) ? 1e-4f : 0f));
        assertThat(scores[0]).isZero();
        assertThat(scores[4]).isZero();
    }
}
