package dev.laconic.cache;

import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Need;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.Top;
import dev.laconic.model.Phase;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.EntryColumn;
import dev.laconic.model.kv.HeadCache;

/**
 * Stores salient entries in more bits than others; which are salient a few probe rows say.
 *
 * <p>He et al., ZipCache: Accurate and Efficient KV Cache Quantization with Salient Token Identification, 2405.14256: entry
 * k is worth {@code sum over probe rows q >= k of S(q, k) / (number of such rows)}, which does not favour early entries as a
 * plain sum does; probes are the newest 5% of rows and 5% drawn by lot. Keys are quantised per channel; values, each
 * channel divided by {@code sqrt(max |x|)}, per entry. The prompt is compressed when it is complete, the answer every
 * {@code gap} tokens. Values may have bits of their own, as in the authors' code. Departs from the paper: saliency and scales
 * are per KV head, channels' scales per page of 64 entries; salient entries are whole pages, and of the others only whole
 * pages are compressed, but for those left at the end of the prompt, so that up to 63 of the newest entries stay as they
 * are; values of two and four bits have a scale and minimum fitted to their codes, where the paper takes them from the
 * largest and smallest.
 */
@Technique(
        id = "zipcache",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "ZipCache: Accurate and Efficient KV Cache Quantization with Salient Token Identification",
        paper = "2405.14256",
        needs = Need.ATTENTION_PROBABILITIES)
public record ZipCache(
        @Option(value = "4", min = 2, max = 16, help = "bits of salient entries: 2, 4, 8 or 16") int high,
        @Option(value = "2", min = 2, max = 16, help = "bits of the others: 2, 4, 8 or 16") int low,
        @Option(value = "0", min = 0, max = 16, help = "bits of salient values; 0 for as many as of keys") int valueHigh,
        @Option(value = "0", min = 0, max = 16, help = "bits of the other values; 0 for as many as of keys") int valueLow,
        @Option(value = "0.6", min = 0, max = 1, help = "share of entries that are salient") double salient,
        @Option(value = "0.1", min = 0, max = 1, help = "share of rows that are probes") double probes,
        @Option(value = "100", min = 1, help = "tokens of the answer that are compressed at a time") int gap)
        implements KvPolicy {

    public ZipCache {
        if (valueHigh == 0) valueHigh = high;
        if (valueLow == 0) valueLow = low;
        Codecs.requireBitsOr16("high", high);
        Codecs.requireBitsOr16("low", low);
        Codecs.requireBitsOr16("value-high", valueHigh);
        Codecs.requireBitsOr16("value-low", valueLow);
    }

    @Override
    public SequenceHooks start(CacheContext context) {
        return new Zip(this, context);
    }

    private static final class Zip implements SequenceHooks {
        private static final float[] CHOSEN_BY_TYPE = {};

        private final ZipCache technique;
        private final CacheContext context;
        private final Top top;
        private int[] entries = {};
        private float[] scores = {};
        private int[] chosen = {};

        Zip(ZipCache technique, CacheContext context) {
            this.technique = technique;
            this.context = context;
            top = context.model().kernels().top();
            Remainder.prepare(context.cache());
            for (int layer = 0; layer < context.layers(); layer++)
                for (int head = 0; head < context.heads(layer); head++)
                    context.cache().head(layer, head).column(technique);
        }

        @Override
        public boolean wantsProbabilities(int layer) {
            return true;
        }

        @Override
        public boolean wantsProbabilities(int layer, int from, int to) {
            for (int position = from; position < to; position++) if (isProbe(position)) return true;
            return false;
        }

        /** Whether a row is asked; the prompt is one block, the answer's blocks are {@code gap} long. */
        private boolean isProbe(int position) {
            int prompt = context.sequence().promptLength();
            boolean inPrompt = position < prompt;
            int at = inPrompt ? position : (position - prompt) % technique.gap;
            int length = inPrompt ? prompt : technique.gap;
            if (at >= length - (int) Math.ceil(length * technique.probes / 2)) return true;
            return (position * 0x9E3779B97F4A7C15L >>> 11) * 0x1p-53 < technique.probes / 2;
        }

        @Override
        public void probabilities(
                int layer, int queryHead, int position, HeadCache held, float[] probabilities, int offset) {
            if (!isProbe(position)) return;
            held.column(technique).add(probabilities, offset, held.size());
        }

        @Override
        public void afterAttention(int layer, Sequence sequence) {
            if (sequence.phase() == Phase.PREFILL) return;
            boolean answer = sequence.phase() == Phase.DECODE;
            for (int head = 0; head < context.heads(layer); head++)
                compress(sequence.cache().head(layer, head), answer, sequence.length());
        }

        /** Compresses what is not compressed yet; of the answer, if that is {@code gap} entries. */
        private void compress(HeadCache held, boolean answer, int length) {
            int first = 0;
            int page = 0;
            while (page < held.pageCount() && !held.isOpen(page)) first = held.pageStart(++page);
            int perPage = held.format().entriesPerPage();
            int count = held.size() - first;
            if (answer && count < technique.gap) return;
            int rest = count % perPage;
            KvType lowKeys = Codecs.longChannel(technique.low);
            KvType lowValues = Codecs.separable(technique.valueLow);
            if (answer || !Remainder.pays(held.format(), rest, lowKeys, lowValues)) count -= rest;
            if (scores.length < count) {
                scores = new float[count];
                entries = new int[count];
                chosen = new int[count];
            }
            score(held, first, count, length);
            int most = Math.min(count / perPage, (int) Math.round(technique.salient * count / perPage)) * perPage;
            int found = top.find(scores, count, most);
            boolean highIsPacked = technique.high < 16 || technique.valueHigh < 16;
            boolean lowIsPacked = technique.low < 16 || technique.valueLow < 16;
            int next = 0;
            int others = 0;
            for (int i = 0; i < count; i++) {
                if (next < found && top.kept()[next] == i) entries[next++] = first + i;
                else chosen[others++] = first + i;
            }
            // Gathered entries move to the front, and the salient ones then follow on behind them.
            if (lowIsPacked)
                held.gather(chosen, others, lowKeys, lowValues, CHOSEN_BY_TYPE, CHOSEN_BY_TYPE);
            if (highIsPacked) {
                int from = lowIsPacked ? first + others : first;
                if (lowIsPacked) for (int i = 0; i < found; i++) entries[i] = from + i;
                held.gather(entries, found, Codecs.longChannel(technique.high), Codecs.separable(technique.valueHigh),
                        CHOSEN_BY_TYPE, CHOSEN_BY_TYPE);
            }
            if (lowIsPacked && highIsPacked) held.column(technique).forget(first + count, held.size());
        }

        /** Mean attention of the probes that could see an entry; entries are in order of position. */
        private void score(HeadCache held, int first, int count, int length) {
            EntryColumn gathered = held.column(technique);
            int rows = 0;
            int position = length;
            for (int i = count - 1; i >= 0; i--) {
                while (position > held.position(first + i)) if (isProbe(--position)) rows++;
                scores[i] = gathered.get(first + i) / Math.max(1, rows);
            }
        }

        @Override
        public long hotBytes() {
            long numbers = 0;
            for (int layer = 0; layer < context.layers(); layer++)
                for (int head = 0; head < context.heads(layer); head++) {
                    HeadCache held = context.cache().head(layer, head);
                    numbers += held.size() - held.column(technique).forgotten();
                }
            return Float.BYTES * numbers;
        }
    }
}
