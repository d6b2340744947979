package dev.laconic.model.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.LaconicException;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pages that lie in a temporary file. */
class OffloadTest {
    private static final int DIMENSION = 40;
    private static final int PER_PAGE = 64;
    private static final int ENTRIES = 150;

    private final Kernels kernels = Kernels.of(KernelOptions.defaults().withProvider("scalar").withThreads(1));
    private final PagePool pool = new PagePool();

    /** A cache of one head with two full pages of a type and a third that has room. */
    private KvCache filled(KvType type) {
        KvFormat format = new KvFormat(KvType.F16, KvType.F16, DIMENSION, DIMENSION, PER_PAGE);
        KvCache cache = new KvCache(pool, kernels, new KvFormat[][] {{format}});
        float[] x = new float[ENTRIES * DIMENSION];
        for (int i = 0; i < x.length; i++) x[i] = (float) Math.sin(i);
        cache.head(0, 0).append(x, 0, DIMENSION, x, 0, DIMENSION, IntStream.range(0, ENTRIES).toArray(), 0, ENTRIES);
        cache.head(0, 0).seal(0, type, type);
        cache.head(0, 0).seal(1, type, type);
        return cache;
    }

    private static float[] all(HeadCache head) {
        float[] all = new float[2 * ENTRIES * DIMENSION];
        head.readKeys(0, ENTRIES, all, 0);
        head.readValues(0, ENTRIES, all, ENTRIES * DIMENSION);
        return all;
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void entriesOfAnyTypeAreTheSameThere(KvType type) {
        try (KvCache cache = filled(type)) {
            HeadCache head = cache.head(0, 0);
            float[] before = all(head);
            long bytes = cache.bytes();
            head.offload(0);
            head.offload(1);
            assertThat(all(head)).isEqualTo(before);
            long page = head.page(0).format().pageBytes();
            assertThat(cache.coldBytes()).isEqualTo(2 * page);
            assertThat(cache.bytes()).isEqualTo(bytes);
            // Written once, and then read once.
            assertThat(cache.movedBytes()).isEqualTo(4 * page);
        }
        assertThat(pool.coldBytesHeld()).isZero();
        assertThat(pool.bytesHeld()).isZero();
    }

    @Test
    void whatIsReadIsCountedEntryByEntry() {
        try (KvCache cache = filled(KvType.CHANNEL_4)) {
            HeadCache head = cache.head(0, 0);
            head.offload(0);
            long before = cache.movedBytes();
            head.attends(0, 31, 33);
            head.attends(2, 0, 5);
            // Two entries of 64 padded channels in 4 bits, and scales and minima of two groups of 32; keys and values.
            assertThat(cache.movedBytes() - before).isEqualTo(2 * (2 * 32 + 2 * 4 * 64));
        }
    }

    @Test
    void aForkSharesWhatLiesThereAndAnEditBringsItBack() {
        try (KvCache cache = filled(KvType.F16)) {
            cache.head(0, 0).offload(0);
            float[] before = all(cache.head(0, 0));
            try (KvCache fork = cache.fork()) {
                assertThat(fork.coldBytes()).isEqualTo(cache.coldBytes());
                assertThat(pool.coldBytesHeld()).isEqualTo(cache.coldBytes());
                fork.head(0, 0).overwrite(3, new float[DIMENSION], 0, new float[DIMENSION], 0, 3, 1f);
                assertThat(fork.coldBytes()).isZero();
            }
            assertThat(all(cache.head(0, 0))).isEqualTo(before);
        }
    }

    @Test
    void nobodySeesTheFileAndReadingAheadIsSafe(@TempDir Path directory) throws IOException {
        String usual = System.setProperty("java.io.tmpdir", directory.toString());
        try (KvCache cache = filled(KvType.F16)) {
            cache.head(0, 0).offload(0);
            cache.head(0, 0).offload(1);
            for (int i = 0; i < 5_000; i++) cache.head(0, 0).readAhead(10, 140);
            try (Stream<Path> files = Files.list(directory)) {
                assertThat(files).isEmpty();
            }
        } finally {
            System.setProperty("java.io.tmpdir", usual);
        }
    }

    @Test
    void withoutAPlaceForTheFileTheMessageNamesIt(@TempDir Path directory) {
        String usual = System.setProperty("java.io.tmpdir", directory.resolve("missing").toString());
        try (KvCache cache = filled(KvType.F16)) {
            float[] before = all(cache.head(0, 0));
            assertThatThrownBy(() -> cache.head(0, 0).offload(0))
                    .isInstanceOf(LaconicException.class)
                    .hasMessageContaining("missing")
                    .hasMessageContaining("java.io.tmpdir");
            assertThat(all(cache.head(0, 0))).isEqualTo(before);
            assertThat(cache.bytes()).isEqualTo(pool.bytesHeld());
        } finally {
            System.setProperty("java.io.tmpdir", usual);
        }
    }
}
