package dev.laconic.model.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.Rope;
import dev.laconic.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Random sequences of edits against lists of entries that share nothing. */
class KvCacheTest {
    private static final int LAYERS = 2;
    private static final int KEY = 6;
    private static final int VALUE = 3;
    private static final Rope ROPE = new Rope(Rope.Pairing.HALVES, Rope.frequencies(4, 10_000), 1f);

    private final Kernels kernels = Kernels.of(KernelOptions.defaults().withProvider("scalar").withThreads(1));

    private record Entry(float[] key, float[] value, int position, float weight) {}

    /** The cache under test beside what it should hold: per layer and head a list of its own. */
    private static final class Pair {
        final KvCache cache;
        final List<List<List<Entry>>> expected;

        Pair(KvCache cache, List<List<List<Entry>>> expected) {
            this.cache = cache;
            this.expected = expected;
        }

        Pair fork() {
            List<List<List<Entry>>> copy = new ArrayList<>();
            for (List<List<Entry>> layer : expected) {
                List<List<Entry>> heads = new ArrayList<>();
                for (List<Entry> head : layer) heads.add(new ArrayList<>(head));
                copy.add(heads);
            }
            return new Pair(cache.fork(), copy);
        }
    }

    private Pair empty(PagePool pool, int perPage) {
        KvFormat[][] formats = new KvFormat[LAYERS][];
        List<List<List<Entry>>> expected = new ArrayList<>();
        for (int layer = 0; layer < LAYERS; layer++) {
            formats[layer] = new KvFormat[layer + 1];
            expected.add(new ArrayList<>());
            for (int head = 0; head <= layer; head++) {
                formats[layer][head] = new KvFormat(KvType.F32, KvType.F32, KEY, VALUE, perPage);
                expected.get(layer).add(new ArrayList<>());
            }
        }
        return new Pair(new KvCache(pool, kernels, formats), expected);
    }

    @Test
    void editsOfOneLeaveTheOthersAsTheyWere() {
        checkEdits(10_000, false);
    }

    @Test
    void pagesInFilesAreEditedAsOthersAre() {
        checkEdits(300, true);
    }

    private void checkEdits(int trials, boolean files) {
        Seeds.check(trials, random -> {
            PagePool pool = new PagePool();
            List<Pair> pairs = new ArrayList<>();
            pairs.add(empty(pool, random.nextInt(1, 9)));
            int steps = random.nextInt(1, 16);
            for (int step = 0; step < steps; step++) {
                Pair pair = pairs.get(random.nextInt(pairs.size()));
                edit(random, pairs, pair);
                HeadCache head = pair.cache.head(1, 1);
                if (files && head.pageCount() > 0) head.offload(random.nextInt(head.pageCount()));
            }
            for (Pair pair : pairs) assertSame(pair);
            assertThat(pool.bytesHeld()).isEqualTo(distinctBytes(pairs));
            for (Pair pair : pairs) assertThat(pair.cache.coldBytes()).isEqualTo(coldBytes(pair.cache));
            for (Pair pair : pairs) pair.cache.close();
            assertThat(pool.bytesHeld()).isZero();
            assertThat(pool.coldBytesHeld()).isZero();
            assertThat(pool.pagesHeld()).isZero();
        });
    }

    private static long coldBytes(KvCache cache) {
        long bytes = 0;
        HeadCache head = cache.head(1, 1);
        for (int page = 0; page < head.pageCount(); page++)
            if (head.page(page).cold()) bytes += head.page(page).format().pageBytes();
        return bytes;
    }

