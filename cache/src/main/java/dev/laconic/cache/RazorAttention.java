package dev.laconic.cache;

import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Need;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.model.Model;
import dev.laconic.model.Phase;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;

/**
 * Keeps everything in the heads that retrieve, and in all others the first entries, the last ones and one that stands for
 * the rest.
 *
 * <p>Tang et al., RazorAttention: Efficient KV Cache Compression Through Retrieval Heads, 2407.15891. A text of
 * {@code probe} random tokens four times over finds the heads, once for a model: a head's echo score is the attention that
 * rows pay to earlier occurrences of their own token, its induction score what they pay to the tokens after those; the 1% of
 * highest echo and the 14% of highest induction score retrieve, query heads that share a KV head counting as the best of
 * them. Another head, at N tokens, keeps {@code sinks} entries and the last {@code max(window, N / ratio)}; the n dropped
 * ones become a compensation token of key {@code mean k}, value {@code mean v} and weight n, which counts as
 * {@code n exp(q . mean k)} in the softmax. Departs from the paper: shares of heads are rounded up, so that a small model has
 * heads that retrieve; models whose attention falls with distance (ALiBi) are treated alike, where the paper computes a
 * window for each head from its slope; entries are dropped 32 at a time after the prompt; a probe longer than a quarter of
 * the model's context is cut to that.
 */
@Technique(
        id = "razor",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "RazorAttention: Efficient KV Cache Compression Through Retrieval Heads",
        paper = "2407.15891",
        needs = Need.ATTENTION_PROBABILITIES)
public record RazorAttention(
        @Option(value = "4000", min = 1, help = "newest entries that other heads keep at least") int window,
        @Option(value = "5", min = 1, help = "newest share they keep: one in so many") double ratio,
        @Option(value = "4", min = 0, help = "entries kept at the start") int sinks,
        @Option(value = "0.14", min = 0, max = 1, help = "share of KV heads that retrieve by induction") double induction,
        @Option(value = "0.01", min = 0, max = 1, help = "share of KV heads that retrieve by echo") double echo,
        @Option(value = "2500", min = 2, help = "random tokens that find the heads") int probe,
        @Option(value = "prompt-end", help = "when entries of the prompt are dropped") When when)
        implements KvPolicy {
    private static final int DROPPED_AT_A_TIME = 32;

    @Override
    public boolean sameForAnyChunks() {
        return when == When.PROMPT_END;
    }

    @Override
    public int firstRow(int promptLength) {
        return when == When.PROMPT_END ? promptLength - 1 : 0;
    }

    @Override
    public SequenceHooks start(CacheContext context) {
        return new Razor(this, context.once(this, () -> retrieving(context.model())));
    }

    /** Whether each layer's KV heads retrieve. */
    private boolean[][] retrieving(Model model) {
        int length = Math.max(2, Math.min(probe, (model.parameters().context() - 1) / RetrievalProbe.REPEATS));
        return RetrievalProbe.run(model, length).kvHeads(induction, echo);
    }

    private record Razor(RazorAttention technique, boolean[][] retrieving) implements SequenceHooks {
        @Override
        public void afterAttention(int layer, Sequence sequence) {
            boolean decode = sequence.phase() == Phase.DECODE;
            if (!decode && !technique.when.includes(sequence.phase())) return;
            int kept = (int) Math.max(technique.window, sequence.length() / technique.ratio);
            for (int head = 0; head < retrieving[layer].length; head++)
                if (!retrieving[layer][head])
                    drop(sequence.cache().head(layer, head), kept, decode ? DROPPED_AT_A_TIME : 1);
        }

        /** Drops what lies between sinks and window, the compensation token of what was dropped before included. */
        private void drop(HeadCache held, int window, int least) {
            int first = technique.sinks;
            int end = held.size() - window;
            if (end - first <= least) return;
            float[] key = new float[held.format().keyDimension()];
            float[] value = new float[held.format().valueDimension()];
            double[] keys = new double[key.length];
            double[] values = new double[value.length];
            double weight = 0;
            for (int entry = first; entry < end; entry++) {
                double each = held.weight(entry);
                held.readKey(entry, key, 0);
                held.readValue(entry, value, 0);
                for (int c = 0; c < key.length; c++) keys[c] += each * key[c];
                for (int c = 0; c < value.length; c++) values[c] += each * value[c];
                weight += each;
            }
            for (int c = 0; c < key.length; c++) key[c] = (float) (keys[c] / weight);
            for (int c = 0; c < value.length; c++) value[c] = (float) (values[c] / weight);
            int position = held.position(first);
            int[] kept = new int[first + 1 + window];
            for (int i = 0; i < kept.length; i++) kept[i] = i <= first ? i : i - first - 1 + end;
            held.keep(kept, kept.length);
            held.overwrite(first, key, 0, value, 0, position, (float) weight);
        }
    }
}
