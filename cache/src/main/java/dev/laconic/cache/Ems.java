package dev.laconic.cache;

import dev.laconic.core.Budget;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Need;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvSearch;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.Team;
import dev.laconic.kernels.Top;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.EntryColumn;
import dev.laconic.model.kv.HeadCache;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Keeps what matters to the whole text or to its end, evicts what matters least, and merges what lies between into entries
 * that it resembles.
 *
 * <p>Li et al., EMS: Adaptive Evict-then-Merge Strategy for Head-wise KV Cache Compression Based on Global-Local Importance,
 * 2412.08521. With g(k) what all rows of the prompt pay to entry k, and l(k) what its last {@code window} rows do, averaged
 * over {@code kernel} neighbours, k is worth {@code s(k) = max(l(k), g(k) sum l / sum g)}: sums favour the first entries,
 * the last rows their neighbours, and neither may drown the other. The window and the entries worth most stay, the latter as
 * centres of classes; of the others, the {@code merge} per centre that are worth most are candidates and the rest is
 * evicted. A candidate joins the centre of greatest cosine between their keys, or the zero class, which is
 * {@code similarity} from everything and means eviction; so each head evicts and merges as many as its own redundancy tells.
 * A class has the key {@code |k_c| u / |u|, u = sum s(i) k_i / |k_i|} and the value {@code sum s(i) v_i / sum s(i)}. The
 * global-local score, eviction before merger in each head, and the zero class follow the paper's published description; how
 * the score's two parts are aligned and joined, the classes' formulas, and the values of {@code window}, {@code kernel},
 * {@code merge} and {@code similarity} are this class's own choice, as the paper's could not be checked. Query heads that
 * share a KV head add up what they pay; beyond the prompt, or where it is compressed in parts, the local sum forgets one
 * {@code window}th with every row.
 */
@Technique(
        id = "ems",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "EMS: Adaptive Evict-then-Merge Strategy for Head-wise KV Cache Compression Based on Global-Local Importance",
        paper = "2412.08521",
        needs = Need.ATTENTION_PROBABILITIES)
