package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Need;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.model.Sequence;

/**
 * Keeps the entries that have gathered most attention, what lies far back counting less.
 *
 * <p>Jo and Shin, A2SF: Accumulative Attention Scoring with Forgetting Factor for Token Pruning in Transformer Decoder,
 * 2407.20485: after row n, entry k is worth {@code sum over rows q <= n of factor^(n - q) S(q, k)}, S being the attention
 * probabilities. So that the newest entries are not lost before anything could attend to them, {@code recent} of them
 * stay, as in the authors' code. Departs from the paper: query heads that share a KV head add up what they gather.
 */
@Technique(
        id = "a2sf",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "A2SF: Accumulative Attention Scoring with Forgetting Factor for Token Pruning in Transformer Decoder",
        paper = "2407.20485",
        needs = Need.ATTENTION_PROBABILITIES)
public record A2sf(
        @Option(value = "25%", help = "entries kept of each head") Budget budget,
        @Option(value = "0.95", min = 0, max = 1, help = "what attention is worth a row later") double factor,
        @Option(value = "16", min = 0, help = "newest entries that stay") int recent,
        @Option(value = "always", help = "when entries are evicted") When when)
        implements KvScorer {

    @Override
    public int window() {
        return recent;
    }

    @Override
    public boolean observes(Sequence sequence, int from, int to) {
        return true;
    }

    @Override
    public void observe(ScoredHead head, int position, int query, float[] probabilities, int offset) {
        float[] gathered = head.gathered().values();
        float remembered = query == 0 ? (float) factor : 1f;
        int size = head.size();
        for (int i = 0; i < size; i++) gathered[i] = remembered * gathered[i] + probabilities[offset + i];
    }

    @Override
    public void score(ScoredHead head, int allowed, float[] scores) {
        for (int i = 0; i < head.size(); i++)
            scores[i] = head.size() - i <= recent ? KEPT : head.gathered().get(i);
    }
}
