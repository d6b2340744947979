package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Need;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.Top;
import dev.laconic.model.Phase;
import dev.laconic.model.Selection;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.EntryColumn;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.Page;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Keeps a vector for each sentence in fast memory and the entries in a mapped temporary file, and attends to the sentences
 * that are nearest to the one being written.
 *
 * <p>Zhu et al., SentenceKV: Efficient LLM Inference via Sentence-Level Semantic KV Caching, 2504.00970. When the prompt
 * has been computed, each head keeps its last {@code window} entries and, of those before, the ones that the window's rows
 * attend to most ({@code maxpool(sum over rows of S, kernel)}), {@code factor} times the budget in all; a sentence's vector
 * is the mean of its kept keys. A decoded row attends to the first {@code sinks} entries, the last {@code window} and, up to
 * the budget, the entries of the sentences s of largest {@code q . k_s}, q being the mean of the queries of the sentence
 * under way; a sentence that ends becomes one of the others. Departs from the paper: query heads that share a KV head choose
 * together, by the mean of their queries; the sentence under way is attended to as a whole; the entries that a head attended
 * to for the row before are read ahead; entries of the page that is still being filled stay in fast memory. The authors' code
 * attends to all kept entries on the first row of a sentence; here that row chooses as others do.
 */
@Technique(
        id = "sentencekv",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "SentenceKV: Efficient LLM Inference via Sentence-Level Semantic KV Caching",
        paper = "2504.00970",
        needs = {Need.TOKENIZER, Need.ATTENTION_PROBABILITIES})
