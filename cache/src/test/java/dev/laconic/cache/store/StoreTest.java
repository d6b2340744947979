package dev.laconic.cache.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.KvCache;
import dev.laconic.model.kv.KvFormat;
import dev.laconic.model.kv.PagePool;
import dev.laconic.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StoreTest {
    private static final int KEY = 40;
    private static final int VALUE = 33;
    private static final String MODEL = "ab".repeat(32);

    private final Kernels kernels = Kernels.of(KernelOptions.defaults().withProvider("scalar").withThreads(1));
    private final PagePool pool = new PagePool();

    /** Three layers of two heads, the middle one without a cache. */
    private KvCache empty(KvType type) {
        KvFormat format = new KvFormat(type, type, KEY, VALUE, KvFormat.DEFAULT_ENTRIES_PER_PAGE);
        return new KvCache(pool, kernels, new KvFormat[][] {{format, format}, {}, {format, format}});
    }

    private KvCache random(KvType type, int entries, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        KvCache cache = empty(type);
        float[] keys = new float[entries * KEY];
        float[] values = new float[entries * VALUE];
        for (int layer = 0; layer < cache.layers(); layer++)
            for (int head = 0; head < cache.heads(layer); head++) {
                for (int i = 0; i < keys.length; i++) keys[i] = random.nextFloat();
                for (int i = 0; i < values.length; i++) values[i] = random.nextFloat();
                cache.head(layer, head).append(
                        keys, 0, KEY, values, 0, VALUE, IntStream.range(0, entries).toArray(), 0, entries);
            }
        return cache;
    }

    private static BlockKey key(KvCache cache, int number) {
        return BlockKey.root(MODEL, cache).then(new int[] {number}, 0, 1);
    }

    private static void readAll(KvBlock block, KvCache into) {
        for (int layer = 0; layer < into.layers(); layer++) block.read(layer, into);
    }

    private static void assertSame(KvCache found, KvCache expected, int from, int to) {
        for (int layer = 0; layer < found.layers(); layer++)
            for (int head = 0; head < found.heads(layer); head++) {
                HeadCache actual = found.head(layer, head);
                HeadCache wanted = expected.head(layer, head);
                assertThat(actual.size()).isEqualTo(to - from);
                float[] a = new float[(to - from) * KEY];
                float[] b = new float[(to - from) * KEY];
                actual.readKeys(0, to - from, a, 0);
                wanted.readKeys(from, to, b, 0);
                assertThat(a).isEqualTo(b);
                actual.readValues(0, to - from, a, 0);
                wanted.readValues(from, to, b, 0);
                assertThat(a).isEqualTo(b);
                for (int i = from; i < to; i++) assertThat(actual.position(i - from)).isEqualTo(i);
            }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0"})
    void whatIsPutIsFoundAgain(KvType type, @TempDir Path folder) {
        KvCache cache = random(type, 200, 1);
        BlockKey key = key(cache, 1);
        List<KvStore> stores = List.of(new MemoryStore(1 << 20), new DiskStore(folder));
        for (KvStore store : stores) {
            assertThat(store.get(key)).isEmpty();
            store.put(key, cache, 30, 170);
            assertThat(store.contains(key)).isTrue();
            try (KvCache found = empty(type);
                    KvBlock block = store.get(key).orElseThrow()) {
                assertThat(block.shape().tokens()).isEqualTo(140);
                assertThat(block.shape().position()).isEqualTo(30);
                readAll(block, found);
                assertSame(found, cache, 30, 170);
            }
            store.remove(key);
            assertThat(store.get(key)).isEmpty();
        }
        assertThat(folder).isEmptyDirectory();
        cache.close();
        assertThat(pool.bytesHeld()).isZero();
    }

    @Test
    void keysTellTextsModelsAndTypesApart() {
        KvCache half = empty(KvType.F16);
        BlockKey root = BlockKey.root(MODEL, half);
        int[] ids = {1, 2, 3, 4};
        BlockKey two = root.then(ids, 0, 2).then(ids, 2, 4);
        assertThat(two).isEqualTo(root.then(new int[] {1, 2}, 0, 2).then(new int[] {3, 4}, 0, 2));
        assertThat(List.of(root.then(ids, 2, 4), root.then(ids, 0, 4), root.then(new int[] {1, 3}, 0, 2).then(ids, 2, 4),
                        BlockKey.root("cd".repeat(32), half).then(ids, 0, 2).then(ids, 2, 4),
                        BlockKey.root(MODEL, empty(KvType.F32)).then(ids, 0, 2).then(ids, 2, 4)))
                .doesNotContain(two)
                .doesNotHaveDuplicates();
    }

    @Test
    void fullPagesAreSharedAndCopiedWhenTheyAreWrittenTo() {
        KvCache cache = random(KvType.F16, 128, 1);
        KvCache expected = random(KvType.F16, 128, 1);
        long held = pool.bytesHeld();
        MemoryStore store = new MemoryStore(1 << 20);
        store.put(key(cache, 1), cache, 0, 128);
        assertThat(pool.bytesHeld()).isEqualTo(held);
        KvCache reader = empty(KvType.F16);
        try (KvBlock block = store.get(key(cache, 1)).orElseThrow()) {
            readAll(block, reader);
        }
        assertThat(pool.bytesHeld()).isEqualTo(held);
        float[] zeros = new float[KEY];
        reader.head(0, 1).overwrite(70, zeros, 0, zeros, 0, 70, 1f);
        cache.head(2, 0).keep(new int[] {5, 100}, 2);
        try (KvCache again = empty(KvType.F16);
                KvBlock block = store.get(key(cache, 1)).orElseThrow()) {
            readAll(block, again);
            assertSame(again, expected, 0, 128);
        }
        reader.close();
        cache.close();
        expected.close();
        store.close();
        assertThat(pool.bytesHeld()).isZero();
    }

    @Test
    void theBlockUsedLongestAgoGoesUnlessItIsPinned() {
        KvCache cache = random(KvType.F16, 64, 1);
        long one = cache.bytes();
        MemoryStore store = new MemoryStore(3 * one);
        for (int i = 0; i < 3; i++) store.put(key(cache, i), cache, 0, 64);
        assertThat(store.pin(key(cache, 1))).isTrue();
        assertThat(store.pin(key(cache, 9))).isFalse();
        store.get(key(cache, 0)).orElseThrow().close();
        for (int i = 3; i < 5; i++) store.put(key(cache, i), cache, 0, 64);
        assertThat(present(store, cache, 5)).containsExactly(1, 3, 4);
        assertThat(store.bytes()).isEqualTo(3 * one);
        store.unpin(key(cache, 1));
        store.put(key(cache, 5), cache, 0, 64);
        assertThat(present(store, cache, 6)).containsExactly(3, 4, 5);
        new MemoryStore(one - 1).put(key(cache, 0), cache, 0, 64);
        assertThat(new MemoryStore(one - 1).size()).isZero();
    }

    private static List<Integer> present(KvStore store, KvCache cache, int count) {
        return IntStream.range(0, count).filter(i -> store.contains(key(cache, i))).boxed().toList();
    }

    @Test
    void aBlockThatIsReadOutlivesItsPlaceInTheStore() {
        KvCache cache = random(KvType.F16, 64, 1);
        MemoryStore store = new MemoryStore(cache.bytes());
        store.put(key(cache, 0), cache, 0, 64);
        KvBlock open = store.get(key(cache, 0)).orElseThrow();
        store.put(key(cache, 1), cache, 0, 64);
        assertThat(store.contains(key(cache, 0))).isFalse();
        try (KvCache found = empty(KvType.F16)) {
            readAll(open, found);
            assertSame(found, cache, 0, 64);
        }
        open.close();
        cache.close();
        store.close();
        assertThat(pool.bytesHeld()).isZero();
    }

    @Test
    void memoryIsFilledFromDiskLayerByLayer(@TempDir Path folder) {
        KvCache cache = random(KvType.F16, 64, 1);
        DiskStore disk = new DiskStore(folder);
        disk.put(key(cache, 0), cache, 0, 64);
        long before = pool.bytesHeld();
        try (MemoryStore store = new MemoryStore(1 << 20, disk);
                KvCache found = empty(KvType.F16);
                KvBlock block = store.get(key(cache, 0)).orElseThrow()) {
            block.read(0, found);
            assertThat(pool.bytesHeld() - before).isEqualTo(cache.bytes() / 2);
            block.read(2, found);
            assertSame(found, cache, 0, 64);
            disk.remove(key(cache, 0));
            assertThat(store.get(key(cache, 0))).isPresent();
        }
    }

    /** Whatever byte is wrong and wherever the file ends, the block is not there, or says so when it is read. */
    @Test
    void damagedFilesAreFoundOut(@TempDir Path folder) throws IOException {
        KvCache cache = random(KvType.Q4_0, 3, 1);
        DiskStore store = new DiskStore(folder);
        BlockKey key = key(cache, 1);
        store.put(key, cache, 0, 3);
        byte[] whole = Files.readAllBytes(store.file(key));
        for (int at = 0; at < whole.length; at += at < 300 ? 1 : 7) {
            byte[] bytes = whole.clone();
            bytes[at] ^= (byte) (1 << at % 8);
            assertRefused(store, key, bytes);
            assertRefused(store, key, Arrays.copyOf(whole, at));
        }
        assertRefused(store, key, Arrays.copyOf(whole, whole.length + 1));
        Files.write(store.file(key), whole);
        store.get(key).orElseThrow().close();
    }

    private void assertRefused(DiskStore store, BlockKey key, byte[] bytes) throws IOException {
        Files.write(store.file(key), bytes);
        Optional<KvBlock> found = store.get(key);
        if (found.isEmpty()) {
            assertThat(store.file(key)).doesNotExist();
            return;
        }
        try (KvBlock block = found.get();
                KvCache into = empty(KvType.Q4_0)) {
            assertThatThrownBy(() -> readAll(block, into))
                    .isInstanceOf(MalformedInputException.class)
                    .hasMessageContaining(store.file(key).toString())
                    .hasMessageContaining("checksum of layer");
        }
    }

    @Test
    void sizesThatLieAreToldByFieldAndNothingIsAllocated(@TempDir Path folder) throws IOException {
        KvCache cache = random(KvType.F16, 3, 1);
        DiskStore store = new DiskStore(folder);
        BlockKey key = key(cache, 1);
        store.put(key, cache, 0, 3);
        byte[] whole = Files.readAllBytes(store.file(key));
        int header = (int) BlockFile.read("f", MemorySegment.ofArray(whole), key).dataOffset();
        record Lie(int offset, int value, String field) {}
        for (Lie lie : List.of(
                new Lie(72, Integer.MAX_VALUE, "layer 0 size"), new Lie(72, -1, "tokens"),
                new Lie(72, 0, "tokens"), new Lie(76, Integer.MAX_VALUE, "position"), new Lie(80, 1 << 30, "layers"),
                new Lie(80, -5, "layers"), new Lie(84, 1 << 20, "layer 0 heads"), new Lie(84, 1 << 16, "layer 0 size"), new Lie(72, 2, "bytes of keys and values"),
                new Lie(88, 0, "layer 0 key dimension"), new Lie(96, 1 << 30, "type of keys, length"))) {
            ByteBuffer bytes = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN).putInt(lie.offset, lie.value);
            bytes.putInt(header - 4, BlockFile.checksum(MemorySegment.ofArray(bytes.array()).asSlice(0, header - 4)));
            assertThatThrownBy(() -> BlockFile.read("block.kv", MemorySegment.ofArray(bytes.array()), key))
                    .isInstanceOf(MalformedInputException.class)
                    .hasMessageContaining("block.kv: ")
                    .hasMessageContaining(lie.field)
                    .hasMessageContaining("expected");
        }
    }

    @Test
    void blocksOfOtherModelsAndTextsAreRefused(@TempDir Path folder) throws IOException {
        KvCache cache = random(KvType.F16, 3, 1);
        DiskStore store = new DiskStore(folder);
        store.put(key(cache, 1), cache, 0, 3);
        Files.copy(store.file(key(cache, 1)), store.file(key(cache, 2)));
        assertThat(store.get(key(cache, 2))).isEmpty();
        try (KvBlock block = store.get(key(cache, 1)).orElseThrow();
                KvCache other = empty(KvType.F32)) {
            assertThatThrownBy(() -> block.read(0, other)).isInstanceOf(MalformedInputException.class);
        }
    }

    @Test
    void threadsMayUseOneStore(@TempDir Path folder) throws Exception {
        List<KvCache> texts = new ArrayList<>();
        for (int i = 0; i < 6; i++) texts.add(random(KvType.F16, 100, i));
        MemoryStore store = new MemoryStore(3 * texts.getFirst().bytes(), new DiskStore(folder));
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int number = thread;
                running.add(threads.submit(() -> {
                    SplittableRandom random = new SplittableRandom(number);
                    for (int i = 0; i < 150; i++) use(store, texts, random);
                }));
            }
            for (Future<?> each : running) each.get();
        }
        store.close();
        texts.forEach(KvCache::close);
        assertThat(pool.bytesHeld()).isZero();
    }

    /** Reads a text's block, puts it where it is not there, and now and then takes it away. */
    private void use(KvStore store, List<KvCache> texts, SplittableRandom random) {
        int number = random.nextInt(texts.size());
        KvCache text = texts.get(number);
        BlockKey key = key(text, number);
        if (random.nextInt(20) == 0) store.remove(key);
        Optional<KvBlock> found = store.get(key);
        if (found.isEmpty()) {
            store.put(key, text, 0, 100);
            return;
        }
        try (KvBlock block = found.get();
                KvCache into = empty(KvType.F16)) {
            readAll(block, into);
            assertSame(into, text, 0, 100);
            float[] zeros = new float[KEY];
            into.head(0, 0).overwrite(random.nextInt(100), zeros, 0, zeros, 0, 0, 1f);
        }
    }

    @Test
    void anyPartOfACacheIsShared() {
        Seeds.check(50, random -> {
            KvCache cache = random(KvType.F16, random.nextInt(1, 300), random.nextLong());
            int from = random.nextInt(cache.head(0, 0).size());
            int to = random.nextInt(from, cache.head(0, 0).size() + 1);
            try (KvCache found = empty(KvType.F16)) {
                for (int layer = 0; layer < cache.layers(); layer++) found.share(layer, cache, from, to);
                assertSame(found, cache, from, to);
            }
            cache.close();
            assertThat(pool.bytesHeld()).isZero();
        });
    }
}
