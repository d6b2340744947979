package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.kernels.Top;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;
import java.util.Arrays;

/** A scorer at work in one sequence: gathers what it wants to see, and evicts layer by layer as soon as one is computed. */
class Evicting implements SequenceHooks {
    private final KvScorer scorer;
    private final CacheContext context;
    private final ScoredHead[][] heads;
    private final float[][] scores;
    private final int[] sizes;
    private final int[] perLayer;
    private final int[] perHead;
    private final int[] group;
    private int allottedFor = -1;
    private final Top top;

    Evicting(KvScorer scorer, CacheContext context) {
        this.scorer = scorer;
        this.context = context;
        top = context.model().kernels().top();
        int layers = context.layers();
        heads = new ScoredHead[layers][];
        group = new int[layers];
        int most = 0;
        for (int layer = 0; layer < layers; layer++) {
            heads[layer] = new ScoredHead[context.heads(layer)];
            group[layer] = context.group(layer);
            for (int head = 0; head < heads[layer].length; head++) {
                HeadCache entries = context.cache().head(layer, head);
                heads[layer][head] = new ScoredHead(layer, head, entries, entries.column(scorer), context.sequence());
            }
            most = Math.max(most, heads[layer].length);
        }
        scores = new float[most][0];
        sizes = new int[most];
        perHead = new int[most];
        perLayer = new int[layers];
    }

    @Override
    public boolean wantsProbabilities(int layer) {
        return scorer.observes(context.sequence(), 0, Integer.MAX_VALUE);
    }

    @Override
    public boolean wantsProbabilities(int layer, int from, int to) {
        return scorer.observes(context.sequence(), from, to);
    }

    @Override
    public void probabilities(
            int layer, int queryHead, int position, HeadCache entries, float[] probabilities, int offset) {
        int shared = group[layer];
        scorer.observe(heads[layer][queryHead / shared], position, queryHead % shared, probabilities, offset);
    }

    @Override
    public void afterAttention(int layer, Sequence sequence) {
        if (!scorer.when().includes(sequence.phase()) || heads[layer].length == 0) return;
        int count = heads[layer].length;
        int held = 0;
        for (ScoredHead head : heads[layer]) held += head.size();
        int allowed = allowed(layer, sequence);
        if (held > (long) count * allowed) evict(layer, allowed);
        for (ScoredHead head : heads[layer]) scorer.compressed(head);
    }

    private void evict(int layer, int allowed) {
        int count = heads[layer].length;
        for (int head = 0; head < count; head++) {
            sizes[head] = heads[layer][head].size();
            if (scores[head].length < sizes[head]) scores[head] = new float[2 * sizes[head]];
            scorer.score(heads[layer][head], allowed, scores[head]);
        }
        Arrays.fill(perHead, 0, count, allowed);
        int[] entries = count == perHead.length ? perHead : Arrays.copyOf(perHead, count);
        for (KvAllocator allocator : context.allocators()) allocator.heads(entries, scores, sizes);
        for (int head = 0; head < count; head++) {
            if (entries[head] >= sizes[head]) continue;
            int found = top.find(scores[head], sizes[head], entries[head]);
            keep(heads[layer][head], scores[head], top.kept(), found);
        }
    }

    /**
     * Leaves a head with the entries of highest score.
     *
     * @param kept ascending entry indexes, of which the first {@code count} are read
     */
    void keep(ScoredHead head, float[] scoresOfHead, int[] kept, int count) {
        head.entries().keep(kept, count);
    }

    /** Shares the scorer's own budget out among layers, as {@link KvAllocator#layers} does, before the chain's allocators. */
    void layers(int[] entries, int total) {}

    /** Entries that each head of a layer may keep on average. */
    private int allowed(int layer, Sequence sequence) {
        int total = Math.max(sequence.promptLength(), sequence.length());
        if (total != allottedFor) {
            Arrays.fill(perLayer, entries(scorer.budget(), total));
            layers(perLayer, total);
            if (!context.allocators().isEmpty()) shareOut(total);
            allottedFor = total;
        }
        return perLayer[layer];
    }

    /** Has the chain's allocators share out what the layers have beyond the scorer's window. */
    private void shareOut(int total) {
        int window = scorer.window();
        for (int entries : perLayer) window = Math.min(window, entries);
        for (int i = 0; i < perLayer.length; i++) perLayer[i] -= window;
        for (KvAllocator allocator : context.allocators()) allocator.layers(perLayer, total - window);
        for (int i = 0; i < perLayer.length; i++) perLayer[i] += window;
    }

    /** What a budget allows each head; bytes buy whole pages, in which places stay free where entries go one by one. */
    private int entries(Budget budget, int total) {
        if (budget.unit() != Budget.Unit.BYTES) return (int) budget.items(total, 1);
        long pages = 0;
        int perPage = 1;
        for (ScoredHead[] layer : heads)
            for (ScoredHead head : layer) {
                pages += head.entries().format().gappedPageBytes();
                perPage = head.entries().format().entriesPerPage();
            }
        int places = (int) Math.min(total, (long) budget.amount() / Math.max(1, pages) * perPage);
        int spare = 0;
        if (scorer.when() == When.ALWAYS)
            for (ScoredHead[] layer : heads)
                for (ScoredHead head : layer) spare = Math.max(spare, head.entries().format().spare(places));
        return places - spare;
    }

    @Override
    public long hotBytes() {
        long entries = 0;
        for (ScoredHead[] layer : heads) for (ScoredHead head : layer) entries += head.size();
        return Float.BYTES * entries;
    }
}
