package dev.laconic.cache;

import dev.laconic.kernels.Kernels;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.Page;

/** Query-key products of one row with all entries of a KV head; its scratch is used again. */
final class QueryScores {
    private final Kernels kernels;
    private float[] products = {};
    private float[] scores = {};

    QueryScores(Kernels kernels) {
        this.kernels = kernels;
    }

    /**
     * Each entry's largest product with one of {@code group} queries that stand side by side from {@code offset}; the first
     * {@code entries.size()} are valid until the next call.
     */
    float[] largest(HeadCache entries, float[] queries, int offset, int group) {
        int size = entries.size();
        int dimension = entries.format().keyDimension();
        int perPage = entries.format().entriesPerPage();
        if (scores.length < size) scores = new float[2 * size];
        if (products.length < group * perPage) products = new float[group * perPage];
        for (int p = 0; p < entries.pageCount(); p++) {
            Page page = entries.page(p);
            int start = entries.pageStart(p);
            int n = entries.pageSize(p);
            kernels.kv(page.format().keys())
                    .scores(page.data(), page.keyBase(), 0, n, dimension, queries, offset, dimension, group, 1f,
                            products, 0, perPage);
            for (int i = 0; i < n; i++) {
                float most = products[i];
                for (int g = 1; g < group; g++) most = Math.max(most, products[g * perPage + i]);
                scores[start + i] = most;
            }
        }
        return scores;
    }
}
