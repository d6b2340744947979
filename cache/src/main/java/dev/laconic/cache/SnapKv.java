package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Need;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;

/**
 * Keeps what the prompt's last rows attend to, with what stands around it.
 *
 * <p>Li et al., SnapKV: LLM Knows What You are Looking for Before Generation, 2404.14469: when the prompt has been
 * computed, an entry before the window is worth {@code pool(sum over the window's rows q of S(q, k), kernel)}; the window
 * itself stays. The defaults are those of the paper's experiments: 32 rows, and the largest of 7 neighbours. Departs from
 * the paper: query heads that share a KV head add up what they see; where {@code when} is not {@code prompt-end} the same
 * is done after each part of the prompt, with that part's last rows.
 */
@Technique(
        id = "snapkv",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "SnapKV: LLM Knows What You are Looking for Before Generation",
        paper = "2404.14469",
        needs = Need.ATTENTION_PROBABILITIES)
public record SnapKv(
        @Option(value = "25%", help = "entries kept of each head, the window's among them") Budget budget,
        @Option(value = "32", min = 1, help = "rows at the prompt's end that are asked") int window,
        @Option(value = "7", min = 1, help = "neighbouring entries whose worth is pooled, an odd number") int kernel,
        @Option(value = "max", help = "what an entry is worth among its neighbours: their largest worth, or the mean") Pooling pooling,
        @Option(value = "prompt-end", help = "when entries are evicted") When when)
        implements ObservationWindow {

    public SnapKv {
        Pooling.requireOdd(kernel);
    }
}
