package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products are the same bits whoever packed the weights, and however far that had come. */
class WeightPackerTest {
    private static final int COLUMNS = 256;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void whatIsPreparedGivesTheSameProducts(int threads) {
        try (Arena arena = Arena.ofShared();
                Kernels plain = kernels(threads);
                Kernels prepared = kernels(threads)) {
            List<Tensor> matrices = matrices(arena);
            try (Preparation preparation = prepared.prepare(matrices)) {
                assertThat(preparation).isNotNull();
                for (Tensor matrix : matrices) assertThat(product(prepared, matrix)).isEqualTo(product(plain, matrix));
            }
        }
    }

    @Test
    void whatAClosedPreparationLeftIsPackedWhenItIsNeeded() {
        try (Arena arena = Arena.ofShared();
                Kernels plain = kernels(2);
                Kernels prepared = kernels(2)) {
            List<Tensor> matrices = matrices(arena);
            for (int i = 0; i < 20; i++) prepared.prepare(matrices.subList(i % matrices.size(), matrices.size())).close();
            for (Tensor matrix : matrices) assertThat(product(prepared, matrix)).isEqualTo(product(plain, matrix));
        }
    }

    @Test
    void onceClosedTheWeightsAreReadNoMore() {
        try (Kernels kernels = kernels(2)) {
            for (int i = 0; i < 20; i++) {
                try (Arena arena = Arena.ofShared();
                        Preparation preparation = kernels.prepare(matrices(arena))) {
                    assertThat(preparation).isNotNull();
                }
            }
        }
    }

    private static Kernels kernels(int threads) {
        return Kernels.of(new KernelOptions("auto", threads, KernelOptions.Activations.AUTO));
    }

    private static List<Tensor> matrices(Arena arena) {
        Samples samples = new Samples(7);
        List<Tensor> matrices = new ArrayList<>();
        for (TensorType type : new TensorType[] {TensorType.Q8_0, TensorType.Q4_0, TensorType.Q4_K, TensorType.F32})
            for (int rows : new int[] {1, 15, 16, 17, 8191}) {
                MemorySegment sample = samples.weights(type, rows, COLUMNS).data();
                MemorySegment data = arena.allocate(sample.byteSize(), 64).copyFrom(sample);
                matrices.add(Tensor.of("m", type, data, rows, COLUMNS));
            }
        return matrices;
    }

    private static float[] product(Kernels kernels, Tensor matrix) {
        float[] x = new float[3 * COLUMNS];
        for (int i = 0; i < x.length; i++) x[i] = (float) Math.sin(i);
        float[] y = new float[3 * matrix.rows()];
        kernels.matmul(matrix, x, 0, COLUMNS, 3, y, 0, matrix.rows());
        return y;
    }
}
