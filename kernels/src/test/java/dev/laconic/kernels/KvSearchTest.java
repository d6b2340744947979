package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.laconic.kernels.KernelOptions.Activations;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Native searches in every instruction set of this processor against the scalar reference, at odd sizes. */
@Timeout(120)
class KvSearchTest {
    private static final NativeLibrary LIBRARY = NativeLibrary.find();
    private static final int[] PAGES = {64, 1, 67, 31, 128, 3};

    private final Kernels scalar = new ScalarKernels(Team.of(1), Activations.F32, "");
    private final Samples samples = new Samples(12);

    static Stream<Arguments> setsAndTypes() {
        assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
        return IntStream.range(0, LIBRARY.sets())
                .boxed()
                .flatMap(set -> Arrays.stream(KvType.values())
                        .map(type -> Arguments.argumentSet(LIBRARY.name(set) + ", " + type, set, type)));
    }

    @Test
    void nativeKernelsSearchInNativeCode() {
        assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
        try (Kernels kernels = Kernels.of(new KernelOptions("native", 1, Activations.INT8))) {
            assertThat(kernels.search()).isInstanceOf(NativeKvSearch.class);
        }
    }

    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void agreesWithTheReference(int set, KvType type) {
        KvSearch search = new NativeKvSearch(LIBRARY, set, scalar);
        KvSearch reference = new PagedKvSearch(scalar);
        for (int dimension : new int[] {1, 3, 15, 16, 17, 31, 32, 48, 64, 80, 97, 128})
            for (int n : new int[] {1, 2, 3, 4, 7}) {
                check(reference, search, type, dimension, n, false);
                check(reference, search, type, dimension, n, true);
            }
    }

    private void check(KvSearch reference, KvSearch search, KvType type, int dimension, int n, boolean voting) {
        MemorySegment[] pages = new MemorySegment[PAGES.length];
        for (int p = 0; p < pages.length; p++) {
            KvType stored = p == 4 ? KvType.F16 : type;
            pages[p] = Samples.nativeSegment(64 + stored.bytes(dimension, PAGES[p]));
            scalar.kv(stored).write(samples.normal(PAGES[p] * dimension), 0, dimension, PAGES[p], pages[p], 64, 0, dimension);
        }
        float[] queries = samples.normal(3 + n * dimension);
        Turns turns = new Turns(new Rope(
                dimension % 2 == 0 ? Rope.Pairing.INTERLEAVED : Rope.Pairing.HALVES,
                Rope.frequencies(dimension / 4 * 2, 10_000), 1f));
        turns.reach(1200);
        for (KvSearch each : new KvSearch[] {reference, search}) {
            if (voting) each.beginVotes(queries, 3, n, dimension, 500, turns);
            else each.begin(queries, 3, n, dimension, 500);
            for (int p = 0; p < pages.length; p++) {
                KvType stored = p == 4 ? KvType.F16 : type;
                int from = p % 2 == 0 ? 0 : Math.min(5, PAGES[p] - 1);
                if (voting) each.add(stored, pages[p], 64, from, PAGES[p], 100 - 200 * p);
                else each.add(stored, pages[p], 64, from, PAGES[p]);
            }
        }
        assertThat(search.size()).isEqualTo(reference.size());
        float[] expected = new float[reference.size()];
        float[] found = new float[reference.size()];
        if (voting) {
            reference.votes(expected);
            search.votes(found);
        } else {
            reference.largest(expected);
            search.largest(found);
            checkProducts(search, pages, type, dimension, n, queries, expected);
        }
        for (int i = 0; i < found.length; i++)
            assertThat(found[i])
                    .as("entry %d, dimension %d, %d queries, voting %s", i, dimension, n, voting)
                    .isCloseTo(expected[i], within(voting ? 2e-5f : 1e-4f));
    }

    /** The products of each query are those whose largest the reference found. */
    private static void checkProducts(
            KvSearch search, MemorySegment[] pages, KvType type, int dimension, int n, float[] queries, float[] largest) {
        search.beginProducts(queries, 3, n, dimension, 500);
        for (int p = 0; p < pages.length; p++)
            search.add(p == 4 ? KvType.F16 : type, pages[p], 64, p % 2 == 0 ? 0 : Math.min(5, PAGES[p] - 1), PAGES[p]);
        float[] products = new float[n * 500];
        search.products(products, 500);
        for (int i = 0; i < largest.length; i++) {
            float most = Float.NEGATIVE_INFINITY;
            for (int q = 0; q < n; q++) most = Math.max(most, products[q * 500 + i]);
            assertThat(most).isCloseTo(largest[i], within(1e-4f));
        }
    }
}