public record SentenceKv(
        @Option(value = "1024", help = "entries attended to in each head") Budget budget,
        @Option(value = "3", min = 1, help = "entries kept of a prompt, in budgets") double factor,
        @Option(value = "32", min = 0, help = "entries attended to at the start") int sinks,
        @Option(value = "32", min = 1, help = "entries attended to at the end, and rows of the prompt that are asked") int window,
        @Option(value = "7", min = 1, help = "neighbouring entries that share their worth, an odd number") int kernel)
        implements KvPolicy, KvSelector {

    public SentenceKv {
        if (kernel % 2 == 0) throw new IllegalArgumentException("kernel: found " + kernel + ", expected an odd number");
    }

    @Override
    public int firstRow(int promptLength) {
        return Math.max(0, promptLength - window);
    }

    @Override
    public SequenceHooks start(CacheContext context) {
        BitSet ends = context.once(SentenceText.class, () -> SentenceText.endTokens(context.tokenizer().orElseThrow()));
        return new Sentences(this, context, new SentenceText(ends));
    }

    @Override
    public SequenceHooks resume(CacheContext context, SequenceHooks origin) {
        Sentences from = (Sentences) origin;
        Sentences sentences = new Sentences(this, context, from.text.copy());
        for (int layer = 0; layer < from.heads.length; layer++)
            for (int head = 0; head < from.heads[layer].length; head++)
                sentences.heads[layer][head].goOn(from.heads[layer][head]);
        return sentences;
    }

    private static final class Sentences extends DecodeSelection {
        private final SentenceKv technique;
        private final SentenceText text;
        private final Head[][] heads;
        /** Bytes of an entry in every head. */
        private final long entryBytes;

        Sentences(SentenceKv technique, CacheContext context, SentenceText text) {
            super(context);
            this.technique = technique;
            this.text = text;
            entryBytes = context.cache().fullBytes(1);
            heads = new Head[context.layers()][];
            for (int layer = 0; layer < heads.length; layer++) {
                heads[layer] = new Head[context.heads(layer)];
                for (int head = 0; head < heads[layer].length; head++) {
                    HeadCache entries = context.cache().head(layer, head);
                    heads[layer][head] =
                            new Head(technique, context.model().kernels(), entries, text);
                }
            }
        }

        /** Position of the first row of the window. */
        private int first() {
            return context.sequence().promptLength() - technique.window;
        }

        @Override
        public boolean wantsProbabilities(int layer) {
            return context.sequence().phase() != Phase.DECODE;
        }

        @Override
        public boolean wantsProbabilities(int layer, int from, int to) {
            return to > first();
        }

        @Override
        public void probabilities(
                int layer, int queryHead, int position, HeadCache entries, float[] probabilities, int offset) {
            if (position < first()) return;
            EntryColumn gathered = heads[layer][queryHead / context.group(layer)].gathered;
            for (int i = 0; i < entries.size(); i++) gathered.add(i, probabilities[offset + i]);
        }

        @Override
        public boolean wantsQueries(int layer) {
            return context.sequence().phase() == Phase.DECODE;
        }

        @Override
        public void beforeAttention(
                int layer, Sequence sequence, int position, int rows,
                float[] queries, int offset, int stride, float[] keys, int keyOffset, int keyStride) {
            text.read(sequence);
            int group = context.group(layer);
            for (int head = 0; head < heads[layer].length; head++) {
                int dimension = heads[layer][head].entries.format().keyDimension();
                for (int row = 0; row < rows; row++)
                    heads[layer][head].ask(queries, offset + row * stride + head * group * dimension, group);
            }
            if (layer + 1 < heads.length) for (Head above : heads[layer + 1]) above.readAhead();
        }

        @Override
        void choose(
                int layer, int kvHead, HeadCache entries, float[] queries, int offset, int group, Selection selection) {
            heads[layer][kvHead].choose(budget(), selection);
        }

        /** Entries that each head may attend to. */
        private int budget() {
            Sequence sequence = context.sequence();
            return (int) technique.budget.items(Math.max(sequence.promptLength(), sequence.length()), entryBytes);
        }

        @Override
        public void afterAttention(int layer, Sequence sequence) {
            if (sequence.phase() == Phase.PREFILL) return;
            text.read(sequence);
            if (sequence.phase() == Phase.PREFILL_END) {
                text.promptEnds();
                int kept = (int) Math.min(Integer.MAX_VALUE, Math.ceil(technique.factor * budget()));
                for (Head head : heads[layer]) head.keep(kept);
            }
            for (Head head : heads[layer]) {
                head.close(text.next(sequence));
                head.offload();
            }
        }

        @Override
        public void afterTruncate(Sequence sequence) {
            text.truncate(sequence.length());
            for (Head[] layer : heads) for (Head head : layer) head.truncate(text.next(sequence));
        }

        @Override
        public long hotBytes() {
            long bytes = text.bytes();
            for (Head[] layer : heads) for (Head head : layer) bytes += head.bytes();
            return bytes;
        }
    }

    /** One KV head. */
    private static final class Head {
        private final SentenceKv technique;
        private final HeadCache entries;
        private final SentenceText text;
        private final EntryColumn gathered;
        private final SentenceKeys keys;
        /** Sum of the queries of the sentence under way. */
        private final float[] query;
        /** The entries that were attended to last. */
        private int[] attended = {};

        private int attendedCount;
        private final Top top;
        private float[] scores = {};
        private long[] order = {};
        private int[] counts = {};

        Head(SentenceKv technique, Kernels kernels, HeadCache entries, SentenceText text) {
            this.technique = technique;
            this.entries = entries;
            this.text = text;
            gathered = entries.column(technique);
            int dimension = entries.format().keyDimension();
            keys = new SentenceKeys(kernels, dimension);
            top = kernels.top();
            query = new float[dimension];
        }

        void goOn(Head from) {
            keys.copy(from.keys);
            System.arraycopy(from.query, 0, query, 0, query.length);
        }

        /** Adds a row's queries. */
        void ask(float[] queries, int offset, int group) {
            for (int g = 0; g < group; g++)
                for (int c = 0; c < query.length; c++) query[c] += queries[offset + g * query.length + c];
        }

        /** Keeps the entries that the window attends to most, and forgets all sentences. */
        void keep(int most) {
            int size = entries.size();
            if (scores.length < size) scores = new float[2 * size];
            int end = Math.max(0, size - technique.window);
            float[] values = gathered.values();
            for (int i = 0; i < end; i++) {
                float largest = 0;
                for (int j = Math.max(0, i - technique.kernel / 2); j <= Math.min(end - 1, i + technique.kernel / 2); j++)
                    largest = Math.max(largest, values[j]);
                scores[i] = largest;
            }
            Arrays.fill(scores, end, size, Float.POSITIVE_INFINITY);
            int kept = Math.max(most, size - end);
            if (kept < size) {
                int found = top.find(scores, size, kept);
                entries.keep(top.kept(), found);
            }
            Arrays.fill(gathered.values(), 0, entries.size(), 0f);
            keys.truncate(0);
        }

        /** Makes vectors of the sentences before {@code next} that have none. */
        void close(int next) {
            int first = keys.count();
            if (first >= next) return;
            Arrays.fill(query, 0f);
            float[] sums = new float[(next - first) * query.length];
            int[] members = new int[next - first];
            float[] key = new float[query.length];
            for (int entry = 0; entry < entries.size(); entry++) {
                int sentence = text.sentence(entries.position(entry)) - first;
                if (sentence < 0 || sentence >= members.length) continue;
                entries.readKey(entry, key, 0);
                members[sentence]++;
                for (int c = 0; c < key.length; c++) sums[sentence * key.length + c] += key[c];
            }
            for (int sentence = 0; sentence < members.length; sentence++) {
                for (int c = 0; c < key.length; c++)
                    key[c] = sums[sentence * key.length + c] / Math.max(1, members[sentence]);
                keys.add(key);
            }
        }

        void choose(int budget, Selection selection) {
            int size = entries.size();
            int from = Math.min(technique.sinks, size);
            int to = Math.max(from, size - technique.window);
            int known = keys.count();
            if (counts.length < known) {
                counts = new int[2 * known];
                order = new long[2 * known];
            }
            if (scores.length < known) scores = new float[2 * known];
            Arrays.fill(counts, 0, known, 0);
            count(from, to, known);
            keys.scores(query, scores);
            int candidates = 0;
            for (int s = 0; s < known; s++)
                if (counts[s] > 0) order[candidates++] = (long) ascending(scores[s]) << 32 | s;
            Arrays.sort(order, 0, candidates);
            int left = Math.max(0, budget - technique.sinks - technique.window);
            for (int i = candidates - 1; i >= 0; i--) {
                int sentence = (int) order[i];
                counts[sentence] = Math.min(counts[sentence], left);
                left -= counts[sentence];
            }
            selection.addRange(0, from);
            select(from, to, known, selection);
            selection.addRange(to, size);
            remember(selection);
        }

        /** Counts the entries of each sentence that has a vector. */
        private void count(int from, int to, int known) {
            for (int p = 0; p < entries.pageCount(); p++) {
                int start = entries.pageStart(p);
                Page page = entries.page(p);
                for (int entry = Math.max(from, start); entry < Math.min(to, start + entries.pageSize(p)); entry++) {
                    int sentence = text.sentence(page.position(entry - start));
                    if (sentence < known) counts[sentence]++;
                }
            }
        }

        /** Adds as many entries of each sentence as are counted for it, and all of those without a vector. */
        private void select(int from, int to, int known, Selection selection) {
            for (int p = 0; p < entries.pageCount(); p++) {
                int start = entries.pageStart(p);
                Page page = entries.page(p);
                for (int entry = Math.max(from, start); entry < Math.min(to, start + entries.pageSize(p)); entry++) {
                    int sentence = text.sentence(page.position(entry - start));
                    if (sentence >= known || counts[sentence]-- > 0) selection.add(entry);
                }
            }
        }

        /** An int whose order is that of the float. */
        private static int ascending(float x) {
            int bits = Float.floatToIntBits(x);
            return bits ^ bits >> 31 & Integer.MAX_VALUE;
        }

        private void remember(Selection selection) {
            if (attended.length < selection.size()) attended = new int[2 * selection.size()];
            attendedCount = selection.size();
            for (int i = 0; i < attendedCount; i++) attended[i] = selection.entry(i);
        }

        void readAhead() {
            int i = 0;
            while (i < attendedCount && attended[i] < entries.size()) {
                int from = i++;
                while (i < attendedCount && attended[i] == attended[i - 1] + 1 && attended[i] < entries.size()) i++;
                entries.readAhead(attended[from], attended[i - 1] + 1);
            }
        }

        void offload() {
            for (int page = 0; page < entries.pageCount(); page++)
                if (entries.pageSize(page) == entries.format().entriesPerPage()) entries.offload(page);
        }

        void truncate(int sentences) {
            keys.truncate(sentences);
            Arrays.fill(query, 0f);
        }

        long bytes() {
            return keys.bytes() + (long) Float.BYTES * (entries.size() + query.length) + (long) Integer.BYTES * attended.length;
        }
    }
}
