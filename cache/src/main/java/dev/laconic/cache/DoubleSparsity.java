package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.model.Phase;
import dev.laconic.model.Selection;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.EntryVectors;
import dev.laconic.model.kv.HeadCache;

/**
 * Finds the entries that matter by a few channels of their keys, and attends to these alone.
 *
 * <p>Yang et al., Post-Training Sparse Attention with Double Sparsity, 2408.07092. Once for a model, the channels C of each
 * head are found whose {@code mean |q_c k_c|} is largest. Each key's channels C lie in a label cache in few bits: the
 * paper's 1/16 of a key in f16, as in the authors' code, is a quarter of the channels in 4 bits, and with fewer channels the
 * entries found are not those of largest product; a decoded row attends to the {@code budget} entries of largest
 * {@code q_C . label}, in all layers but the first {@code full}. With {@code offload} the keys and values of those layers lie
 * in a mapped temporary file: a layer's entries are chosen by the queries that the row would have there if it came as it came
 * to the layer before, and are read while that one computes; the last layer chooses by its own queries. Departs from the
 * paper: the channels are found in texts that the model itself writes, which with fewer than about 1,024 tokens are others
 * wherever sums are rounded otherwise, and so are answers then; query heads that share a KV head choose together, by the
 * largest product that one of them has; entries of the page that is still being filled stay in fast memory.
 */
@Technique(
        id = "double-sparsity",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "Post-Training Sparse Attention with Double Sparsity",
        paper = "2408.07092")
