package dev.laconic.cache;

import dev.laconic.core.Budget;
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
import dev.laconic.model.block.Attention;
import dev.laconic.model.kv.EntryColumn;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.KvFormat;
import java.util.Arrays;

/**
 * Keeps at low precision what others evict.
 *
 * <p>Yang et al., No Token Left Behind: Reliable KV Cache Compression via Importance-Aware Mixed Precision Quantization,
 * 2402.18096: entries that have gathered least attention are stored in {@code low} bits, the others in {@code high}. Keys
 * are balanced first: channel c of a head is multiplied by {@code b_c = sqrt(max |q_c| / max |k_c|)}, maxima over the
 * prompt, and a query divided by it, which takes the outliers out of the keys. Each vector has one scale and one minimum.
 * Departs from the paper: the factors lie in each page, so that keys are multiplied by {@code 1 / b_c} when they are read
 * and queries stay as they are; query heads that share a KV head share its maxima and add up what they gather; important
 * entries that lose their importance later sink a page of 64 at a time, and none rises; after the prompt, entries are stored
 * in few bits a page at a time, so that up to 63 more are important, and up to 63 of the newest important ones stay as they
 * are; values may have bits of their own; keys of two and four bits and values of two have a scale and minimum fitted to
 * their codes, where the paper takes them from the largest and smallest.
 */
@Technique(
        id = "mikv",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "No Token Left Behind: Reliable KV Cache Compression via Importance-Aware Mixed Precision Quantization",
        paper = "2402.18096",
        needs = {Need.ATTENTION_PROBABILITIES, Need.QUERY_WINDOW})
