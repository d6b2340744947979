package dev.laconic.model.sample;

import java.util.Arrays;

/**
 * The tokens that are still in the running, as numbers that compare like (logit, then lower id): the logit's ordered
 * bits above the complement of the id. Filters shrink the set; each keeps at least one token. Order in the array means
 * nothing between calls.
 */
final class Candidates {
    private final int vocab;
    private long[] keys = {};
    private long[] ranking = {};
    private int size;

    Candidates(int vocab) {
        this.vocab = vocab;
    }

    /** Takes every token that is not masked. */
    void fill(float[] logits) {
        if (keys.length < vocab) keys = new long[vocab];
        size = 0;
        for (int id = 0; id < logits.length; id++)
            if (logits[id] > Float.NEGATIVE_INFINITY) keys[size++] = key(logits[id], id);
    }

    /** Takes the {@code k} most likely tokens that are not masked. */
    void fillTop(float[] logits, int k) {
        int capacity = Math.min(k, vocab);
        if (keys.length < capacity) keys = new long[capacity];
        // Complements of keys in a max-heap: the root is the least likely token kept.
        size = 0;
        if (capacity == 0) return;
        int id = 0;
        for (; id < logits.length && size < capacity; id++)
            if (logits[id] > Float.NEGATIVE_INFINITY) keys[size++] = ~key(logits[id], id);
        heapify(keys, size);
        // Ids rise, so an equal logit never displaces one that is kept.
        float least = size == 0 ? 0 : logit(~keys[0]);
        for (; id < logits.length; id++) {
            if (logits[id] > least) {
                keys[0] = ~key(logits[id], id);
                siftDown(keys, 0, size);
                least = logit(~keys[0]);
            }
        }
        for (int i = 0; i < size; i++) keys[i] = ~keys[i];
    }

    /** Keeps the smallest set of most likely tokens whose probabilities sum to at least {@code share}. */
    void topP(double share) {
        double max = max();
        double enough = share * weight(max);
        heapify(keys, size);
        int left = size;
        double sum = 0;
        do {
            sum += Exp.exp(logit(pop(keys, left)) - max);
            left--;
        } while (left > 0 && sum < enough);
        System.arraycopy(keys, left, keys, 0, size - left);
        size -= left;
    }

    /** Keeps the tokens whose probability is at least {@code share} of the highest. */
    void minP(double share) {
        double max = max();
        int kept = 0;
        for (int i = 0; i < size; i++) if (Exp.exp(logit(keys[i]) - max) >= share) keys[kept++] = keys[i];
        size = kept;
    }

    /**
     * Keeps the smallest set of tokens, those whose surprise -log p is nearest the entropy first, whose probabilities
     * sum to at least {@code share}.
     *
     * @param logits what the candidates were taken from
     */
    void typical(double share, float[] logits) {
        double max = max();
        double weight = weight(max);
        double logWeight = StrictMath.log(weight);
        double entropy = 0;
        for (int i = 0; i < size; i++) {
            double shifted = logit(keys[i]) - max;
            entropy += Exp.exp(shifted) / weight * (logWeight - shifted);
        }
        if (ranking.length < size) ranking = new long[Math.max(size, keys.length)];
        for (int i = 0; i < size; i++) {
            float distance = (float) Math.abs(logWeight - (logit(keys[i]) - max) - entropy);
            ranking[i] = (long) ~Float.floatToRawIntBits(distance) << 32 | (keys[i] & 0xFFFFFFFFL);
        }
        heapify(ranking, size);
        double enough = share * weight;
        int left = size;
        double sum = 0;
        do {
            int id = id(pop(ranking, left));
            ranking[--left] = key(logits[id], id);
            sum += Exp.exp(logits[id] - max);
        } while (left > 0 && sum < enough);
        System.arraycopy(ranking, left, keys, 0, size - left);
        size -= left;
    }

    /** Writes the softmax of logit / temperature over the candidates, 0 for every other token. */
    void probabilities(double temperature, float[] out) {
        double max = max();
        double sum = 0;
        for (int i = 0; i < size; i++) sum += Exp.exp((logit(keys[i]) - max) / temperature);
        Arrays.fill(out, 0);
        for (int i = 0; i < size; i++)
            out[id(keys[i])] = (float) (Exp.exp((logit(keys[i]) - max) / temperature) / sum);
    }

    int size() {
        return size;
    }

    /** Pops the candidates, most likely first: the id of the next one. */
    int pollId() {
        return id(pop(keys, size--));
    }

    /** Makes {@link #pollId()} valid. */
    void rank() {
        heapify(keys, size);
    }

    private double max() {
        long max = keys[0];
        for (int i = 1; i < size; i++) max = Math.max(max, keys[i]);
        return logit(max);
    }

    private double weight(double max) {
        double sum = 0;
        for (int i = 0; i < size; i++) sum += Exp.exp(logit(keys[i]) - max);
        return sum;
    }

    private static long key(float logit, int id) {
        int bits = Float.floatToRawIntBits(logit + 0f);
        int ordered = bits ^ bits >> 31 & 0x7FFFFFFF;
        return (long) ordered << 32 | (~id & 0xFFFFFFFFL);
    }

    private static float logit(long key) {
        int ordered = (int) (key >> 32);
        return Float.intBitsToFloat(ordered ^ ordered >> 31 & 0x7FFFFFFF);
    }

    private static int id(long key) {
        return ~(int) key;
    }

    private static void heapify(long[] heap, int size) {
        for (int i = size / 2 - 1; i >= 0; i--) siftDown(heap, i, size);
    }

    /** Moves the largest of the first {@code size} to place {@code size - 1} and returns it. */
    private static long pop(long[] heap, int size) {
        long top = heap[0];
        heap[0] = heap[size - 1];
        heap[size - 1] = top;
        siftDown(heap, 0, size - 1);
        return top;
    }

    private static void siftDown(long[] heap, int at, int size) {
        if (at >= size) return;
        long moving = heap[at];
        int hole = at;
        for (int child = 2 * hole + 1; child < size; child = 2 * hole + 1) {
            if (child + 1 < size && heap[child + 1] > heap[child]) child++;
            if (heap[child] <= moving) break;
            heap[hole] = heap[child];
            hole = child;
        }
        heap[hole] = moving;
    }
}
