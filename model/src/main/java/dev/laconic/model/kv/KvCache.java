package dev.laconic.model.kv;

import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.Rope;

/** All entries of one sequence: a {@link HeadCache} per layer and KV head. Belongs to one thread at a time. */
public final class KvCache implements AutoCloseable {
    private final PagePool pool;
    private final Kernels kernels;
    private final Holding holding;
    private final HeadCache[][] heads;

    /** An empty cache; {@code formats[layer][head]} says how each head stores its entries. */
    public KvCache(PagePool pool, Kernels kernels, KvFormat[][] formats) {
        this.pool = pool;
        this.kernels = kernels;
        holding = new Holding();
        heads = new HeadCache[formats.length][];
        for (int layer = 0; layer < heads.length; layer++) {
            heads[layer] = new HeadCache[formats[layer].length];
            for (int head = 0; head < heads[layer].length; head++)
                heads[layer][head] = new HeadCache(pool, kernels, holding, formats[layer][head]);
        }
    }

    private KvCache(PagePool pool, Kernels kernels, Holding holding, HeadCache[][] heads) {
        this.pool = pool;
        this.kernels = kernels;
        this.holding = holding;
        this.heads = heads;
    }

    public int layers() {
        return heads.length;
    }

    /** KV heads of a layer. */
    public int heads(int layer) {
        return heads[layer].length;
    }

    public HeadCache head(int layer, int head) {
        return heads[layer][head];
    }

    public PagePool pool() {
        return pool;
    }

    /** A cache that shares every page with this one; whichever is edited first copies what it touches. */
    public KvCache fork() {
        Holding copied = new Holding();
        HeadCache[][] copy = new HeadCache[heads.length][];
        for (int layer = 0; layer < heads.length; layer++) {
            copy[layer] = new HeadCache[heads[layer].length];
            for (int head = 0; head < heads[layer].length; head++) copy[layer][head] = heads[layer][head].fork(copied);
        }
        return new KvCache(pool, kernels, copied, copy);
    }

    /** A cache without entries that stores them as this one does. */
    public KvCache empty() {
        KvFormat[][] formats = new KvFormat[heads.length][];
        for (int layer = 0; layer < heads.length; layer++) {
            formats[layer] = new KvFormat[heads[layer].length];
            for (int head = 0; head < heads[layer].length; head++) formats[layer][head] = heads[layer][head].format();
        }
        return new KvCache(pool, kernels, formats);
    }

    /** Appends entries {@code from} to {@code to} of a layer of another cache, as {@link HeadCache#share} does. */
    public void share(int layer, KvCache other, int from, int to) {
        for (int head = 0; head < heads[layer].length; head++)
            heads[layer][head].share(other.heads[layer][head], from, to);
    }

    /** Drops every entry at {@code position} or after it, in all heads. */
    public void truncate(int position) {
        for (HeadCache[] layer : heads) for (HeadCache head : layer) head.truncate(position);
    }

    /** Moves every entry of a layer by {@code delta} positions. */
    public void rotate(int layer, int delta, Rope rope) {
        for (HeadCache head : heads[layer]) head.rotate(0, head.size(), delta, rope);
    }

    /** Entries over all layers and heads. */
    public long entries() {
        long entries = 0;
        for (HeadCache[] layer : heads) for (HeadCache head : layer) entries += head.size();
        return entries;
    }

    /** Bytes of this sequence's pages; pages it shares with others count in full. */
    public long bytes() {
        return holding.bytes();
    }

    /** Those of {@link #bytes()} that lie outside fast memory. */
    public long coldBytes() {
        return holding.coldBytes();
    }

    /** Bytes of keys and values that were written to or read from pages outside fast memory so far. */
    public long movedBytes() {
        return holding.movedBytes();
    }

    /** The most that {@link #bytes()} ever was, within steps as well. */
    public long peakBytes() {
        return holding.peak();
    }

    /** Bytes that {@code tokens} entries in every head would take in f16. */
    public long fullBytes(long tokens) {
        long bytes = 0;
        for (HeadCache[] layer : heads)
            for (HeadCache head : layer) bytes += tokens * head.format().fullEntryBytes();
        return bytes;
    }

    /** Gives all pages back. */
    @Override
    public void close() {
        for (HeadCache[] layer : heads) for (HeadCache head : layer) head.close();
    }
}