public record DoubleSparsity(
        @Option(value = "6.25%", help = "entries attended to in each head") Budget budget,
        @Option(value = "0.25", min = 0, max = 1, help = "share of a key's channels that entries are found by") double channels,
        @Option(value = "4", min = 2, max = 16, help = "bits of a channel in the label cache: 2, 4, 8 or 16") int bits,
        @Option(value = "qk", help = "what channels are judged by: q, k, or their product") Outliers outliers,
        @Option(value = "2", min = 0, help = "layers at the start that are plain") int full,
        @Option(value = "1024", min = 1, help = "tokens that the model writes to find the channels") int probe,
        @Option(value = "false", help = "whether keys and values are kept in a file") boolean offload)
        implements KvSelector {

    /** By what a channel is judged. */
    public enum Outliers {
        /** {@code mean |q|} */
        Q,
        /** {@code mean |k|} */
        K,
        /** {@code mean |q k|} of rows that attend to themselves. */
        QK
    }

    public DoubleSparsity {
        Codecs.requireBitsOr16("bits", bits);
    }

    @Override
    public int firstRow(int promptLength) {
        return promptLength;
    }

    @Override
    public SequenceHooks start(CacheContext context) {
        return new Sparse(this, context,
                context.once(this, () -> HeavyChannels.find(context.model(), probe, channels, outliers)));
    }

    private static final class Sparse extends DecodeSelection {
        private final DoubleSparsity technique;
        private final Head[][] heads;

        Sparse(DoubleSparsity technique, CacheContext context, HeavyChannels heavy) {
            super(context);
            this.technique = technique;
            heads = new Head[context.layers()][];
            for (int layer = 0; layer < heads.length; layer++) {
                heads[layer] = new Head[layer < technique.full ? 0 : context.heads(layer)];
                for (int head = 0; head < heads[layer].length; head++) {
                    int[] channels = heavy.channels()[layer][head];
                    HeadCache entries = context.cache().head(layer, head);
                    EntryVectors labels = entries.vectors(technique, Codecs.token(technique.bits), channels.length);
                    heads[layer][head] = new Head(entries, channels, labels);
                }
            }
        }

        @Override
        public boolean selects(int layer) {
            return layer >= technique.full && super.selects(layer);
        }

        @Override
        void choose(
                int layer, int kvHead, HeadCache entries, float[] queries, int offset, int group, Selection selection) {
            Head head = heads[layer][kvHead];
            if (!foreseen(layer)) head.choose(scores(kvHead), queries, offset, group, most(entries));
            selection.addAll(head.chosen, head.count);
            selection.addRange(head.chosenOf, entries.size());
        }

        private int most(HeadCache entries) {
            long each = entries.format().fullEntryBytes() * context.allHeads();
            return (int) Math.max(1, technique.budget.items(entries.size(), each));
        }

        /** Whether a layer's entries are chosen before it is reached. */
        private boolean foreseen(int layer) {
            return technique.offload && layer > 0 && layer < context.layers() - 1;
        }

        @Override
        public boolean wantsQueriesAhead(int layer) {
            return foreseen(layer) && selects(layer);
        }

        @Override
        public void queriesAhead(int layer, Sequence sequence, int rows, float[] queries, int offset, int stride) {
            if (rows != 1) return;
            int group = context.group(layer);
            for (int h = 0; h < heads[layer].length; h++) {
                Head head = heads[layer][h];
                head.choose(scores(h), queries, offset + h * group * head.entries.format().keyDimension(), group, most(head.entries));
                head.readAhead();
            }
        }

        @Override
        public void afterAttention(int layer, Sequence sequence) {
            for (Head head : heads[layer]) {
                head.label();
                if (technique.offload && sequence.phase() != Phase.PREFILL) head.offload();
            }
        }

        @Override
        public long hotBytes() {
            long bytes = 0;
            for (Head[] layer : heads) for (Head head : layer) bytes += head.labels.bytes();
            return bytes;
        }
    }

    /** One KV head: its labels, and what was chosen last. */
    private static final class Head {
        private static final int AT_A_TIME = 64;

        private final HeadCache entries;
        private final int[] channels;
        private final EntryVectors labels;
        /** Chosen entries, ascending. */
        private int[] chosen = {};

        private int count;
        /** Entries that were chosen among. */
        private int chosenOf;

        private float[] asked = {};
        private float[] keys = {};
        private final float[] label;

        Head(HeadCache entries, int[] channels, EntryVectors labels) {
            this.entries = entries;
            this.channels = channels;
            this.labels = labels;
            label = new float[channels.length];
        }

        /** Chooses entries by their labels; those without one are chosen first. */
        void choose(QueryScores scores, float[] queries, int offset, int group, int most) {
            int size = entries.size();
            int dimension = entries.format().keyDimension();
            if (asked.length < group * channels.length) asked = new float[group * channels.length];
            for (int g = 0; g < group; g++)
                for (int c = 0; c < channels.length; c++)
                    asked[g * channels.length + c] = queries[offset + g * dimension + channels[c]];
            float[] products = scores.largest(labels, size, asked, 0, group);
            for (int i = labels.missing(0, size); i < size; i = labels.missing(i + 1, size))
                products[i] = Float.POSITIVE_INFINITY;
            chosenOf = size;
            count = scores.top(size, most);
            if (chosen.length < count) chosen = new int[2 * count];
            System.arraycopy(scores.kept(), 0, chosen, 0, count);
        }

        void readAhead() {
            int i = 0;
            while (i < count) {
                int from = i++;
                while (i < count && chosen[i] == chosen[i - 1] + 1) i++;
                entries.readAhead(chosen[from], chosen[i - 1] + 1);
            }
        }

        /** Writes the labels that are missing. */
        void label() {
            int dimension = entries.format().keyDimension();
            int entry = 0;
            while ((entry = labels.missing(entry, entries.size())) < entries.size()) {
                int end = entry + 1;
                while (end < entries.size() && end - entry < AT_A_TIME && !labels.has(end)) end++;
                if (keys.length < (end - entry) * dimension) keys = new float[AT_A_TIME * dimension];
                entries.readKeys(entry, end, keys, 0);
                for (int from = entry; entry < end; entry++) {
                    for (int c = 0; c < channels.length; c++) label[c] = keys[(entry - from) * dimension + channels[c]];
                    labels.write(entry, label, 0);
                }
            }
        }

        void offload() {
            for (int page = 0; page < entries.pageCount(); page++)
                if (entries.pageSize(page) == entries.format().entriesPerPage()) entries.offload(page);
        }
    }
}
