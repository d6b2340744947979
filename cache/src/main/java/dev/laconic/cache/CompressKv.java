package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Need;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.model.Model;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.EntryColumn;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.KvCache;
import java.util.stream.IntStream;

/**
 * Keeps in all heads of a layer what a few of its heads attend to that retrieve whole passages, and gives layers that lose
 * more by eviction more of the budget.
 *
 * <p>Lin et al., CompressKV: Semantic Retrieval Heads Know What Tokens are Not Important Before Generation, 2508.02401. Once
 * for a model, needles in texts of {@code probe} tokens find the {@code heads} query heads of each layer that attend most to
 * all of the needle while the model says it, and each layer's eviction error e, the relative Frobenius error of its
 * attention over 32 entries, normalised to a sum of one. When the prompt has been computed, an entry before the window is
 * worth {@code avgpool(mean over these heads of sum over the window's rows q of S(q, k), kernel)}, the same in all KV heads
 * of the layer. Of the sum B of all layers' budgets, a layer gets {@code floor + e (B - layers floor)}, at most three times
 * the mean. Departs from the paper: needles and texts are random tokens, and the needle's first tokens are the question and
 * the others the answer, which is given and not generated, so that no tokenizer is needed; errors are taken on the same
 * texts, and before the output projection; what a layer cannot take is shared out in proportion to the errors.
 */
@Technique(
        id = "compresskv",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "CompressKV: Semantic Retrieval Heads Know What Tokens are Not Important Before Generation",
        paper = "2508.02401",
        needs = Need.ATTENTION_PROBABILITIES)
public record CompressKv(
        @Option(value = "256", help = "entries kept of each head on average, the window's among them") Budget budget,
        @Option(value = "8", min = 1, help = "rows at the prompt's end that are asked") int window,
        @Option(value = "5", min = 1, help = "neighbouring entries whose worth is averaged, an odd number") int kernel,
        @Option(value = "4", min = 1, help = "query heads of each layer that decide") int heads,
        @Option(value = "32", min = 0, help = "entries that every layer gets") int floor,
        @Option(value = "1000", min = 8, help = "tokens of the texts that find the heads") int probe,
        @Option(value = "prompt-end", help = "when entries are evicted") When when)
        implements ObservationWindow {
    private static final int MOST = 3;
    /** So that a layer without loss still takes what others cannot. */
    private static final double LEAST_ERROR = 1e-6;

    public CompressKv {
        Pooling.requireOdd(kernel);
    }

    @Override
    public Pooling pooling() {
        return Pooling.MEAN;
    }

    @Override
    public float[] seen(ScoredHead head, int end) {
        float[] seen = new float[end];
        KvCache cache = head.sequence().cache();
        for (int other = 0; other < cache.heads(head.layer()); other++)
            addSeen(head.entries(), cache.head(head.layer(), other), seen);
        return seen;
    }

    /** Adds what another head of the layer has gathered; entries of the same position are the same token's. */
    private void addSeen(HeadCache entries, HeadCache other, float[] seen) {
        EntryColumn gathered = other.column(this);
        for (int i = 0; i < seen.length; i++) {
            int position = entries.position(i);
            boolean aligned = i < other.size() && other.position(i) == position;
            int at = aligned ? i : other.find(position);
            if (at >= 0) seen[i] += gathered.get(at);
        }
    }

    @Override
    public SequenceHooks start(CacheContext context) {
        return new Guided(this, context, context.once(this, () -> find(context.model())));
    }

    private SemanticProbe find(Model model) {
        int length = Math.min(probe, model.parameters().context() / 2);
        return SemanticProbe.run(model, length, window, kernel, heads);
    }

    /** Listens to the heads that decide, and shares the budget out by errors. */
    private static final class Guided extends Evicting {
        private final CompressKv technique;
        private final CacheContext context;
        private final SemanticProbe found;

        Guided(CompressKv technique, CacheContext context, SemanticProbe found) {
            super(technique, context);
            this.technique = technique;
            this.context = context;
            this.found = found;
        }

        @Override
        public void probabilities(
                int layer, int queryHead, int position, HeadCache entries, float[] probabilities, int offset) {
            if (found.heads()[layer][queryHead])
                super.probabilities(layer, queryHead, position, entries, probabilities, offset);
        }

        @Override
        void layers(int[] entries, int total) {
            int mean = entries[0];
            int least = Math.min(technique.floor, mean);
            int[] cached = IntStream.range(0, entries.length)
                    .filter(layer -> context.heads(layer) > 0)
                    .toArray();
            int[] shares = new int[cached.length];
            double[] errors = new double[cached.length];
            for (int i = 0; i < cached.length; i++) {
                shares[i] = mean - least;
                errors[i] = Math.max(LEAST_ERROR, found.errors()[cached[i]]);
            }
            Proportions.apply(shares, errors, Math.min(total, MOST * mean) - least);
            for (int i = 0; i < cached.length; i++) entries[cached[i]] = least + shares[i];
        }
    }
}