    private static void edit(RandomGenerator random, List<Pair> pairs, Pair pair) {
        int layer = random.nextInt(LAYERS);
        int head = random.nextInt(layer + 1);
        HeadCache actual = pair.cache.head(layer, head);
        List<Entry> expected = pair.expected.get(layer).get(head);
        actual.table();
        switch (random.nextInt(17)) {
            case 0, 1, 2, 3 -> append(random, actual, expected);
            case 4 -> {
                if (pairs.size() < 4) pairs.add(pair.fork());
            }
            case 5 -> {
                int one = random.nextBoolean() ? 3 : 50;
                int[] kept = new int[expected.size()];
                int count = 0;
                List<Entry> left = new ArrayList<>();
                for (int i = 0; i < expected.size(); i++)
                    if (random.nextInt(one) > 0) {
                        kept[count++] = i;
                        left.add(expected.get(i));
                    }
                actual.keep(kept, count);
                expected.clear();
                expected.addAll(left);
            }
            case 6 -> {
                if (expected.isEmpty()) return;
                int at = random.nextInt(expected.size());
                Entry entry = randomEntry(random, random.nextInt(100), random.nextInt(2, 5));
                actual.overwrite(at, entry.key, 0, entry.value, 0, entry.position, entry.weight);
                expected.set(at, entry);
            }
            case 9 -> {
                if (actual.pageCount() > 0) actual.seal(random.nextInt(actual.pageCount()), KvType.F16, KvType.F16);
            }
            case 10 -> gather(random, actual, expected);
            case 11 -> {
                KvType type = random.nextBoolean() ? KvType.F16 : KvType.F32;
                actual.recode(type, type);
            }
            case 12 -> share(random, actual, expected, pairs.get(random.nextInt(pairs.size())), layer, head);
            case 13 -> copyEncoded(random, actual, expected);
            case 14 -> actual.growBy(random.nextInt(1, 5));
            case 15 -> overwrite(random, actual, expected);
            case 7 -> {
                int position = random.nextInt(60);
                pair.cache.truncate(position);
                for (List<List<Entry>> heads : pair.expected)
                    for (List<Entry> entries : heads) entries.removeIf(entry -> entry.position >= position);
            }
            default -> {
                int from = random.nextInt(expected.size() + 1);
                int to = random.nextInt(from, expected.size() + 1);
                int delta = random.nextInt(-3, 20);
                actual.rotate(from, to, delta, ROPE);
                for (int i = from; i < to; i++) expected.set(i, rotated(expected.get(i), delta));
            }
        }
        round(actual, expected);
    }

    /** What lies in pages of f16 is rounded to it. */
    private static void round(HeadCache actual, List<Entry> expected) {
        for (int i = 0; i < Math.min(actual.size(), expected.size()); i++)
            if (actual.page(actual.pageOf(i)).format().keys() == KvType.F16) {
                Entry entry = expected.get(i);
                expected.set(i, new Entry(half(entry.key), half(entry.value), entry.position, entry.weight));
            }
    }

    private static float[] half(float[] x) {
        float[] rounded = new float[x.length];
        for (int i = 0; i < x.length; i++) rounded[i] = Float.float16ToFloat(Float.floatToFloat16(x[i]));
        return rounded;
    }

    private static void gather(RandomGenerator random, HeadCache actual, List<Entry> expected) {
        int[] entries = new int[expected.size()];
        int count = 0;
        int page = actual.pageCount() == 0 ? 0 : random.nextInt(actual.pageCount());
        int start = actual.pageStart(page);
        List<Entry> front = new ArrayList<>(expected.subList(0, start));
        List<Entry> behind = new ArrayList<>();
        for (int i = start; i < entries.length; i++)
            if (random.nextInt(3) == 0) {
                entries[count++] = i;
                front.add(new Entry(half(expected.get(i).key), half(expected.get(i).value), expected.get(i).position,
                        expected.get(i).weight));
            } else behind.add(expected.get(i));
        actual.gather(page, entries, count, KvType.F16, KvType.F16, new float[0], new float[0]);
        expected.clear();
        expected.addAll(front);
        expected.addAll(behind);
    }

    private static void share(
            RandomGenerator random, HeadCache actual, List<Entry> expected, Pair other, int layer, int head) {
        HeadCache source = other.cache.head(layer, head);
        if (source == actual || !source.format().equals(actual.format())) return;
        int from = random.nextInt(source.size() + 1);
        int to = random.nextInt(from, source.size() + 1);
        actual.share(source, from, to);
        expected.addAll(other.expected.get(layer).get(head).subList(from, to));
    }

    /** Appends some entries again, by way of their encoded bytes, at new positions. */
    private static void copyEncoded(RandomGenerator random, HeadCache actual, List<Entry> expected) {
        for (int page = 0; page < actual.pageCount(); page++)
            if (!actual.page(page).format().equals(actual.format())) return;
        int from = random.nextInt(actual.size() + 1);
        int to = random.nextInt(from, actual.size() + 1);
        MemorySegment bytes = MemorySegment.ofArray(new byte[3 + (int) actual.format().entriesBytes(to - from)]);
        actual.encode(from, to, bytes, 3);
        actual.decode(bytes, 3, to - from, 40);
        for (int i = from; i < to; i++)
            expected.add(new Entry(expected.get(i).key, expected.get(i).value, 40 + i - from, 1f));
    }

