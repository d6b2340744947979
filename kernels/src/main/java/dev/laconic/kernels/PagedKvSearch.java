package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/** A search that computes what is added at once, stretch by stretch, by the kernels of pages. */
final class PagedKvSearch implements KvSearch {
    private static final int STRETCH = 64;

    private final Kernels kernels;
    private float[] queries = {};
    private int offset;
    private int n;
    private int dimension;
    private Optional<Turns> turns = Optional.empty();
    private float[] products = {};
    private int stride;
    private int size;
    private float[] keys = {};

    PagedKvSearch(Kernels kernels) {
        this.kernels = kernels;
    }

    @Override
    public void begin(float[] newQueries, int newOffset, int newN, int newDimension, int most) {
        queries = newQueries;
        offset = newOffset;
        n = newN;
        dimension = newDimension;
        size = 0;
        if (products.length < n * most) products = new float[2 * n * most];
        stride = products.length / n;
    }

    @Override
    public void beginProducts(float[] newQueries, int newOffset, int newN, int newDimension, int most) {
        begin(newQueries, newOffset, newN, newDimension, most);
    }

    @Override
    public void beginVotes(
            float[] newQueries, int newOffset, int newN, int newDimension, int most, Turns newTurns) {
        begin(newQueries, newOffset, newN, newDimension, most);
        if (turns.isEmpty() || turns.get() != newTurns) turns = Optional.of(newTurns);
    }

    @Override
    public void add(KvType type, MemorySegment page, long base, int from, int to) {
        kernels.kv(type).scores(page, base, from, to, dimension, queries, offset, dimension, n, 1f, products, size, stride);
        size += to - from;
    }

    @Override
    public void add(KvType type, MemorySegment page, long base, int from, int to, int turn) {
        if (keys.length < STRETCH * dimension) keys = new float[STRETCH * dimension];
        for (int first = from; first < to; first += STRETCH) {
            int some = Math.min(STRETCH, to - first);
            kernels.kv(type).read(page, base, first, some, dimension, keys, 0, dimension);
            for (int i = 0; i < some; i++, size++) {
                turns.orElseThrow().turn(keys, i * dimension, turn - (first + i - from));
                for (int q = 0; q < n; q++)
                    products[q * stride + size] =
                            kernels.dot(queries, offset + q * dimension, keys, i * dimension, dimension);
            }
        }
    }

    @Override
    public int size() {
        return size;
    }

    /** Product of a query with an entry, by the order in which it was added. */
    float product(int query, int entry) {
        return products[query * stride + entry];
    }

    @Override
    public void largest(float[] scores) {
        System.arraycopy(products, 0, scores, 0, size);
        for (int q = 1; q < n; q++)
            for (int i = 0; i < size; i++) scores[i] = Math.max(scores[i], products[q * stride + i]);
    }

    @Override
    public void products(float[] into, int intoStride) {
        for (int q = 0; q < n; q++) System.arraycopy(products, q * stride, into, q * intoStride, size);
    }

    @Override
    public void votes(float[] votes) {
        Arrays.fill(votes, 0, size, 0f);
        for (int q = 0; q < n; q++) {
            kernels.softmax(products, q * stride, size);
            for (int i = 0; i < size; i++) votes[i] += products[q * stride + i];
        }
    }
}
