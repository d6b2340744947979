package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.core.tensor.FileMapping;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products are the same bits whether weights are met for the first time, the second or later, alone or with others. */
class FirstProductTest {
    private static final TensorType[] TYPES = {
        TensorType.Q8_0, TensorType.Q4_0, TensorType.Q4_K, TensorType.Q6_K, TensorType.F16, TensorType.BF16, TensorType.F32
    };

    private final Samples samples = new Samples(7);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void everyMeetingGivesTheSameProduct(int threads) {
        for (TensorType type : TYPES)
            for (int n : new int[] {1, 3, 45})
                for (int columns : new int[] {256, 8960}) {
                    try (Arena arena = Arena.ofShared(); Kernels kernels = kernels(threads)) {
                        for (int rows : new int[] {1, 15, 16, 17, 33, columns == 256 ? 1031 : 130}) {
                            Tensor matrix = matrix(arena, type, rows, columns);
                            float[] x = samples.normal(n * columns);
                            float[] first = product(kernels, matrix, x, n);
                            assertThat(product(kernels, matrix, x, n)).as("%s %d x %d", type, rows, columns).isEqualTo(first);
                            assertThat(product(kernels, matrix, x, n)).isEqualTo(first);
                            Tensor onHeap = Tensor.of("m", type, onHeap(matrix.data()), rows, columns);
                            assertThat(product(kernels, onHeap, x, n)).isEqualTo(first);
                        }
                    }
                }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void matricesTogetherGiveWhatEachGives(int threads) {
        TensorType[][] mixes = {
            {TensorType.Q4_K, TensorType.Q4_K, TensorType.Q6_K}, {TensorType.Q8_0, TensorType.Q8_0, TensorType.Q8_0},
            {TensorType.F32, TensorType.BF16, TensorType.BF16}, {TensorType.Q4_0, TensorType.F16}, {TensorType.Q8_0}
        };
        int[] rows = {100, 33, 7};
        for (TensorType[] mix : mixes)
            for (int n : new int[] {0, 1, 2, 9, 70}) {
                try (Arena arena = Arena.ofShared(); Kernels kernels = kernels(threads)) {
                    Tensor[] matrices = new Tensor[mix.length];
                    for (int i = 0; i < mix.length; i++) matrices[i] = matrix(arena, mix[i], rows[i], 512);
                    float[] x = samples.normal(3 + n * 520);
                    for (int meeting = 0; meeting < 3; meeting++) {
                        float[][] y = new float[mix.length][];
                        for (int i = 0; i < mix.length; i++) y[i] = new float[n * rows[i] + 1];
                        kernels.matmul(matrices, x, 3, 520, n, y);
                        for (int i = 0; i < mix.length; i++) {
                            float[] alone = new float[n * rows[i] + 1];
                            kernels.matmul(matrices[i], x, 3, 520, n, alone, 0, rows[i]);
                            assertThat(y[i]).as("%s of %s", i, Arrays.toString(mix)).isEqualTo(alone);
                        }
                    }
                }
            }
    }

    @Test
    void manyMayMeetTheSameWeightsAtOnce() throws InterruptedException, ExecutionException {
        try (Arena arena = Arena.ofShared();
                Kernels kernels = kernels(2);
                ExecutorService callers = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 20; round++) {
                Tensor matrix = matrix(arena, TensorType.Q8_0, 500, 256);
                float[] x = samples.normal(3 * 256);
                List<Future<float[]>> products = new ArrayList<>();
                for (int i = 0; i < 12; i++) products.add(callers.submit(() -> product(kernels, matrix, x, 3)));
                float[] expected = product(kernels, matrix, x, 3);
                for (Future<float[]> product : products) assertThat(product.get()).isEqualTo(expected);
            }
        }
    }

    /** The mapping is memory of other bytes, so that it shows what was read. */
    @ParameterizedTest
    @ValueSource(ints = {256, 8960})
    void bytesOfAFileAreReadFromTheFile(int columns, @TempDir Path folder) throws IOException {
        Path path = folder.resolve("weights");
        for (TensorType type : TYPES)
            try (Arena arena = Arena.ofShared(); Kernels kernels = kernels(2)) {
                Tensor matrix = matrix(arena, type, 37, columns);
                float[] x = samples.normal(3 * columns);
                float[] expected = product(kernels, matrix, x, 3);
                byte[] bytes = new byte[Math.toIntExact(5 + matrix.data().byteSize())];
                MemorySegment.ofArray(bytes).asSlice(5).copyFrom(matrix.data());
                Files.write(path, bytes);
                Tensor whole;
                try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
                    MemorySegment copy = arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
                    whole = in(new FileMapping(copy, file.getFD()), matrix);
                    Tensor empty = in(new FileMapping(arena.allocate(bytes.length), file.getFD()), matrix);
                    boolean nativeReads = kernels.name().startsWith("native");
                    for (Tensor each : nativeReads && type != TensorType.F32 ? List.of(empty, whole) : List.of(whole))
                        for (int meeting = 0; meeting < 3; meeting++)
                            assertThat(product(kernels, each, x, 3)).as("%s", type).isEqualTo(expected);
                }
                assertThat(product(kernels, whole.named("closed"), x, 3)).isEqualTo(expected);
            }
    }

    /** A tensor that is a mapping from its sixth byte on. */
    private static Tensor in(FileMapping file, Tensor like) {
        return new Tensor(like.name(), like.type(), like.shape(), file.bytes().asSlice(5), Optional.of(file));
    }

    @Test
    void nothingIsReadOnceTheProductIsThere() {
        try (Kernels kernels = kernels(2)) {
            for (int i = 0; i < 40; i++) {
                try (Arena arena = Arena.ofShared()) {
                    Tensor matrix = matrix(arena, TensorType.Q8_0, 4000, 256);
                    for (int meeting = 0; meeting <= i % 2; meeting++) product(kernels, matrix, samples.normal(256), 1);
                }
            }
        }
    }

    private static Kernels kernels(int threads) {
        return Kernels.of(new KernelOptions("auto", threads, KernelOptions.Activations.AUTO));
    }

    private Tensor matrix(Arena arena, TensorType type, int rows, int columns) {
        MemorySegment sample = samples.weights(type, rows, columns).data();
        return Tensor.of("m", type, arena.allocate(sample.byteSize(), 64).copyFrom(sample), rows, columns);
    }

    private static MemorySegment onHeap(MemorySegment data) {
        return MemorySegment.ofArray(new long[Math.toIntExact((data.byteSize() + 7) / 8)])
                .asSlice(0, data.byteSize())
                .copyFrom(data);
    }

    private static float[] product(Kernels kernels, Tensor matrix, float[] x, int n) {
        float[] y = new float[n * matrix.rows()];
        kernels.matmul(matrix, x, 0, matrix.columns(), n, y, 0, matrix.rows());
        return y;
    }
}
