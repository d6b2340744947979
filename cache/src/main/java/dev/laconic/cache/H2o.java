package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Need;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.model.Sequence;

/**
 * Keeps the entries that have gathered most attention, and the newest.
 *
 * <p>Zhang et al., H2O: Heavy-Hitter Oracle for Efficient Generative Inference of Large Language Models, 2306.14048:
 * entry k is worth {@code sum over rows q of S(q, k)}, S being the attention probabilities; one part of the budget goes to
 * the entries worth most, the other to the newest. Departs from the paper: query heads that share a KV head add up what
 * they gather, since they share its entries.
 */
@Technique(
        id = "h2o",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "H2O: Heavy-Hitter Oracle for Efficient Generative Inference of Large Language Models",
        paper = "2306.14048",
        needs = Need.ATTENTION_PROBABILITIES)
public record H2o(
        @Option(value = "20%", help = "entries kept of each head") Budget budget,
        @Option(value = "0.5", min = 0, max = 1, help = "share of them that goes to the newest") double recent,
        @Option(value = "always", help = "when entries are evicted") When when)
        implements KvScorer {

    @Override
    public boolean observes(Sequence sequence, int from, int to) {
        return true;
    }

    @Override
    public void observe(ScoredHead head, int position, int query, float[] probabilities, int offset) {
        head.gathered().add(probabilities, offset, head.size());
    }

    @Override
    public void score(ScoredHead head, int allowed, float[] scores) {
        long newest = Math.round(recent * allowed);
        for (int i = 0; i < head.size(); i++)
            scores[i] = head.size() - i <= newest ? KEPT : head.gathered().get(i);
    }
}
