package dev.laconic.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** A search in native code, each stretch of entries of one type at once; types that it does not know go page by page. */
final class NativeKvSearch implements KvSearch {
    private static final int LANES = 16;

    private final NativeLibrary library;
    private final int set;
    private final PagedKvSearch paged;
    private final AttentionCall call;
    private final NativeRuns runs;
    private KvType type = KvType.F32;
    private float[] queries = {};
    private int offset;
    private int n;
    private int dimension;
    private int most;
    private Optional<Turns> turns = Optional.empty();
    /** Whether products of each query are kept, not the largest alone. */
    private boolean separate;
    /** Entries whose products are there. */
    private int done;

    private float[] copy = {};
    private MemorySegment asked = MemorySegment.NULL;
    private MemorySegment products = MemorySegment.NULL;

    NativeKvSearch(NativeLibrary library, int set, Kernels pages) {
        this.library = library;
        this.set = set;
        paged = new PagedKvSearch(pages);
        call = new AttentionCall(library, set);
        runs = new NativeRuns(library);
    }

    @Override
    public void begin(float[] newQueries, int newOffset, int newN, int newDimension, int newMost) {
        queries = newQueries;
        offset = newOffset;
        n = newN;
        dimension = newDimension;
        most = (newMost + LANES - 1) / LANES * LANES;
        separate = false;
        done = 0;
        runs.clear();
        products = library.grown(products, 4L * most);
    }

    @Override
    public void beginProducts(float[] newQueries, int newOffset, int newN, int newDimension, int newMost) {
        begin(newQueries, newOffset, newN, newDimension, newMost);
        separate = true;
        products = library.grown(products, 4L * most * n);
    }

    @Override
    public void beginVotes(
            float[] newQueries, int newOffset, int newN, int newDimension, int newMost, Turns newTurns) {
        begin(newQueries, newOffset, newN, newDimension, newMost);
        if (turns.isEmpty() || turns.get() != newTurns) turns = Optional.of(newTurns);
        separate = true;
        products = library.grown(products, 4L * most * (n + 1)); // votes behind them
    }

    @Override
    public void add(KvType keys, MemorySegment page, long base, int from, int to) {
        if (AttentionCall.fits(dimension, n)) {
            expect(keys);
            runs.add(page.address() + base, from, to);
            return;
        }
        compute();
        paged.begin(queries, offset, n, dimension, to - from);
        paged.add(keys, page, base, from, to);
        take();
    }

    @Override
    public void add(KvType keys, MemorySegment page, long base, int from, int to, int turn) {
        // What is stored turned by a Hadamard matrix cannot be turned by positions as well.
        if (AttentionCall.fits(dimension, n) && keys.grouping() != KvType.Grouping.ROTATED) {
            expect(keys);
            runs.add(page.address() + base, from, to, turn);
            return;
        }
        compute();
        paged.beginVotes(queries, offset, n, dimension, to - from, turns.orElseThrow());
        paged.add(keys, page, base, from, to, turn);
        take();
    }

    private void expect(KvType keys) {
        if (keys == type) return;
        compute();
        type = keys;
    }

    /** Takes over the products that were computed page by page. */
    private void take() {
        for (int i = 0; i < paged.size(); i++, done++) {
            float largest = paged.product(0, i);
            for (int q = 0; q < n; q++) {
                largest = Math.max(largest, paged.product(q, i));
                if (separate) products.setAtIndex(JAVA_FLOAT, q * (long) most + done, paged.product(q, i));
            }
            if (!separate) products.setAtIndex(JAVA_FLOAT, done, largest);
        }
    }

    private void compute() {
        if (runs.entries() == 0) return;
        int elements = n * dimension;
        asked = library.grown(asked, 8L * elements);
        float[] from = queries;
        int at = offset;
        if (type.grouping() == KvType.Grouping.ROTATED) {
            if (copy.length < elements) copy = new float[elements];
            System.arraycopy(queries, offset, copy, 0, elements);
            for (int q = 0; q < n; q++) Hadamard.turn(copy, q * dimension, dimension);
            from = copy;
            at = 0;
        }
        Copies.copy(from, at, asked, 0, elements);
        call.clear()
                .keys(type, dimension)
                .runs(runs)
                .queries(asked.address(), n, 1f)
                .keep(products.address() + 4L * done, separate ? most : 0);
        if (runs.turned()) {
            Turns by = turns.orElseThrow();
            if (copy.length < elements) copy = new float[elements];
            for (int q = 0; q < n; q++) by.quarter(from, at + q * dimension, dimension, copy, q * dimension);
            Copies.copy(copy, 0, asked, 4L * elements, elements);
            call.turns(by.table(dimension), -1, asked.address() + 4L * elements);
        }
        call.run();
        done += runs.entries();
        runs.clear();
    }

    @Override
    public int size() {
        return done + runs.entries();
    }

    @Override
    public void largest(float[] scores) {
        compute();
        Copies.copy(products, 0, scores, 0, done);
    }

    @Override
    public void products(float[] into, int stride) {
        compute();
        for (int q = 0; q < n; q++) Copies.copy(products, 4L * most * q, into, q * stride, done);
    }

    @Override
    public void votes(float[] votes) {
        compute();
        long votesAt = 4L * most * n;
        library.vote(set, products.address(), most, n, done, products.address() + votesAt);
        Copies.copy(products, votesAt, votes, 0, done);
    }
}