    /** A column holds for each entry what was put there, whatever went on around it; values may be rounded to f16. */
    @Test
    void columnsMoveWithTheirEntries() {
        Object owner = new Object();
        Seeds.check(300, random -> {
            PagePool pool = new PagePool();
            List<Pair> pairs = new ArrayList<>();
            pairs.add(empty(pool, random.nextInt(1, 9)));
            for (int step = 0; step < 20; step++) {
                Pair pair = pairs.get(random.nextInt(pairs.size()));
                edit(random, pairs, pair);
                for (Pair each : pairs) checkColumn(owner, each);
                if (random.nextInt(4) == 0) forgetSome(random, owner, pair);
            }
            for (Pair pair : pairs) pair.cache.close();
        });
    }

    private static void forgetSome(RandomGenerator random, Object owner, Pair pair) {
        HeadCache head = pair.cache.head(1, 0);
        EntryColumn column = head.column(owner);
        column.forget(random.nextInt(head.size() + 1), head.size());
        assertThat(column.forgotten()).isLessThanOrEqualTo(head.size());
    }

    private static void checkColumn(Object owner, Pair pair) {
        HeadCache head = pair.cache.head(1, 0);
        EntryColumn column = head.column(owner);
        List<Entry> expected = pair.expected.get(1).get(0);
        float[] value = new float[VALUE];
        for (int i = 0; i < head.size(); i++) {
            head.readValue(i, value, 0);
            if (column.get(i) == 0f) column.set(i, 1 + value[0]);
            else if (expected.get(i).weight == 1f) assertThat(column.get(i)).isCloseTo(1 + value[0], within(0.001f));
            else column.set(i, 1 + value[0]);
        }
    }

    private static void append(RandomGenerator random, HeadCache actual, List<Entry> expected) {
        int count = random.nextInt(1, 12);
        float[] keys = new float[count * (KEY + 1)];
        float[] values = new float[count * VALUE];
        int[] positions = new int[count];
        for (int i = 0; i < count; i++) {
            Entry entry = randomEntry(random, expected.size() + random.nextInt(3), 1f);
            System.arraycopy(entry.key, 0, keys, i * (KEY + 1), KEY);
            System.arraycopy(entry.value, 0, values, i * VALUE, VALUE);
            positions[i] = entry.position;
            expected.add(entry);
        }
        actual.append(keys, 0, KEY + 1, values, 0, VALUE, positions, 0, count);
    }

    /** Others in the place of some entries, where these are and as heavy; columns know them by their first value. */
    private static void overwrite(RandomGenerator random, HeadCache actual, List<Entry> expected) {
        int from = random.nextInt(expected.size() + 1);
        int count = random.nextInt(expected.size() - from + 1);
        float[] keys = new float[1 + count * (KEY + 1)];
        float[] values = new float[count * VALUE];
        for (int i = 0; i < count; i++) {
            Entry before = expected.get(from + i);
            Entry entry = randomEntry(random, before.position, before.weight);
            entry.value[0] = before.value[0];
            System.arraycopy(entry.key, 0, keys, 1 + i * (KEY + 1), KEY);
            System.arraycopy(entry.value, 0, values, i * VALUE, VALUE);
            expected.set(from + i, entry);
        }
        actual.overwrite(from, count, keys, 1, KEY + 1, values, 0, VALUE);
    }

    private static Entry randomEntry(RandomGenerator random, int position, float weight) {
        float[] key = new float[KEY];
        float[] value = new float[VALUE];
        for (int i = 0; i < KEY; i++) key[i] = random.nextFloat();
        for (int i = 0; i < VALUE; i++) value[i] = random.nextFloat();
        return new Entry(key, value, position, weight);
    }

    private static Entry rotated(Entry entry, int delta) {
        if (delta == 0) return entry;
        float[] cos = new float[2];
        float[] sin = new float[2];
        ROPE.angles(delta, cos, sin, 0);
        float[] key = entry.key.clone();
        ROPE.apply(key, 0, cos, sin, 0);
        return new Entry(key, entry.value, entry.position + delta, entry.weight);
    }

