package dev.laconic.cache;

import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvSearch;
import dev.laconic.kernels.Top;
import dev.laconic.model.kv.EntryVectors;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.Page;

/** Query-key products of one row with all entries of a KV head, and the largest of them; its scratch is used again. */
final class QueryScores {
    private final KvSearch search;
    private final Top top;
    private float[] scores = {};

    QueryScores(Kernels kernels) {
        search = kernels.search();
        top = kernels.top();
    }

    /**
     * Each entry's largest product with one of {@code group} queries that stand side by side from {@code offset}; the first
     * {@code entries.size()} are valid until the next call.
     */
    float[] largest(HeadCache entries, float[] queries, int offset, int group) {
        search.begin(queries, offset, group, entries.format().keyDimension(), entries.size());
        for (int p = 0; p < entries.pageCount(); p++) {
            Page page = entries.page(p);
            entries.searches(p, 0, entries.pageSize(p));
            search.add(page.format().keys(), page.data(), page.keyBase(), 0, entries.pageSize(p));
        }
        return found();
    }

    /** The same for the vectors of the first {@code size} entries; of one without a vector the score says nothing. */
    float[] largest(EntryVectors vectors, int size, float[] queries, int offset, int group) {
        vectors.search(search, size, queries, offset, group);
        return found();
    }

    private float[] found() {
        if (scores.length < search.size()) scores = new float[2 * search.size()];
        search.largest(scores);
        return scores;
    }

    /** Finds the {@code count} largest of the first {@code size} scores; see {@link #kept}. */
    int top(int size, int count) {
        return top(scores, size, count);
    }

    /** The same for the first {@code size} of any scores. */
    int top(float[] of, int size, int count) {
        return top.find(of, size, count);
    }

    /** The entries found last, ascending. */
    int[] kept() {
        return top.kept();
    }
}
