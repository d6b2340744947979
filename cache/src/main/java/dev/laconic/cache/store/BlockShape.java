package dev.laconic.cache.store;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.KvCache;
import dev.laconic.model.kv.KvFormat;
import java.util.ArrayList;
import java.util.List;

/**
 * What a block holds.
 *
 * @param tokens entries of each head
 * @param position of the first; the others follow on
 * @param layers one list of heads for each layer, empty where a layer has no cache
 */
public record BlockShape(int tokens, int position, List<List<KvFormat>> layers) {
    public BlockShape {
        layers = layers.stream().map(List::copyOf).toList();
    }

    /** The shape of entries {@code from} to {@code to} of a cache. */
    static BlockShape of(KvCache cache, int from, int to) {
        int position = 0;
        for (int layer = 0; layer < cache.layers(); layer++)
            if (cache.heads(layer) > 0) position = cache.head(layer, 0).position(from);
        return new BlockShape(to - from, position, formats(cache));
    }

    static List<List<KvFormat>> formats(KvCache cache) {
        List<List<KvFormat>> layers = new ArrayList<>();
        for (int layer = 0; layer < cache.layers(); layer++) {
            List<KvFormat> heads = new ArrayList<>();
            for (int head = 0; head < cache.heads(layer); head++) heads.add(cache.head(layer, head).format());
            layers.add(heads);
        }
        return layers;
    }

    /** Bytes of a layer's encoded keys and values. */
    long layerBytes(int layer) {
        long bytes = 0;
        for (KvFormat format : layers.get(layer)) bytes = Math.addExact(bytes, format.entriesBytes(tokens));
        return bytes;
    }

    /** Bytes of all encoded keys and values. */
    long bytes() {
        long bytes = 0;
        for (int layer = 0; layer < layers.size(); layer++) bytes = Math.addExact(bytes, layerBytes(layer));
        return bytes;
    }

    /** Bytes of the pages that hold these entries and nothing else. */
    long pageBytes() {
        long bytes = 0;
        for (List<KvFormat> heads : layers)
            for (KvFormat format : heads) {
                long pages = (tokens + format.entriesPerPage() - 1) / format.entriesPerPage();
                bytes += pages * format.pageBytes();
            }
        return bytes;
    }

    /** Refuses a cache that does not store its entries as the block does. */
    void requireFormats(String source, KvCache cache) {
        List<List<KvFormat>> expected = formats(cache);
        if (!layers.equals(expected)) throw new MalformedInputException(source, "formats", layers, expected.toString());
    }

    /** Whether entries {@code from} to {@code to} of every head are the tokens at these positions, as they were computed. */
    public static boolean intact(KvCache cache, int from, int to) {
        for (int layer = 0; layer < cache.layers(); layer++)
            for (int head = 0; head < cache.heads(layer); head++)
                if (!intact(cache.head(layer, head), from, to)) return false;
        return true;
    }

    private static boolean intact(HeadCache head, int from, int to) {
        if (head.size() < to) return false;
        for (int i = from; i < to; i++) {
            int page = head.pageOf(i);
            if (head.position(i) != i || head.weight(i) != 1f || !head.isOpen(page))
                return false;
        }
        return true;
    }
}