    private static void assertSame(Pair pair) {
        float[] key = new float[KEY];
        float[] value = new float[VALUE];
        for (int layer = 0; layer < LAYERS; layer++)
            for (int head = 0; head <= layer; head++) {
                HeadCache actual = pair.cache.head(layer, head);
                List<Entry> expected = pair.expected.get(layer).get(head);
                assertThat(actual.size()).isEqualTo(expected.size());
                for (int i = 0; i < expected.size(); i++) {
                    actual.readKey(i, key, 0);
                    actual.readValue(i, value, 0);
                    Entry entry = expected.get(i);
                    if (!Arrays.equals(key, entry.key) || !Arrays.equals(value, entry.value)
                            || actual.position(i) != entry.position || actual.weight(i) != entry.weight)
                        throw new AssertionError("layer " + layer + ", head " + head + ", entry " + i + " differs");
                }
                for (int page = 0; page < actual.pageCount(); page++) {
                    Page held = actual.page(page);
                    for (int slot = 0; slot < actual.pageSize(page); slot++)
                        if (held.position(slot) < held.minPosition() || held.position(slot) > held.maxPosition())
                            throw new AssertionError("position out of its page's bounds");
                }
                checkTable(actual);
            }
    }

    private static void checkTable(HeadCache head) {
        PageTable table = head.table();
        assertThat(table.count()).isBetween(0, Math.max(0, head.pageCount() - 1));
        assertThat(table.entries()).isEqualTo(table.count() == 0 ? 0 : head.pageStart(table.count()));
        for (int page = 0; page < table.count(); page++) {
            Page held = head.page(page);
            assertThat(held.cold() || held.weighted()).isFalse();
            assertThat(held.format()).isEqualTo(head.page(0).format());
            assertThat(table.addresses()[page]).isEqualTo(held.data().address());
            assertThat(table.starts()[page + 1]).isEqualTo(head.pageStart(page + 1));
            for (int slot = 0; slot < head.pageSize(page); slot++)
                assertThat(held.position(slot)).isBetween(table.minPosition(), table.maxPosition());
        }
    }

    private static long distinctBytes(List<Pair> pairs) {
        Map<Page, Boolean> pages = new IdentityHashMap<>();
        for (Pair pair : pairs)
            for (int layer = 0; layer < LAYERS; layer++)
                for (int head = 0; head <= layer; head++) {
                    HeadCache entries = pair.cache.head(layer, head);
                    for (int page = 0; page < entries.pageCount(); page++) pages.put(entries.page(page), true);
                }
        return pages.keySet().stream().mapToLong(Page::bytes).sum();
    }

    @Test
    void evictionFreesPages() {
        PagePool pool = new PagePool();
        Pair pair = empty(pool, 8);
        HeadCache head = pair.cache.head(0, 0);
        float[] rows = new float[80 * KEY];
        int[] positions = IntStream.range(0, 80).toArray();
        head.append(rows, 0, KEY, rows, 0, VALUE, positions, 0, 80);
        assertThat(head.pageCount()).isEqualTo(10);
        head.keep(IntStream.range(0, 80).filter(i -> i % 8 == 3).toArray(), 10);
        assertThat(head.pageCount()).isEqualTo(2);
        assertThat(pool.bytesHeld()).isEqualTo(2 * (head.format().pageBytes() + 8));
        assertThat(head.find(11)).isEqualTo(1);
        assertThat(head.find(12)).isEqualTo(-1);
    }

    @Test
    void entriesThatAreEvictedOneByOneLeaveFewPlacesFree() {
        Seeds.check(20, random -> {
            PagePool pool = new PagePool();
            List<Pair> pairs = new ArrayList<>(List.of(empty(pool, 8)));
            HeadCache head = pairs.getFirst().cache.head(0, 0);
            List<Entry> expected = pairs.getFirst().expected.getFirst().getFirst();
            while (expected.size() < 300) append(random, head, expected);
            for (int step = 0; step < 300; step++) {
                if (step % 100 == 50) pairs.add(pairs.getFirst().fork());
                head.table();
                for (int evicted = random.nextInt(1, 4); evicted > 0; evicted--) {
                    int out = random.nextInt(expected.size());
                    expected.remove(out);
                    head.keep(IntStream.rangeClosed(0, expected.size()).filter(i -> i != out).toArray(), expected.size());
                }
                while (expected.size() < 300) append(random, head, expected);
                assertThat(head.pageCount()).isLessThanOrEqualTo((head.size() + head.format().spare(head.size())) / 8 + 1);
            }
            for (Pair pair : pairs) assertSame(pair);
            for (Pair pair : pairs) pair.cache.close();
            assertThat(pool.bytesHeld()).isZero();
        });
    }

