package dev.laconic.cache;

import dev.laconic.cache.store.KvStore;
import dev.laconic.core.Budget;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.generate.PromptCache;

/**
 * Puts a prompt together from passages whose keys and values were computed before, each by itself, and computes again the
 * few tokens that other passages would have changed most.
 *
 * <p>Yao et al., CacheBlend: Fast Large Language Model Serving for RAG with Cached Knowledge Fusion, 2405.16444. Cached keys
 * are turned to the positions where their passage stands now. Layer 0 is computed in full. In layer l the rows at hand have
 * their keys and values computed and put in the place of the cached ones; the share {@code r_l} of all tokens whose keys and
 * values moved furthest, {@code |k - k_cached|^2 + |v - v_cached|^2} over all heads, go on through the layer and to the
 * next. {@code r_l} falls in a straight line from {@code ratio * (1 + slope)} in layer 1 to {@code ratio * (1 - slope)} in
 * the last; its mean is {@code ratio}. The first passage stands behind what it was computed behind, and is never computed
 * again. What is asked comes after the passages and is computed in full. Layer l + 1 is read from the store while layer l
 * computes.
 *
 * <p>As in the authors' code a passage is computed behind what introduces every prompt (a begin-of-text token, a system
 * message), which is kept as a block of its own. One that the store does not know is computed by itself first, so that an
 * answer does not depend on what was there. Receipts count rows that pass a layer whole, and in the last, where keys and values
 * are all that is needed, those whose keys and values were computed. At a ratio of 100% keys and values
 * are those of a plain run, at 0 the cached ones are used as they are. Departs from the paper: the ratio is given, where the
 * paper's controller raises it while loading takes longer than computing; and the paper leaves the fall of {@code r_l} open.
 *
 * @param ratio tokens of the passages that are computed again, on average over the layers after the first
 * @param slope from 0 for the same share in all layers to 1
 */
@Technique(
        id = "cacheblend",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "CacheBlend: Fast Large Language Model Serving for RAG with Cached Knowledge Fusion",
        paper = "2405.16444")
public record CacheBlend(
        @Option(value = "15%", help = "tokens of the passages that are computed again") Budget ratio,
        @Option(value = "0.2", min = 0, max = 1, help = "how much of the ratio it begins above and ends below") double slope)
        implements KvReuse {

    public CacheBlend {
        if (ratio.unit() == Budget.Unit.BYTES)
            throw new IllegalArgumentException("ratio: found " + ratio + ", expected a share (15%) or a count of tokens");
        if (!(slope >= 0 && slope <= 1))
            throw new IllegalArgumentException("slope: found " + slope + ", expected from 0 to 1");
    }

    /** @throws UsageException if keys cannot be moved to other positions */
    @Override
    public SequenceHooks start(CacheContext context) {
        for (int layer = 0; layer < context.layers(); layer++) context.rope(layer);
        return SequenceHooks.NONE;
    }

    @Override
    public PromptCache over(KvStore store, CacheStage stage) {
        return new PassageReuse(this, store, stage);
    }

    /**
     * Tokens that pass a layer.
     *
     * @param layer from 1 on
     * @param tokens of all passages together
     */
    int rows(int layer, int layers, int tokens) {
        double share = (double) ratio.items(tokens, 1) / tokens;
        double steep = Math.min(slope, (1 - share) / share);
        double along = layers < 3 ? 0.5 : (layer - 1.0) / (layers - 2);
        return Math.clamp(Math.round(tokens * share * (1 + steep * (1 - 2 * along))), 1, tokens);
    }
}
