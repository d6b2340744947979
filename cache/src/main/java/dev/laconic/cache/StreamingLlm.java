package dev.laconic.cache;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.kernels.Rope;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;

/**
 * Keeps the first entries and the last ones, with positions counted inside the cache, so that a text may go on for ever.
 *
 * <p>Xiao et al., Efficient Streaming Language Models with Attention Sinks, 2309.17453: entry i of n stays if
 * {@code i < sinks} or {@code i >= n - window}; those that stay have positions 0, 1, 2, ... again. Departs from the paper:
 * keys are stored rotated, so moving one rounds it; therefore {@code slack} entries are evicted at a time, between two
 * steps, and a head holds up to {@code sinks + window + slack} entries and those of the step under way.
 */
@Technique(
        id = "streaming-llm",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "Efficient Streaming Language Models with Attention Sinks",
        paper = "2309.17453")
public record StreamingLlm(
        @Option(value = "4", min = 0, help = "entries kept at the start") int sinks,
        @Option(value = "1020", min = 1, help = "entries kept at the end") int window,
        @Option(value = "32", min = 0, help = "entries above these that may gather before they are evicted") int slack)
        implements KvPolicy {
    private static final Rope NO_ROTATION = new Rope(Rope.Pairing.HALVES, new float[0], 1f);

    /** @throws UsageException if keys hold learned positions, or sinks and window do not fit into the model's context */
    @Override
    public SequenceHooks start(CacheContext context) {
        if (context.model().architecture().positions() != Integer.MAX_VALUE)
            throw new UsageException(context.technique() + ": moves entries to other positions; "
                    + context.model().parameters().architecture() + " has learned positions, which cannot be moved");
        int length = context.model().parameters().context();
        if (Math.addExact(Math.addExact(sinks, window), slack) >= length)
            throw new UsageException(context.technique() + ": sinks, window and slack are " + (sinks + window + slack)
                    + " entries, the model's context holds " + length + ": make the window smaller");
        Rope[] ropes = new Rope[context.layers()];
        for (int layer = 0; layer < ropes.length; layer++)
            ropes[layer] = context.model().architecture().rope(layer).orElse(NO_ROTATION);
        return new Stream(this, ropes);
    }

    @Override
    public boolean sameForAnyChunks() {
        return false;
    }

    private record Stream(StreamingLlm technique, Rope[] ropes) implements SequenceHooks {
        @Override
        public void afterStep(Sequence sequence, int from, int rows) {
            int kept = technique.sinks + technique.window;
            int evicted = sequence.length() - kept;
            if (evicted <= technique.slack) return;
            for (int layer = 0; layer < ropes.length; layer++)
                for (int head = 0; head < sequence.cache().heads(layer); head++)
                    move(sequence.cache().head(layer, head), evicted, ropes[layer]);
            sequence.length(kept);
        }

        /** Other techniques of the chain may have evicted entries and changed their order: positions say which is which. */
        private void move(HeadCache held, int evicted, Rope rope) {
            int[] kept = new int[held.size()];
            int count = 0;
            for (int i = 0; i < held.size(); i++) {
                int position = held.position(i);
                if (position < technique.sinks || position >= technique.sinks + evicted) kept[count++] = i;
            }
            held.keep(kept, count);
            int from = 0;
            for (int i = 0; i <= count; i++) {
                if (i < count && held.position(i) >= technique.sinks) continue;
                held.rotate(from, i, -evicted, rope);
                from = i + 1;
            }
        }

        @Override
        public boolean endless() {
            return true;
        }
    }
}
