package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvSearch;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.Rope;
import dev.laconic.kernels.Team;
import dev.laconic.kernels.Top;
import dev.laconic.kernels.Turns;
import dev.laconic.model.Selection;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.block.Attention;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.Page;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Attends to the first tokens, the last ones, and those between that the layer's heads vote for, as if they stood side by
 * side, so that a text may be longer than the model was trained on.
 *
 * <p>Wu et al., TokenSelect: Efficient Long-Context Inference and Length Extrapolation for LLMs via Dynamic Token-Level KV
 * Cache Selection, 2411.02886. With q the mean of the queries of up to {@code chunk} rows of a step, token i has
 * {@code sum over query heads h of softmax(q_h . k_h)_i} votes, all keys being taken at the distance {@code window} from
 * the first of the rows; the {@code budget} tokens of most votes are the same for all heads of the layer. A decoded row
 * whose q is as near as {@code cos(q, q') >= reuse} to the one chosen for last keeps that choice. What is attended to has
 * the positions 0, 1, 2, ... in order: entries before the window move up to it. Nothing is chosen before the text has more
 * than sinks, budget and window; the three stay within the model's context however large the budget is. Departs from the
 * paper: rows of a prompt always choose anew, and keys are stored rotated, so queries are turned instead of keys.
 */
@Technique(
        id = "tokenselect",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "TokenSelect: Efficient Long-Context Inference and Length Extrapolation for LLMs via Dynamic Token-Level KV"
                + " Cache Selection",
        paper = "2411.02886")
public record TokenSelect(
        @Option(value = "2048", help = "tokens that are voted for in each layer") Budget budget,
        @Option(value = "128", min = 0, help = "tokens attended to at the start") int sinks,
        @Option(value = "512", min = 1, help = "tokens attended to at the end") int window,
        @Option(value = "512", min = 1, help = "rows of a step that choose together") int chunk,
        @Option(value = "0.9", min = -1, max = 1.1, help = "cosine of queries from which a choice is kept") double reuse)
        implements KvSelector {

    @Override
    public boolean sameForAnyChunks() {
        return false;
    }

    /** @throws dev.laconic.core.error.UsageException if a layer has no rotary positions */
    @Override
    public SequenceHooks start(CacheContext context) {
        return new Votes(this, context);
    }

    @Override
    public SequenceHooks resume(CacheContext context, SequenceHooks origin) {
        Votes votes = new Votes(this, context);
        votes.goOn((Votes) origin);
        return votes;
    }

    /** What rows that choose together attend to, by position: {@code [0, sinks)}, the chosen ones, and all from {@code local} on. */
    private static final class Choice {
        private int[] chosen = {};
        private int count;
        private int local;
        private boolean all;

        void copy(Choice from) {
            chosen = Arrays.copyOf(from.chosen, from.count);
            count = from.count;
            local = from.local;
            all = from.all;
        }
    }

    /** One layer: its choices in the step at hand, and what the last choice was made for. */
    private static final class Layer {
        private final Attention.Spec spec;
        private final Turns turns;
        private final List<Choice> choices = new ArrayList<>(List.of(new Choice()));
        private final int[] rowsSeen;
        private final float[] query;
        private final float[] queryBefore;
        private boolean known;

        Layer(Attention.Spec spec, Turns turns) {
            this.spec = spec;
            this.turns = turns;
            rowsSeen = new int[spec.kvHeads()];
            query = new float[spec.queryHeads() * spec.keyDimension()];
            queryBefore = new float[query.length];
        }

        int group() {
            return spec.queryHeads() / spec.kvHeads();
        }

        /** Whether the query is as near as that to the one that was chosen for last. */
        boolean near(Kernels kernels, double cosine) {
            double product = kernels.dot(query, 0, queryBefore, 0, query.length);
            double lengths = Math.sqrt(kernels.dot(query, 0, query, 0, query.length))
                    * Math.sqrt(kernels.dot(queryBefore, 0, queryBefore, 0, query.length));
            return product >= cosine * lengths;
        }

        long bytes() {
            long bytes = (long) Float.BYTES * (query.length + queryBefore.length);
            for (Choice choice : choices) bytes += (long) Integer.BYTES * choice.chosen.length;
            return bytes;
        }
    }

    private static final class Votes implements SequenceHooks {
        private final TokenSelect technique;
        private final CacheContext context;
        private final Layer[] layers;
        private final Ballot ballot;
        /** Bytes of an entry in every head. */
        private final long entryBytes;

        Votes(TokenSelect technique, CacheContext context) {
            this.technique = technique;
            this.context = context;
            entryBytes = context.cache().fullBytes(1);
            layers = new Layer[context.layers()];
            int heads = 0;
            for (Attention.Spec spec : context.model().architecture().attentions()) {
                layers[spec.layer()] = new Layer(spec, turns(spec.layer()));
                heads = Math.max(heads, spec.kvHeads());
            }
            ballot = new Ballot(context.model().kernels(), technique.sinks, heads);
        }

        /** Layers and sequences of one rope share its rotations. */
        private Turns turns(int layer) {
            Rope rope = context.rope(layer);
            return context.once(rope, () -> new Turns(rope));
        }

        void goOn(Votes origin) {
            for (int layer = 0; layer < layers.length; layer++) {
                if (layers[layer] == null || !origin.layers[layer].known) continue;
                layers[layer].known = true;
                System.arraycopy(origin.layers[layer].queryBefore, 0, layers[layer].queryBefore, 0,
                        layers[layer].queryBefore.length);
                layers[layer].choices.getFirst().copy(origin.layers[layer].choices.getFirst());
            }
        }

        @Override
        public boolean wantsQueries(int layer) {
            return true;
        }

        @Override
        public void beforeAttention(
                int layer, Sequence sequence, int position, int rows,
                float[] queries, int offset, int stride, float[] keys, int keyOffset, int keyStride) {
            Layer of = layers[layer];
            Arrays.fill(of.rowsSeen, 0);
            of.turns.reach(Math.max(sequence.length(), position + rows) + technique.window);
            ballot.step(of, sequence, position, keys, keyOffset, keyStride);
            for (int from = 0, i = 0; from < rows; from += technique.chunk, i++) {
                if (i == of.choices.size()) of.choices.add(new Choice());
                int to = Math.min(rows, from + technique.chunk);
                choose(of, of.choices.get(i), position + from, position + to, rows == 1, queries,
                        offset + from * stride, stride);
            }
        }

        /** Chooses for the rows at positions {@code from} to {@code to}. */
        private void choose(
                Layer of, Choice choice, int from, int to, boolean single, float[] queries, int offset, int stride) {
            choice.local = Math.max(0, Math.min(from, to - technique.window));
            int room = context.model().parameters().context() - technique.sinks - (to - choice.local);
            int most = (int) Math.max(0, Math.min(room, technique.budget.items(to, entryBytes)));
            choice.all = choice.local - technique.sinks <= most;
            if (choice.all) {
                of.known = false;
                return;
            }
            mean(of, to - from, from, queries, offset, stride);
            if (single && of.known && of.near(context.model().kernels(), technique.reuse)) return;
            ballot.elect(choice.local, most);
            if (choice.chosen.length < ballot.count()) choice.chosen = new int[Math.max(most, ballot.count())];
            choice.count = ballot.count();
            System.arraycopy(ballot.elected(), 0, choice.chosen, 0, choice.count);
            System.arraycopy(of.query, 0, of.queryBefore, 0, of.query.length);
            of.known = single;
        }

        /** The mean of the rows' queries, the first of them being at the position {@code window}. */
        private void mean(Layer of, int rows, int position, float[] queries, int offset, int stride) {
            Kernels kernels = context.model().kernels();
            int width = of.query.length;
            Arrays.fill(of.query, 0f);
            for (int row = 0; row < rows; row++)
                kernels.addScaled(1f / rows, queries, offset + row * stride, of.query, 0, width);
            for (int head = 0; head < of.spec.queryHeads(); head++)
                of.turns.turn(of.query, head * of.spec.keyDimension(), technique.window - position);
        }

        @Override
        public boolean selects(int layer) {
            return true;
        }

        @Override
        public void select(
                int layer, int kvHead, HeadCache entries, float[] queries, int offset, int rows, int group,
                Selection selection) {
            Layer of = layers[layer];
            Choice choice = of.choices.get(of.rowsSeen[kvHead] / technique.chunk);
            of.rowsSeen[kvHead] += rows;
            selection.turns(of.turns);
            if (choice.all) selection.addRange(0, entries.size());
            else if (inOrder(entries)) add(choice, entries.size(), selection);
            else search(choice, entries, selection);
        }

        /** Whether entry i is known to be at position i. */
        private static boolean inOrder(HeadCache entries) {
            for (int p = 0; p < entries.pageCount(); p++) {
                int start = entries.pageStart(p);
                if (entries.page(p).minPosition() != start
                        || entries.page(p).maxPosition() != start + entries.pageSize(p) - 1) return false;
            }
            return true;
        }

        private void add(Choice choice, int size, Selection selection) {
            selection.addRange(0, technique.sinks, choice.local - technique.sinks - choice.count);
            for (int i = 0; i < choice.count; i++) selection.add(choice.chosen[i], shift(choice, i));
            selection.addRange(choice.local, size);
        }

        /** Where entries were evicted or stand otherwise, their positions say which they are. */
        private void search(Choice choice, HeadCache entries, Selection selection) {
            for (int entry = 0; entry < entries.size(); entry++) {
                int position = entries.position(entry);
                if (position >= choice.local) selection.add(entry);
                else if (position < technique.sinks)
                    selection.add(entry, choice.local - technique.sinks - choice.count);
                else {
                    int found = Arrays.binarySearch(choice.chosen, 0, choice.count, position);
                    if (found >= 0) selection.add(entry, shift(choice, found));
                }
            }
        }

        /** Tokens between a chosen one and the last ones that are left out. */
        private static int shift(Choice choice, int index) {
            return choice.local - choice.chosen[index] - (choice.count - index);
        }

        @Override
        public void afterTruncate(Sequence sequence) {
            for (Layer layer : layers) if (layer != null) layer.known = false;
        }

        @Override
        public boolean endless() {
            return technique.sinks + technique.window < context.model().parameters().context();
        }

        @Override
        public long hotBytes() {
            long bytes = 0;
            for (Layer layer : layers) if (layer != null) bytes += layer.bytes();
            return bytes;
        }
    }

    /** Counts the votes of a layer's heads, each head by one thread; its scratch is used again. */
    private static final class Ballot implements Team.Task {
        private final Kernels kernels;
        private final int sinks;
        private final Head[] heads;
        private final Top top;
        private float[] votes = {};
        private int count;
        private Layer layer;
        private Sequence sequence;
        private int first;
        private float[] keys = {};
        private int keyOffset;
        private int keyStride;
        private int end;

        /** What a KV head votes for. */
        private static final class Head {
            private final KvSearch search;
            private MemorySegment newKeys = MemorySegment.NULL;
            private float[] votes = {};
            /** Runs of positions that were voted for, in that order: each first one, and how many there are. */
            private int[] runs = {};
            private int count;

            Head(KvSearch search) {
                this.search = search;
            }

            void begin(float[] queries, int offset, int n, int dimension, int most, Turns turns) {
                search.beginVotes(queries, offset, n, dimension, most, turns);
                count = 0;
            }

            /** Counts the votes. */
            void finish() {
                if (votes.length < search.size()) votes = new float[2 * search.size()];
                search.votes(votes);
            }

            /** Adds the votes of each position, of which {@code sum[0]} is the one at {@code origin}. */
            void addTo(float[] sum, int origin) {
                int at = 0;
                for (int run = 0; run < count; run += 2) {
                    int to = runs[run] - origin;
                    int n = runs[run + 1];
                    for (int i = 0; i < n; i++) sum[to + i] += votes[at + i];
                    at += n;
                }
            }

            /** Adds keys that are not in the cache. */
            void add(float[] keys, int offset, int stride, int n, int dimension, int position) {
                long bytes = (long) Float.BYTES * n * dimension;
                if (newKeys.byteSize() < bytes) newKeys = Arena.ofAuto().allocate(2 * bytes, 64);
                for (int i = 0; i < n; i++)
                    MemorySegment.copy(keys, offset + i * stride, newKeys, ValueLayout.JAVA_FLOAT,
                            (long) Float.BYTES * i * dimension, dimension);
                add(KvType.F32, newKeys, 0, 0, n, position);
            }

            /** Adds entries of a page at consecutive positions. */
            void add(KvType type, MemorySegment page, long base, int from, int to, int position) {
                search.add(type, page, base, from, to, -position);
                int n = to - from;
                if (count > 0 && runs[count - 2] + runs[count - 1] == position) {
                    runs[count - 1] += n;
                    return;
                }
                if (runs.length < count + 2) runs = Arrays.copyOf(runs, 2 * count + 16);
                runs[count++] = position;
                runs[count++] = n;
            }
        }

        Ballot(Kernels kernels, int sinks, int heads) {
            this.kernels = kernels;
            this.sinks = sinks;
            top = kernels.top();
            this.heads = new Head[heads];
            for (int head = 0; head < heads; head++) this.heads[head] = new Head(kernels.search());
        }

        /** Takes over a step's keys, from position {@code position} on, which are not in the cache yet. */
        void step(Layer newLayer, Sequence newSequence, int position, float[] newKeys, int offset, int stride) {
            layer = newLayer;
            sequence = newSequence;
            first = position;
            keys = newKeys;
            keyOffset = offset;
            keyStride = stride;
        }

        /** The positions elected, ascending. */
        int[] elected() {
            return top.kept();
        }

        int count() {
            return count;
        }

        /** Elects {@code most} of the positions from {@code sinks} to {@code local}. */
        void elect(int local, int most) {
            end = local;
            kernels.team().run(this);
            int range = local - sinks;
            if (votes.length < range) votes = new float[2 * range];
            Arrays.fill(votes, 0, range, 0f);
            for (int head = 0; head < layer.spec.kvHeads(); head++) heads[head].addTo(votes, sinks);
            count = top.find(votes, range, most);
            for (int i = 0; i < count; i++) top.kept()[i] += sinks;
        }

        @Override
        public void run(int part, int parts) {
            for (int head = part; head < layer.spec.kvHeads(); head += parts) vote(head);
        }

        /** Every key is turned back to position 0. */
        private void vote(int kvHead) {
            Head head = heads[kvHead];
            HeadCache entries = sequence.cache().head(layer.spec.layer(), kvHead);
            int group = layer.group();
            int dimension = layer.spec.keyDimension();
            int most = entries.size() + Math.max(0, end - first);
            head.begin(layer.query, kvHead * group * dimension, group, dimension, most, layer.turns);
            int limit = Math.min(end, first);
            for (int p = 0; p < entries.pageCount(); p++) {
                Page page = entries.page(p);
                if (page.maxPosition() >= sinks && page.minPosition() < limit)
                    add(head, entries, p, limit);
            }
            int from = Math.max(first, sinks);
            if (from < end)
                head.add(keys, keyOffset + (from - first) * keyStride + kvHead * dimension, keyStride, end - from, dimension,
                        from);
            head.finish();
        }

        /** Adds a page's entries from position {@code sinks} up to {@code limit}. */
        private void add(Head head, HeadCache entries, int index, int limit) {
            Page page = entries.page(index);
            int size = entries.pageSize(index);
            int from = 0;
            while (from < size) {
                int to = from + 1;
                if (page.consecutive()) to = size;
                int position = page.position(from);
                int before = Math.clamp(sinks - (long) position, 0, to - from);
                int end = Math.clamp(limit - (long) position, 0, to - from);
                if (before < end) {
                    entries.searches(index, from + before, from + end);
                    head.add(page.format().keys(), page.data(), page.keyBase(), from + before, from + end, position + before);
                }
                from = to;
            }
        }
    }
}
