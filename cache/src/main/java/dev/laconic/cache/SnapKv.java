package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Need;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.model.Sequence;
import java.util.Arrays;

/**
 * Keeps what the prompt's last rows attend to, with what stands around it.
 *
 * <p>Li et al., SnapKV: LLM Knows What You are Looking for Before Generation, 2404.14469: when the prompt has been
 * computed, an entry before the window is worth {@code avgpool(sum over the window's rows q of S(q, k), kernel)}; the
 * window itself stays. Departs from the paper: query heads that share a KV head add up what they see; where {@code when} is
 * not {@code prompt-end} the same is done after each part of the prompt, with that part's last rows.
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
        @Option(value = "5", min = 1, help = "neighbouring entries whose worth is averaged, an odd number") int kernel,
        @Option(value = "prompt-end", help = "when entries are evicted") When when)
        implements KvScorer {

    public SnapKv {
        if (kernel % 2 == 0) throw new IllegalArgumentException("kernel: found " + kernel + ", expected an odd number");
    }

    @Override
    public int firstRow(int promptLength) {
        return when == When.PROMPT_END ? Math.max(0, promptLength - window) : 0;
    }

    @Override
    public boolean observes(Sequence sequence, int from, int to) {
        return from < sequence.promptLength() && to > first(sequence);
    }

    /** Position of the first row that is asked. */
    private int first(Sequence sequence) {
        return (when == When.PROMPT_END ? sequence.promptLength() : sequence.length()) - window;
    }

    @Override
    public void observe(ScoredHead head, int position, int query, float[] probabilities, int offset) {
        if (position < first(head.sequence())) return;
        for (int i = 0; i < head.size(); i++) head.gathered().add(i, probabilities[offset + i]);
    }

    @Override
    public void score(ScoredHead head, int allowed, float[] scores) {
        int end = Math.max(0, head.size() - window);
        pool(head.gathered().values(), end, kernel, scores);
        Arrays.fill(scores, end, head.size(), KEPT);
    }

    @Override
    public void compressed(ScoredHead head) {
        Arrays.fill(head.gathered().values(), 0, head.size(), 0f);
    }

    /** {@code pooled[i]} is the mean of {@code x[i - kernel / 2 ... i + kernel / 2]}, zeros where there is none. */
    static void pool(float[] x, int n, int kernel, float[] pooled) {
        for (int i = 0; i < n; i++) {
            float sum = 0;
            for (int j = Math.max(0, i - kernel / 2); j <= Math.min(n - 1, i + kernel / 2); j++) sum += x[j];
            pooled[i] = sum / kernel;
        }
    }
}