    @Test
    void positionsCostMoreBytesTheFurtherTheyLieApart() {
        Pair pair = empty(new PagePool(), 8);
        HeadCache head = pair.cache.head(0, 0);
        float[] rows = new float[3 * KEY];
        long gapped = head.format().gappedPageBytes();
        head.append(rows, 0, KEY, rows, 0, VALUE, new int[] {70_000, 70_002}, 0, 2);
        assertThat(head.bytes()).isEqualTo(gapped - 8);
        head.append(rows, 0, KEY, rows, 0, VALUE, new int[] {70_000 - Short.MAX_VALUE}, 0, 1);
        assertThat(head.bytes()).isEqualTo(gapped);
        head.append(rows, 0, KEY, rows, 0, VALUE, new int[] {5, 70_001}, 0, 2);
        assertThat(head.bytes()).isEqualTo(gapped + 8 * Short.BYTES);
        int[] positions = new int[5];
        head.page(0).positions(0, 5, positions);
        assertThat(positions).containsExactly(70_000, 70_002, 70_000 - Short.MAX_VALUE, 5, 70_001);
    }

    /** A page has no more room than its entries need, rounded up, and is sealed with as much. */
    @Test
    void pagesThatGrowTakeNoMoreThanTheirEntries() {
        PagePool pool = new PagePool();
        Pair pair = empty(pool, 8);
        HeadCache head = pair.cache.head(0, 0);
        head.growBy(3);
        float[] rows = new float[20 * KEY];
        long entry = 4 * (KEY + VALUE);
        int[] positions = IntStream.range(0, 20).toArray();
        int[] rooms = {3, 3, 3, 6, 6, 6, 8, 8, 11, 11};
        for (int i = 0; i < rooms.length; i++) {
            head.append(rows, 0, KEY, rows, 0, VALUE, positions, i, 1);
            assertThat(pair.cache.bytes()).as("%d entries", i + 1).isEqualTo(rooms[i] * entry).isEqualTo(pool.bytesHeld());
        }
        head.seal(1, KvType.F16, KvType.F16);
        assertThat(pair.cache.bytes()).isEqualTo(8 * entry + 3 * entry / 2);
        head.append(rows, 0, KEY, rows, 0, VALUE, positions, rooms.length, 1);
        assertThat(head.pageCount()).isEqualTo(3);
        assertThat(head.isOpen(1)).isFalse();
        assertThat(head.isOpen(2)).isTrue();
        pair.cache.close();
        assertThat(pool.bytesHeld()).isZero();
    }

    @Test
    void entriesBehindGatheredOnesStayBehindThem() {
        PagePool pool = new PagePool();
        Pair pair = empty(pool, 6);
        HeadCache head = pair.cache.head(0, 0);
        List<Entry> expected = pair.expected.get(0).get(0);
        Seeds.check(1, random -> {
            for (int i = 0; i < 3; i++) append(random, head, expected);
            while (head.size() < 20) append(random, head, expected);
        });
        gather(head, expected, 0, 0);
        assertThat(head.pageSize(0)).isEqualTo(1);
        for (int page = 0; page < head.pageCount(); page++) head.seal(page, KvType.F32, KvType.F32);
        gather(head, expected, 1, head.pageStart(1) + 2);
        round(head, expected);
        assertSame(pair);
        pair.cache.close();
        assertThat(pool.bytesHeld()).isZero();
    }

    /** Gathers one entry in front of a page. */
    private static void gather(HeadCache head, List<Entry> expected, int page, int entry) {
        expected.add(head.pageStart(page), expected.remove(entry));
        head.gather(page, new int[] {entry}, 1, KvType.F16, KvType.F16, new float[0], new float[0]);
        round(head, expected);
    }

    /** Positions cost bytes once they have gaps, weights once one differs from 1. */
    @Test
    void bytesAreThoseOfKeysAndValuesWhilePositionsFollowOnOneAnother() {
        PagePool pool = new PagePool();
        Pair pair = empty(pool, 8);
        HeadCache head = pair.cache.head(0, 0);
        float[] rows = new float[20 * KEY];
        int[] positions = IntStream.range(5, 25).toArray();
        head.append(rows, 0, KEY, rows, 0, VALUE, positions, 0, 20);
        long page = 8 * 4 * (KEY + VALUE);
        assertThat(pair.cache.bytes()).isEqualTo(3 * page);
        head.rotate(0, 20, 7, ROPE);
        assertThat(pair.cache.bytes()).isEqualTo(3 * page);
        assertThat(head.position(19)).isEqualTo(31);
        head.keep(IntStream.range(0, 20).filter(i -> i != 12).toArray(), 19);
        assertThat(pair.cache.bytes()).isEqualTo(3 * page + 8);
        KvCache fork = pair.cache.fork();
        assertThat(fork.bytes()).isEqualTo(3 * page + 8);
        fork.head(0, 0).overwrite(0, rows, 0, rows, 0, 12, 2f);
        assertThat(fork.bytes()).isEqualTo(3 * page + 8 + 8 * 4);
        assertThat(fork.head(0, 0).weight(0)).isEqualTo(2f);
        assertThat(fork.head(0, 0).weight(1)).isEqualTo(1f);
        assertThat(pair.cache.bytes()).isEqualTo(3 * page + 8);
        assertThat(pool.bytesHeld()).isEqualTo(4 * page + 8 + 8 * 4);
        fork.close();
        pair.cache.close();
        assertThat(pool.bytesHeld()).isZero();
    }

