package dev.laconic.model;

import java.util.Arrays;

/**
 * The rows of a step: (sequence, position, token or embedding, wants logits) each. Rows of one sequence stand together
 * and form a span. Used again from step to step by {@link #clear()}.
 */
public final class Rows {
    /** Parent of a tree row that follows directly on what the cache held before the step. */
    public static final int ROOT = -1;

    private static final int NO_TOKEN = Sequence.NO_TOKEN;

    private int size;
    private int[] tokens = new int[16];
    private int[] positions = new int[16];
    private int[] parents = new int[16];
    private int[] segments = new int[16];
    private boolean[] logits = new boolean[16];
    private float[][] embeddings = new float[16][];
    private int spans;
    private Sequence[] spanSequences = new Sequence[4];
    private Mask[] spanMasks = new Mask[4];
    private int[] spanStarts = new int[5];

    public Rows clear() {
        Arrays.fill(embeddings, 0, size, null);
        Arrays.fill(spanSequences, 0, spans, null);
        size = 0;
        spans = 0;
        return this;
    }

    /** Begins the rows of a sequence. */
    public Rows span(Sequence sequence, Mask mask) {
        for (int i = 0; i < spans; i++)
            if (spanSequences[i] == sequence)
                throw new IllegalArgumentException("the rows of a sequence must stand in one span");
        if (spans == spanSequences.length) {
            spanSequences = Arrays.copyOf(spanSequences, 2 * spans);
            spanMasks = Arrays.copyOf(spanMasks, 2 * spans);
            spanStarts = Arrays.copyOf(spanStarts, 2 * spans + 1);
        }
        spanSequences[spans] = sequence;
        spanMasks[spans] = mask;
        spanStarts[spans++] = size;
        return this;
    }

    /** Adds a token to the current span. */
    public Rows token(int token, int position, boolean wantsLogits) {
        return row(token, position, wantsLogits, size - 1);
    }

    /** Adds a row whose embedding is given, of the model's width; it is read by the next {@link Model#embed}. */
    public Rows embedding(float[] embedding, int position, boolean wantsLogits) {
        row(NO_TOKEN, position, wantsLogits, size - 1);
        embeddings[size - 1] = embedding;
        return this;
    }

    /**
     * Adds a node of a tree.
     *
     * @param parent index of an earlier row of this span, or {@link #ROOT}
     */
    public Rows node(int token, int position, boolean wantsLogits, int parent) {
        return row(token, position, wantsLogits, parent);
    }

    /** Sets the segment (first or second text of a pair) of the row added last; zero unless said. */
    public Rows inSegment(int segment) {
        if (segment < 0) throw new IllegalArgumentException("negative segment " + segment);
        segments[size - 1] = segment;
        return this;
    }

    /** Adds a span of consecutive tokens that continue a sequence; logits for the last or for all of them. */
    public Rows append(Sequence sequence, int[] ids, int from, int to, boolean logitsForAll) {
        return append(sequence, Mask.CAUSAL, ids, from, to, logitsForAll);
    }

    public Rows append(Sequence sequence, Mask mask, int[] ids, int from, int to, boolean logitsForAll) {
        span(sequence, mask);
        int position = sequence.length();
        for (int i = from; i < to; i++) token(ids[i], position++, logitsForAll || i == to - 1);
        return this;
    }

    private Rows row(int token, int position, boolean wantsLogits, int parent) {
        if (spans == 0) throw new IllegalStateException("begin a span before adding rows");
        if (parent >= size) throw new IllegalArgumentException("parent " + parent + " is not an earlier row");
        if (position < 0) throw new IllegalArgumentException("negative position " + position);
        if (size == tokens.length) {
            int capacity = 2 * size;
            tokens = Arrays.copyOf(tokens, capacity);
            positions = Arrays.copyOf(positions, capacity);
            parents = Arrays.copyOf(parents, capacity);
            segments = Arrays.copyOf(segments, capacity);
            logits = Arrays.copyOf(logits, capacity);
            embeddings = Arrays.copyOf(embeddings, capacity);
        }
        tokens[size] = token;
        positions[size] = position;
        parents[size] = parent < spanStarts[spans - 1] ? ROOT : parent;
        segments[size] = 0;
        logits[size] = wantsLogits;
        embeddings[size] = null;
        size++;
        return this;
    }

    public int size() {
        return size;
    }

    public int spans() {
        return spans;
    }

    public Sequence sequence(int span) {
        return spanSequences[span];
    }

    public Mask mask(int span) {
        return spanMasks[span];
    }

    /** First row of a span. */
    public int start(int span) {
        return spanStarts[span];
    }

    /** The row after a span's last. */
    public int end(int span) {
        return span + 1 == spans ? size : spanStarts[span + 1];
    }

    /** Whether the row is a token; else its embedding was given. */
    public boolean hasToken(int row) {
        return embeddings[row] == null;
    }

    public int token(int row) {
        return tokens[row];
    }

    float[] embedding(int row) {
        return embeddings[row];
    }

    public int position(int row) {
        return positions[row];
    }

    /** All positions; the first {@link #size()} are valid. */
    public int[] positions() {
        return positions;
    }

    /** The row this one follows in its tree, or {@link #ROOT}. */
    public int parent(int row) {
        return parents[row];
    }

    /** Segment of a row, for encoders that tell two texts apart. */
    public int segment(int row) {
        return segments[row];
    }

    public boolean wantsLogits(int row) {
        return logits[row];
    }

    /** Keeps the rows named (ascending); parents that go are replaced by their nearest kept ancestor. */
    void keep(int[] kept, int count) {
        int[] newIndex = new int[size];
        Arrays.fill(newIndex, ROOT);
        for (int i = 0; i < count; i++) newIndex[kept[i]] = i;
        int[] newParents = new int[count];
        for (int i = 0; i < count; i++) {
            int parent = parents[kept[i]];
            while (parent != ROOT && newIndex[parent] == ROOT) parent = parents[parent];
            newParents[i] = parent == ROOT ? ROOT : newIndex[parent];
        }
        int newSpans = 0;
        int next = 0;
        for (int span = 0; span < spans; span++) {
            int end = end(span);
            int first = next;
            while (next < count && kept[next] < end) next++;
            if (next == first) continue;
            spanSequences[newSpans] = spanSequences[span];
            spanMasks[newSpans] = spanMasks[span];
            spanStarts[newSpans++] = first;
            if (next == count) break;
        }
        for (int i = 0; i < count; i++) {
            int row = kept[i];
            tokens[i] = tokens[row];
            positions[i] = positions[row];
            segments[i] = segments[row];
            logits[i] = logits[row];
            embeddings[i] = embeddings[row];
            parents[i] = newParents[i];
        }
        spans = newSpans;
        size = count;
    }
}
