package dev.laconic.cache;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.Rope;
import dev.laconic.model.Phase;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.block.Attention;
import dev.laconic.model.kv.Directions;
import dev.laconic.model.kv.EntryColumn;
import dev.laconic.model.kv.HeadCache;
import java.util.Arrays;
import java.util.Optional;

/**
 * Stores keys and values of two adjacent layers as one direction and a length for each.
 *
 * <p>Liu et al., MiniCache: KV Cache Compression in Depth Dimension for Large Language Models, 2405.14366. From the layer at
 * {@code start} of the depth on, layers go in pairs. Vectors a of the lower and b of the upper layer, Omega apart, become
 * {@code |a| e} and {@code |b| e} with
 * {@code e = sin((1 - t) Omega) / sin Omega  a / |a| + sin(t Omega) / sin Omega  b / |b|}, normalised; e is stored once.
 * Tokens whose vectors are farthest apart are retained in both layers as they are: with the angular distance
 * {@code d = Omega / pi}, those of {@code d > max d - retention (max d - min d)}. The values of {@code start}, {@code t} and
 * {@code retention} are the paper's as others cite them; its rule for retained tokens, which could not be checked, is cited
 * as {@code d < min d + retention (max d - min d)}, the nearest ones by this d, and is read here as its text says, of the
 * other end of the range. Departs from the paper: directions, lengths and distances are of each KV head, not of all heads
 * together; an entry is retained if its key or its value is; entries are merged a page of 64 at a time, so that up to 63 of
 * the prompt's newest, and up to 127 later, stay as they are; adjacent layers of different shape or rotation make no pair.
 */
@Technique(
        id = "minicache",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "MiniCache: KV Cache Compression in Depth Dimension for Large Language Models",
        paper = "2405.14366")