public record Mikv(
        @Option(value = "25%", help = "entries of each head that stay important") Budget budget,
        @Option(value = "16", min = 2, max = 16, help = "bits of important entries: 2, 4, 8 or 16") int high,
        @Option(value = "2", min = 2, max = 16, help = "bits of the others: 2, 4, 8 or 16") int low,
        @Option(value = "0", min = 0, max = 16, help = "bits of important values; 0 for as many as of keys") int valueHigh,
        @Option(value = "0", min = 0, max = 16, help = "bits of the other values; 0 for as many as of keys") int valueLow,
        @Option(value = "0.5", min = 0, max = 1, help = "share of the important that goes to the newest") double recent)
        implements KvPolicy {

    public Mikv {
        if (valueHigh == 0) valueHigh = high;
        if (valueLow == 0) valueLow = low;
        requireFewer("", low, high);
        requireFewer("value-", valueLow, valueHigh);
        if (low + valueLow == high + valueHigh && low + valueLow < 32)
            throw new IllegalArgumentException("low: found " + low + " bits, expected fewer than high, " + high);
    }

    private static void requireFewer(String of, int low, int high) {
        Codecs.requireBitsOr16(of + "high", high);
        Codecs.requireBitsOr16(of + "low", low);
        if (low > high)
            throw new IllegalArgumentException(
                    of + "low: found " + low + " bits, expected no more than " + of + "high, " + high);
    }

    private boolean isLow(KvFormat format) {
        return format.keys() == Codecs.separable(low) && format.values() == Codecs.vector(valueLow);
    }

    @Override
    public SequenceHooks start(CacheContext context) {
        return new Mixed(this, context);
    }

    @Override
    public SequenceHooks resume(CacheContext context, SequenceHooks origin) {
        return new Mixed(this, context, (Mixed) origin);
    }

    private static final class Mixed implements SequenceHooks {
        private static final float[] NONE = {};

        private final Mikv technique;
        private final CacheContext context;
        private final int[] queryHeads;
        /** By layer and KV head: the largest magnitude of each channel so far, and what keys are divided by once that is fixed. */
        private final float[][][] maxQuery;
        private final float[][][] maxKey;
        private final float[][][] factors;
        private final boolean[] fixed;
        private final Top top;
        private int[] candidates = {};
        private int[] sinking = {};
        private float[] scores = {};

        Mixed(Mikv technique, CacheContext context) {
            this.technique = technique;
            this.context = context;
            top = context.model().kernels().top();
            Remainder.prepare(context.cache());
            int layers = context.layers();
            queryHeads = new int[layers];
            maxQuery = new float[layers][][];
            maxKey = new float[layers][][];
            factors = new float[layers][][];
            fixed = new boolean[layers];
            for (int layer = 0; layer < layers; layer++) {
                int heads = context.heads(layer);
                int dimension = context.attention(layer).map(Attention.Spec::keyDimension).orElse(0);
                queryHeads[layer] = heads * context.group(layer);
                maxQuery[layer] = new float[heads][dimension];
                maxKey[layer] = new float[heads][dimension];
                factors[layer] = new float[heads][dimension];
                for (int head = 0; head < heads; head++) context.cache().head(layer, head).column(technique);
            }
        }

        Mixed(Mikv technique, CacheContext context, Mixed origin) {
            this(technique, context);
            for (int layer = 0; layer < fixed.length; layer++) {
                fixed[layer] = origin.fixed[layer];
                for (int head = 0; head < factors[layer].length; head++) {
                    maxQuery[layer][head] = origin.maxQuery[layer][head].clone();
                    maxKey[layer][head] = origin.maxKey[layer][head].clone();
                    factors[layer][head] = origin.factors[layer][head].clone();
                }
            }
        }

        @Override
        public boolean wantsQueries(int layer) {
            return !fixed[layer];
        }

        @Override
        public void beforeAttention(
                int layer, Sequence sequence, int position, int rows,
                float[] queries, int offset, int stride, float[] keys, int keyOffset, int keyStride) {
            int heads = factors[layer].length;
            if (heads == 0 || fixed[layer]) return;
            int dimension = factors[layer][0].length;
            int group = queryHeads[layer] / heads;
            for (int row = 0; row < rows; row++) {
                for (int head = 0; head < queryHeads[layer]; head++)
                    raise(maxQuery[layer][head / group], queries, offset + row * stride + head * dimension);
                for (int head = 0; head < heads; head++)
                    raise(maxKey[layer][head], keys, keyOffset + row * keyStride + head * dimension);
            }
        }

        private static void raise(float[] largest, float[] x, int offset) {
            for (int c = 0; c < largest.length; c++) largest[c] = Math.max(largest[c], Math.abs(x[offset + c]));
        }

        @Override
        public boolean wantsProbabilities(int layer) {
            return true;
        }

        @Override
        public void probabilities(
                int layer, int queryHead, int position, HeadCache held, float[] probabilities, int offset) {
            held.column(technique).add(probabilities, offset, held.size());
        }

        @Override
        public void afterAttention(int layer, Sequence sequence) {
            if (sequence.phase() == Phase.PREFILL || technique.low + technique.valueLow == 32) return;
            if (!fixed[layer]) fix(layer);
            int total = Math.max(sequence.promptLength(), sequence.length());
            int allowed = (int) technique.budget.items(total, entryBytes(layer));
            for (int head = 0; head < factors[layer].length; head++)
                mix(sequence.cache().head(layer, head), factors[layer][head], allowed, sequence.length(),
                        sequence.phase() == Phase.DECODE);
        }

        private long entryBytes(int layer) {
            return context.cache().head(layer, 0).format().fullEntryBytes() * context.allHeads();
        }

        private void fix(int layer) {
            fixed[layer] = true;
            for (int head = 0; head < factors[layer].length; head++)
                for (int c = 0; c < factors[layer][head].length; c++) {
                    float query = maxQuery[layer][head][c];
                    float key = maxKey[layer][head][c];
                    factors[layer][head][c] = query == 0 || key == 0 ? 1f : (float) Math.sqrt(key / query);
                }
            Arrays.fill(maxQuery[layer], NONE);
            Arrays.fill(maxKey[layer], NONE);
        }

        /**
         * Sinks the least important to low bits, and stores the important ones in high bits: of the answer, whole pages of
         * either. Low bits come first, and take no part in what is gathered any more.
         */
        private void mix(HeadCache held, float[] keyFactors, int allowed, int length, boolean answer) {
            KvType lowKeys = Codecs.separable(technique.low);
            KvType lowValues = Codecs.vector(technique.valueLow);
            int count = candidates(held, false);
            int sink = rounded(held, Math.max(0, count - allowed), lowKeys, lowValues, answer);
            if (sink > 0) {
                int newest = (int) Math.round(technique.recent * allowed);
                EntryColumn gathered = held.column(technique);
                for (int i = 0; i < count; i++)
                    scores[i] = held.position(candidates[i]) >= length - newest
                            ? Float.POSITIVE_INFINITY
                            : gathered.get(candidates[i]);
                int found = top.find(scores, count, count - sink);
                int sunk = 0;
                int next = 0;
                for (int i = 0; i < count; i++)
                    if (next < found && top.kept()[next] == i) next++;
                    else sinking[sunk++] = candidates[i];
                held.gather(sinking, sunk, lowKeys, lowValues, technique.low < 16 ? keyFactors : NONE, NONE);
            }
            int low = 0;
            while (low < held.pageCount() && technique.isLow(held.page(low).format())) low++;
            if (technique.high + technique.valueHigh < 32) {
                KvType keys = Codecs.separable(technique.high);
                KvType values = Codecs.vector(technique.valueHigh);
                int high = rounded(held, candidates(held, true), keys, values, answer);
                held.gather(low, candidates, high, keys, values, technique.high < 16 ? keyFactors : NONE, NONE);
            }
            if (low > 0) held.column(technique).forget(held.pageStart(low - 1) + held.pageSize(low - 1), held.size());
        }

        /** So many entries, or as many of them as fill whole pages, if others had better stay as they are. */
        private static int rounded(HeadCache held, int count, KvType keys, KvType values, boolean answer) {
            int rest = count % held.format().entriesPerPage();
            return answer || !Remainder.pays(held.format(), rest, keys, values) ? count - rest : count;
        }

        /** Lists the entries that are not in low bits, or those that are not in fewer bits at all; returns how many. */
        private int candidates(HeadCache held, boolean open) {
            int size = held.size();
            if (candidates.length < size) {
                candidates = new int[2 * size];
                sinking = new int[2 * size];
                scores = new float[2 * size];
            }
            int count = 0;
            for (int page = 0; page < held.pageCount(); page++) {
                boolean listed = open ? held.isOpen(page) : !technique.isLow(held.page(page).format());
                for (int i = 0; listed && i < held.pageSize(page); i++) candidates[count++] = held.pageStart(page) + i;
            }
            return count;
        }

        @Override
        public long hotBytes() {
            long numbers = 0;
            for (int layer = 0; layer < factors.length; layer++)
                for (int head = 0; head < factors[layer].length; head++) {
                    HeadCache held = context.cache().head(layer, head);
                    numbers += held.size() - held.column(technique).forgotten();
                    numbers += factors[layer][head].length + maxQuery[layer][head].length + maxKey[layer][head].length;
                }
            return Float.BYTES * numbers;
        }
    }
}