public record Ems(
        @Option(value = "256", help = "entries kept of each head, the window's among them") Budget budget,
        @Option(value = "32", min = 1, help = "rows at the end that make the local part of the score, and entries left alone") int window,
        @Option(value = "5", min = 1, help = "neighbouring entries whose local part is averaged, an odd number") int kernel,
        @Option(value = "4", min = 0, help = "entries that may be merged for each centre") double merge,
        @Option(value = "0.6", min = -1, max = 1, help = "cosine that the keys of merged entries have at least") double similarity,
        @Option(value = "prompt-end", help = "when entries are evicted and merged") When when)
        implements KvScorer {
    /** Owner of the column that holds the local part; the global part is the scorer's own. */
    private static final Object LOCAL = new Object();

    public Ems {
        Pooling.requireOdd(kernel);
    }

    @Override
    public boolean observes(Sequence sequence, int from, int to) {
        return when == When.ALWAYS || from < sequence.promptLength();
    }

    @Override
    public void observe(ScoredHead head, int position, int query, float[] probabilities, int offset) {
        float[] global = head.gathered().values();
        float[] local = head.entries().column(LOCAL).values();
        int prompt = head.sequence().promptLength();
        boolean sums = when == When.PROMPT_END;
        boolean near = !sums || position >= prompt - window;
        float remembered = sums || query > 0 ? 1 : 1 - 1f / window;
        for (int i = 0; i < head.size(); i++) {
            global[i] += probabilities[offset + i];
            if (near) local[i] = remembered * local[i] + probabilities[offset + i];
        }
    }

    @Override
    public void score(ScoredHead head, int allowed, float[] scores) {
        float[] global = head.gathered().values();
        int end = Math.max(0, head.size() - window);
        Pooling.MEAN.pool(head.entries().column(LOCAL).values(), end, kernel, scores);
        double globally = 0;
        double locally = 0;
        for (int i = 0; i < end; i++) {
            globally += global[i];
            locally += scores[i];
        }
        float scale = globally > 0 && locally > 0 ? (float) (locally / globally) : 1f;
        for (int i = 0; i < end; i++) scores[i] = Math.max(scores[i], scale * global[i]);
        Arrays.fill(scores, end, head.size(), KEPT);
    }

    @Override
    public void compressed(ScoredHead head) {
        if (when == When.PROMPT_END) Arrays.fill(head.entries().column(LOCAL).values(), 0, head.size(), 0f);
    }

    @Override
    public SequenceHooks start(CacheContext context) {
        return new Merging(this, context);
    }

    /** Evicts with mergers before. */
    private static final class Merging extends Evicting implements Team.Task {
        /** Candidates that are classified at once, and centres that they meet at once. */
        private static final int TILE = 32;

        private static final int CENTRES = 512;
        private static final int NONE = -1;

        private final Ems technique;
        private final CacheContext context;
        private final Kernels kernels;
        private final Top candidates;
        private final Classifier[] classifiers;
        private HeadCache held;
        /** Candidates of the head. */
        private int found;

        private float[] rest = {};
        /** Entries that are centres, how long their keys are, and these keys one after another. */
        private int[] centres = {};
        private float[] lengths = {};
        private MemorySegment keys = MemorySegment.NULL;
        private int centreCount;
        /** A candidate's centre, the first candidate of a centre's class, and the next in a candidate's class; or NONE. */
        private int[] nearest = {};
        private int[] first = {};
        private int[] next = {};
        private float[] vector = {};
        private float[] sum = {};

        Merging(Ems technique, CacheContext context) {
            super(technique, context);
            this.technique = technique;
            this.context = context;
            kernels = context.model().kernels();
            candidates = kernels.top();
            classifiers = new Classifier[kernels.team().size()];
            Arrays.setAll(classifiers, part -> new Classifier());
            for (int layer = 0; layer < context.layers(); layer++)
                for (int head = 0; head < context.heads(layer); head++) context.cache().head(layer, head).column(LOCAL);
        }

        @Override
        void keep(ScoredHead head, float[] scores, int[] kept, int count) {
            merge(head, scores, kept, count);
            super.keep(head, scores, kept, count);
        }

        private void merge(ScoredHead head, float[] scores, int[] kept, int count) {
            held = head.entries();
            int size = held.size();
            reserve(size, count);
            System.arraycopy(scores, 0, rest, 0, size);
            int worthMost = 0;
            centreCount = 0;
            for (int i = 0; i < count; i++) {
                rest[kept[i]] = Float.NEGATIVE_INFINITY;
                if (scores[kept[i]] == KEPT) continue;
                worthMost++;
                addCentre(kept[i]);
            }
            found = candidates.find(rest, size, (int) Math.min(size - count, technique.merge * worthMost));
            if (nearest.length < found) {
                nearest = new int[2 * found];
                next = new int[2 * found];
            }
            kernels.team().run(this);
            Arrays.fill(first, 0, centreCount, NONE);
            for (int i = 0; i < found; i++) {
                if (nearest[i] == NONE) continue;
                next[i] = first[nearest[i]];
                first[nearest[i]] = i;
            }
            for (int i = 0; i < centreCount; i++) if (first[i] != NONE) merge(head, scores, i);
        }

        private void reserve(int size, int kept) {
            int dimension = held.format().keyDimension();
            int most = Math.max(dimension, held.format().valueDimension());
            if (rest.length < size) rest = new float[2 * size];
            if (centres.length < kept) {
                centres = new int[2 * kept];
                lengths = new float[2 * kept];
                first = new int[2 * kept];
            }
            if (vector.length < most) {
                vector = new float[most];
                sum = new float[most];
            }
            long bytes = (long) Float.BYTES * kept * dimension;
            if (keys.byteSize() < bytes) keys = Arena.ofAuto().allocate(2 * bytes, 64);
        }

        /** Adds an entry to the centres, if its key has a direction. */
        private void addCentre(int entry) {
            int dimension = held.format().keyDimension();
            held.readKey(entry, vector, 0);
            float length = length(vector, dimension);
            if (!(length > 0)) return;
            MemorySegment.copy(
                    vector, 0, keys, ValueLayout.JAVA_FLOAT, (long) Float.BYTES * centreCount * dimension, dimension);
            lengths[centreCount] = length;
            centres[centreCount++] = entry;
        }

        @Override
        public void run(int part, int parts) {
            for (int from = part * TILE; from < found; from += parts * TILE)
                classifiers[part].classify(from, Math.min(TILE, found - from));
        }

        /** Finds classes of candidates, in one thread. */
        private final class Classifier {
            private final KvSearch search = kernels.search();
            private float[] products = {};
            private final float[] greatest = new float[TILE];
            private float[] queries = {};

            /** Puts {@code n} candidates into the class of the nearest centre, of several the last, or into the zero class. */
            void classify(int from, int n) {
                int dimension = held.format().keyDimension();
                if (queries.length < TILE * dimension) queries = new float[TILE * dimension];
                if (products.length == 0) products = new float[TILE * CENTRES];
                for (int c = 0; c < n; c++) {
                    held.readKey(candidates.kept()[from + c], queries, c * dimension);
                    float length = kernels.dot(queries, c * dimension, queries, c * dimension, dimension);
                    kernels.scale(length > 0 ? (float) (1 / Math.sqrt(length)) : 0f, queries, c * dimension, dimension);
                    greatest[c] = (float) technique.similarity;
                    nearest[from + c] = NONE;
                }
                for (int centre = 0; centre < centreCount; centre += CENTRES) {
                    int some = Math.min(CENTRES, centreCount - centre);
                    search.beginProducts(queries, 0, n, dimension, some);
                    search.add(KvType.F32, keys, 0, centre, centre + some);
                    search.products(products, CENTRES);
                    for (int c = 0; c < n; c++) compare(from, c, centre, some);
                }
            }

            private void compare(int from, int c, int centre, int n) {
                int row = c * CENTRES;
                for (int i = 0; i < n; i++) products[row + i] /= lengths[centre + i];
                float cosine = kernels.max(products, row, n);
                if (!(cosine >= greatest[c])) return;
                greatest[c] = cosine;
                int last = n - 1;
                while (products[row + last] != cosine) last--;
                nearest[from + c] = centre + last;
            }
        }

        /** Makes a centre what its class is. */
        private void merge(ScoredHead head, float[] scores, int centre) {
            int entry = centres[centre];
            int keys = held.format().keyDimension();
            int values = held.format().valueDimension();
            float[] key = new float[keys];
            float[] value = new float[values];
            Arrays.fill(sum, 0, keys, 0f);
            float weight = add(entry, scores[entry], value);
            for (int i = first[centre]; i != NONE; i = next[i]) {
                int candidate = candidates.kept()[i];
                weight += add(candidate, scores[candidate], value);
            }
            float length = length(sum, keys);
            if (weight <= 0 || length <= 0) return;
            kernels.addScaled(lengths[centre] / length, sum, 0, key, 0, keys);
            kernels.scale(1 / weight, value, 0, values);
            held.overwrite(entry, key, 0, value, 0, held.position(entry), held.weight(entry));
            EntryColumn local = held.column(LOCAL);
            for (int i = first[centre]; i != NONE; i = next[i]) {
                int candidate = candidates.kept()[i];
                head.gathered().add(entry, head.gathered().get(candidate));
                local.add(entry, local.get(candidate));
            }
        }

        /** Adds an entry to the sums of its class and returns its weight there. */
        private float add(int entry, float score, float[] value) {
            int keys = held.format().keyDimension();
            held.readKey(entry, vector, 0);
            float length = length(vector, keys);
            if (length > 0) kernels.addScaled(score / length, vector, 0, sum, 0, keys);
            held.readValue(entry, vector, 0);
            kernels.addScaled(score, vector, 0, value, 0, held.format().valueDimension());
            return score;
        }

        private float length(float[] x, int n) {
            return (float) Math.sqrt(kernels.dot(x, 0, x, 0, n));
        }

        @Override
        public long hotBytes() {
            return super.hotBytes() + Float.BYTES * context.cache().entries();
        }
    }
}