    @Test
    void recodingKeepsEntriesAndShrinksBytes() {
        PagePool pool = new PagePool();
        Pair pair = empty(pool, 8);
        HeadCache head = pair.cache.head(1, 1);
        Seeds.check(3, random -> append(random, head, pair.expected.get(1).get(1)));
        long before = head.bytes();
        int size = head.size();
        head.recode(KvType.F16, KvType.F16);
        assertThat(head.size()).isEqualTo(size);
        assertThat(head.bytes()).isLessThan(before);
        assertThat(pool.bytesHeld()).isEqualTo(head.bytes());
        float[] key = new float[KEY];
        for (int i = 0; i < size; i++) {
            head.readKey(i, key, 0);
            for (int d = 0; d < KEY; d++)
                assertThat(key[d])
                        .isEqualTo(Float.float16ToFloat(
                                Float.floatToFloat16(pair.expected.get(1).get(1).get(i).key[d])));
        }
    }

    @Test
    void sealedPagesStayAsTheyAreUntilTheyLoseAnEntry() {
        PagePool pool = new PagePool();
        Pair pair = empty(pool, 8);
        HeadCache head = pair.cache.head(0, 0);
        List<Entry> expected = pair.expected.get(0).get(0);
        Seeds.check(5, random -> append(random, head, expected));
        int size = head.size();
        for (int page = 0; page < 2; page++) head.seal(page, KvType.CHANNEL_8, KvType.TOKEN_8);
        assertThat(pair.cache.bytes()).isEqualTo(head.bytes()).isEqualTo(pool.bytesHeld());
        assertClose(head, expected);

        KvCache fork = pair.cache.fork();
        HeadCache other = fork.head(0, 0);
        int[] kept = IntStream.range(0, size).filter(i -> i != 3).toArray();
        other.keep(kept, kept.length);
        assertThat(other.page(1).format().keys()).isEqualTo(KvType.CHANNEL_8);
        assertThat(other.page(0).format()).isEqualTo(other.format());
        assertClose(head, expected);
        List<Entry> left = new ArrayList<>(expected);
        left.remove(3);
        assertClose(other, left);

        Entry entry = left.get(9);
        other.overwrite(9, entry.key, 0, entry.value, 0, entry.position, entry.weight);
        other.rotate(0, 8, 5, ROPE);
        for (int i = 0; i < 8; i++) left.set(i, rotated(left.get(i), 5));
        assertClose(other, left);
        assertClose(head, expected);
        fork.close();
        pair.cache.close();
        assertThat(pool.bytesHeld()).isZero();
    }

    private static void assertClose(HeadCache head, List<Entry> expected) {
        float[] keys = new float[expected.size() * KEY];
        float[] values = new float[expected.size() * VALUE];
        assertThat(head.size()).isEqualTo(expected.size());
        head.readKeys(0, head.size(), keys, 0);
        head.readValues(0, head.size(), values, 0);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(head.position(i)).isEqualTo(expected.get(i).position);
            for (int d = 0; d < KEY; d++)
                assertThat(keys[i * KEY + d]).isCloseTo(expected.get(i).key[d], within(0.01f));
            for (int d = 0; d < VALUE; d++)
                assertThat(values[i * VALUE + d]).isCloseTo(expected.get(i).value[d], within(0.01f));
        }
    }

    @Test
    void entriesToKeepMustAscend() {
        Pair pair = empty(new PagePool(), 4);
        HeadCache head = pair.cache.head(0, 0);
        head.append(new float[3 * KEY], 0, KEY, new float[3 * VALUE], 0, VALUE, new int[3], 0, 3);
        assertThatThrownBy(() -> head.keep(new int[] {2, 1}, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> head.keep(new int[] {3}, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