public record MiniCache(
        @Option(value = "0.5", min = 0, max = 1, help = "depth from which on layers are merged, as a share of all") double start,
        @Option(value = "0.6", min = 0, max = 1, help = "how far from the lower layer's direction to the upper's the shared one lies")
                double t,
        @Option(value = "0.05", min = 0, max = 1, help = "top part of the distances' range in which tokens are retained")
                double retention,
        @Option(value = "16", min = 4, max = 16, help = "bits of an element of a direction: 4 or 16") int bits,
        @Option(value = "0", min = 0, help = "newest entries that stay as they are") int window,
        @Option(value = "prompt-end", help = "when the prompt's entries are merged") When when)
        implements KvPolicy {
    private static final int UNPAIRED = -1;

    public MiniCache {
        if (bits != 4 && bits != 16) throw new IllegalArgumentException("bits: found " + bits + ", expected 4 or 16");
    }

    @Override
    public boolean sameForAnyChunks() {
        return when == When.PROMPT_END;
    }

    /** @throws UsageException if no two adjacent layers from {@code start} on can share entries */
    @Override
    public SequenceHooks start(CacheContext context) {
        int[] lowerOf = lowerOf(context);
        if (Arrays.stream(lowerOf).allMatch(lower -> lower == UNPAIRED))
            throw new UsageException(context.technique() + ": no two adjacent layers from " + (int) (start * context.layers())
                    + " on have keys and values of one shape, of " + context.layers() + " layers");
        return new Pairs(this, context, lowerOf);
    }

    /** The layer that each is paired with, if it is the upper one of a pair. */
    private int[] lowerOf(CacheContext context) {
        int[] lowerOf = new int[context.layers()];
        Arrays.fill(lowerOf, UNPAIRED);
        for (int layer = (int) (start * lowerOf.length) + 1; layer < lowerOf.length; layer++)
            if (lowerOf[layer - 1] == UNPAIRED && alike(context, layer - 1, layer)) lowerOf[layer] = layer - 1;
        return lowerOf;
    }

    private static boolean alike(CacheContext context, int one, int other) {
        Optional<Attention.Spec> a = context.attention(one);
        Optional<Attention.Spec> b = context.attention(other);
        if (a.isEmpty() || b.isEmpty()) return false;
        return a.get().kvHeads() == b.get().kvHeads()
                && a.get().keyDimension() == b.get().keyDimension()
                && a.get().valueDimension() == b.get().valueDimension()
                && alike(context.model().architecture().rope(one), context.model().architecture().rope(other));
    }

    private static boolean alike(Optional<Rope> one, Optional<Rope> other) {
        if (one.isEmpty() || other.isEmpty()) return one.isEmpty() && other.isEmpty();
        return one.get().pairing() == other.get().pairing()
                && one.get().magnitude() == other.get().magnitude()
                && Arrays.equals(one.get().frequencies(), other.get().frequencies());
    }

    private static final class Pairs implements SequenceHooks {
        private static final int PAGE = 64;

        private final MiniCache technique;
        private final CacheContext context;
        private final int[] lowerOf;
        private int[] lowerEntries = {};
        private int[] upperEntries = {};

        Pairs(MiniCache technique, CacheContext context, int[] lowerOf) {
            this.technique = technique;
            this.context = context;
            this.lowerOf = lowerOf;
            for (int layer = 0; layer < lowerOf.length; layer++)
                for (int head = 0; lowerOf[layer] != UNPAIRED && head < context.heads(layer); head++)
                    context.cache().head(lowerOf[layer], head).column(technique);
        }

        @Override
        public void afterAttention(int layer, Sequence sequence) {
            boolean decode = sequence.phase() == Phase.DECODE;
            if (lowerOf[layer] == UNPAIRED || !decode && !technique.when.includes(sequence.phase())) return;
            for (int head = 0; head < context.heads(layer); head++)
                merge(sequence.cache().head(lowerOf[layer], head), sequence.cache().head(layer, head),
                        decode ? 2 * PAGE : PAGE);
        }

        private void merge(HeadCache lower, HeadCache upper, int least) {
            if (whole(lower) - technique.window < least || whole(upper) - technique.window < least) return;
            int count = candidates(lower, upper);
            if (count < least) return;
            int[] own = Arrays.copyOf(lowerEntries, count);
            int[] others = Arrays.copyOf(upperEntries, count);
            int keys = lower.format().keyDimension();
            int values = lower.format().valueDimension();
            float[] a = new float[count * keys];
            float[] b = new float[count * keys];
            float[] c = new float[count * values];
            float[] d = new float[count * values];
            for (int i = 0; i < count; i++) {
                lower.readKey(own[i], a, i * keys);
                upper.readKey(others[i], b, i * keys);
                lower.readValue(own[i], c, i * values);
                upper.readValue(others[i], d, i * values);
            }
            Slerp key = new Slerp(a, b, count, keys, technique.t);
            Slerp value = new Slerp(c, d, count, values, technique.t);
            boolean[] farKey = key.far(technique.retention);
            boolean[] farValue = value.far(technique.retention);
            EntryColumn retained = lower.column(technique);
            int[] merged = new int[count];
            int found = 0;
            for (int i = 0; i < count; i++)
                if (farKey[i] || farValue[i]) retained.set(own[i], 1f);
                else merged[found++] = i;
            found = found / PAGE * PAGE;
            for (int i = 0; i < found; i++) {
                lowerEntries[i] = own[merged[i]];
                upperEntries[i] = others[merged[i]];
            }
            lower.pair(lowerEntries, upper, upperEntries, found,
                    key.directions(merged, found, type("LOWER", "CHANNEL_"), type("UPPER", "CHANNEL_")),
                    value.directions(merged, found, type("LOWER", "TOKEN_"), type("UPPER", "TOKEN_")));
        }

        private KvType type(String layer, String codes) {
            return KvType.valueOf(layer + "_" + (technique.bits == 16 ? "" : codes) + technique.bits);
        }

        /** Entries that lie in pages of a head's own format. */
        private static int whole(HeadCache head) {
            int entries = 0;
            for (int p = 0; p < head.pageCount(); p++)
                if (head.isOpen(p)) entries += head.pageSize(p);
            return entries;
        }

        /** Lists the entries of the same tokens that neither share a page nor are retained nor in the window. */
        private int candidates(HeadCache lower, HeadCache upper) {
            if (lowerEntries.length < lower.size()) {
                lowerEntries = new int[2 * lower.size()];
                upperEntries = new int[2 * lower.size()];
            }
            EntryColumn retained = lower.column(technique);
            int count = 0;
            int at = next(upper, 0);
            for (int i = next(lower, 0); i < lower.size() - technique.window; i = next(lower, i + 1)) {
                int position = lower.position(i);
                while (at < upper.size() && upper.position(at) < position) at = next(upper, at + 1);
                if (at >= upper.size() - technique.window) break;
                if (upper.position(at) != position || retained.get(i) != 0) continue;
                if (lower.weight(i) != 1f || upper.weight(at) != 1f) continue;
                lowerEntries[count] = i;
                upperEntries[count++] = at;
            }
            return count;
        }

        /** The first entry from one on that lies in a page of the head's own format. */
        private static int next(HeadCache head, int entry) {
            int i = entry;
            while (i < head.size()) {
                int page = head.pageOf(i);
                if (head.isOpen(page)) return i;
                i = head.pageStart(page) + head.pageSize(page);
            }
            return i;
        }

        @Override
        public long hotBytes() {
            long entries = 0;
            for (int lower : lowerOf)
                for (int head = 0; lower != UNPAIRED && head < context.heads(lower); head++)
                    entries += context.cache().head(lower, head).size();
            return Float.BYTES * entries;
        }
    }

    /** Vectors of two layers, how far apart they are, and what lies between. */
    private static final class Slerp {
        private static final double PARALLEL = 1e-4;

        private final int dimension;
        private final float[] vectors;
        private final float[] lower;
        private final float[] upper;
        private final double[] distance;

        Slerp(float[] a, float[] b, int count, int dimension, double t) {
            this.dimension = dimension;
            vectors = a;
            lower = new float[count];
            upper = new float[count];
            distance = new double[count];
            for (int i = 0; i < count; i++) interpolate(i, a, b, t);
        }

        private void interpolate(int i, float[] a, float[] b, double t) {
            int at = i * dimension;
            double length = 0;
            double other = 0;
            double product = 0;
            for (int c = at; c < at + dimension; c++) {
                length += (double) a[c] * a[c];
                other += (double) b[c] * b[c];
                product += (double) a[c] * b[c];
            }
            lower[i] = (float) Math.sqrt(length);
            upper[i] = (float) Math.sqrt(other);
            double omega = length == 0 || other == 0 ? 0 : Math.acos(Math.clamp(product / Math.sqrt(length * other), -1, 1));
            double sine = Math.sin(omega);
            double ofLower = sine < PARALLEL ? 1 - t : Math.sin((1 - t) * omega) / sine;
            double ofUpper = sine < PARALLEL ? t : Math.sin(t * omega) / sine;
            distance[i] = omega / Math.PI;
            double sum = 0;
            for (int c = at; c < at + dimension; c++) {
                double between = (length == 0 ? 0 : ofLower * a[c] / lower[i]) + (other == 0 ? 0 : ofUpper * b[c] / upper[i]);
                vectors[c] = (float) between;
                sum += between * between;
            }
            float scale = sum == 0 ? 0 : (float) (1 / Math.sqrt(sum));
            for (int c = at; c < at + dimension; c++) vectors[c] *= scale;
        }

        /** Which are in the top part of the range of distances. */
        boolean[] far(double part) {
            double most = Arrays.stream(distance).max().orElse(0);
            double least = Arrays.stream(distance).min().orElse(0);
            boolean[] far = new boolean[distance.length];
            for (int i = 0; i < far.length; i++) far[i] = distance[i] > most - part * (most - least);
            return far;
        }

        Directions directions(int[] chosen, int count, KvType asLower, KvType asUpper) {
            float[] each = new float[count * dimension];
            float[] lengths = new float[count];
            float[] others = new float[count];
            for (int i = 0; i < count; i++) {
                System.arraycopy(vectors, chosen[i] * dimension, each, i * dimension, dimension);
                lengths[i] = lower[chosen[i]];
                others[i] = upper[chosen[i]];
            }
            return new Directions(asLower, asUpper, each, lengths, others);
        }
    }
}
