package dev.laconic.model;

import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.Rope;
import dev.laconic.kernels.Team;
import dev.laconic.model.block.Attention;
import dev.laconic.model.block.ExpertRouting;
import java.util.Arrays;

/**
 * Rows on their way through the layers: the residual stream and the scratch the layers need. Every buffer is row-major
 * with as many rows as the step; all grow to the largest step seen and are used again, so that a decode loop allocates
 * nothing. Belongs to one thread at a time.
 */
public final class State implements Team.Task {
    private static final int PARALLEL_ROWS = 8;
    /** Elements from which threads that sleep are woken for an operation. */
    private static final int WORTH_WAKING = 1 << 18;
    private static final float[] EMPTY = {};

    /** The row-major matrices of a step. */
    public enum Buffer {
        /** The residual stream. */
        HIDDEN,
        NORMED,
        /** What a layer's branch adds to the residual stream. */
        BRANCH,
        /** A second branch, in layers that run attention and feed-forward side by side. */
        BRANCH_2,
        QKV,
        QUERY,
        KEY,
        VALUE,
        ATTENDED,
        GATE,
        UP,
        ROUTER,
        EXPERT_IN,
        EXPERT_OUT
    }

    /** Work on a range of rows that reads one buffer and writes another. */
    @FunctionalInterface
    public interface RowOperation {
        void apply(State state, Buffer in, Buffer out, int fromRow, int toRow);
    }

    /** Says something of rows. */
    @FunctionalInterface
    public interface RowTest {
        boolean holds(int span, int row);
    }

    private final Kernels kernels;
    private final float[][] buffers = new float[Buffer.values().length][];
    private final int[] widths = new int[Buffer.values().length];
    private final Attention attention;
    private final ExpertRouting experts = new ExpertRouting();
    private final Logits logits = new Logits();
    private Rows rows = new Rows();
    private int[] lengthBefore = new int[4];
    private Rope[] ropes = new Rope[2];
    private float[][] cosines = new float[2][];
    private float[][] sines = new float[2][];
    private int ropeCount;
    private int layer;
    private RowOperation operation;
    private Buffer operationIn;
    private Buffer operationOut;
    private int operationRows;
    private boolean logitsOnly;
    private int layers;
    private boolean ended;
    private int[] endedFrom = new int[4];
    private int[] endedRows = new int[4];
    private int[] goingOn = {};
    private float[][] targets = {};
    private final RowOperation angles = this::angles;

    State(Kernels kernels) {
        this.kernels = kernels;
        this.attention = new Attention(kernels);
        Arrays.fill(buffers, EMPTY);
    }

    /** Begins a step through so many layers: takes over the rows and notes how long each sequence was before it. */
    void begin(Rows newRows, int newLayers) {
        rows = newRows;
        layer = 0;
        layers = newLayers;
        ropeCount = 0;
        logitsOnly = false;
        ended = false;
        if (lengthBefore.length < rows.spans()) lengthBefore = new int[2 * rows.spans()];
        for (int span = 0; span < rows.spans(); span++) {
            Sequence sequence = rows.sequence(span);
            lengthBefore[span] = sequence.length();
            for (int row = rows.start(span); row < rows.end(span); row++)
                sequence.token(rows.position(row), rows.token(row));
            if (rows.mask(span) == Mask.TREE) continue;
            int length = sequence.length();
            for (int row = rows.start(span); row < rows.end(span); row++)
                length = Math.max(length, rows.position(row) + 1);
            sequence.length(length);
        }
    }

    public Rows rows() {
        return rows;
    }

    public int size() {
        return rows.size();
    }

    public Kernels kernels() {
        return kernels;
    }

    /** The layer the rows come to next. */
    public int layer() {
        return layer;
    }

    void layer(int next) {
        layer = next;
    }

    /** Length of a span's sequence when the step began. */
    public int lengthBefore(int span) {
        return lengthBefore[span];
    }

    /** Makes room for the step's rows of {@code width} elements; contents are undefined after growth. */
    public float[] reserve(Buffer buffer, int width) {
        return reserve(buffer, width, rows.size());
    }

    /** Makes room for {@code count} rows of {@code width} elements. */
    public float[] reserve(Buffer buffer, int width, int count) {
        int slot = buffer.ordinal();
        int needed = Math.multiplyExact(width, count);
        if (buffers[slot].length < needed)
            buffers[slot] = new float[Math.max(needed, Math.min(2 * buffers[slot].length, 1 << 28))];
        widths[slot] = width;
        return buffers[slot];
    }

    /** Scratch for the arrays of so many buffers that are written together. */
    public float[][] targets(int count) {
        if (targets.length < count) targets = new float[count][];
        return targets;
    }

    /** The elements of a buffer; row r begins at {@code r * width(buffer)}. */
    public float[] values(Buffer buffer) {
        return buffers[buffer.ordinal()];
    }

    /** Elements of a row. */
    public int width(Buffer buffer) {
        return widths[buffer.ordinal()];
    }

    /** The residual stream, for techniques that look between layers. */
    public float[] hidden() {
        return values(Buffer.HIDDEN);
    }

    public Attention attention() {
        return attention;
    }

    public ExpertRouting experts() {
        return experts;
    }

    Logits logits() {
        return logits;
    }

    /** Runs an operation over the first {@code count} rows, by the team where there are enough of them. */
    public void forRows(RowOperation rowOperation, Buffer in, Buffer out, int count) {
        if (count < PARALLEL_ROWS || kernels.team().size() == 1) {
            rowOperation.apply(this, in, out, 0, count);
            return;
        }
        operationRows = count;
        operation = rowOperation;
        operationIn = in;
        operationOut = out;
        if ((long) count * Math.max(width(in), width(out)) < WORTH_WAKING) kernels.team().runBriefly(this);
        else kernels.team().run(this);
    }

    @Override
    public void run(int part, int parts) {
        int from = (int) ((long) operationRows * part / parts);
        int to = (int) ((long) operationRows * (part + 1) / parts);
        if (from < to) operation.apply(this, operationIn, operationOut, from, to);
    }

    /** {@code HIDDEN += factor * branch}, over all rows. */
    public void addBranch(Buffer branch, float factor) {
        kernels.addScaled(factor, values(branch), 0, hidden(), 0, rows.size() * width(Buffer.HIDDEN));
    }

    public void addBranch(Buffer branch) {
        addBranch(branch, 1f);
    }

    /** Computes a rope's angles for the step's positions, once a step. */
    public void prepare(Rope rope) {
        for (int i = 0; i < ropeCount; i++) if (ropes[i] == rope) return;
        if (ropeCount == ropes.length) {
            ropes = Arrays.copyOf(ropes, 2 * ropeCount);
            cosines = Arrays.copyOf(cosines, 2 * ropeCount);
            sines = Arrays.copyOf(sines, 2 * ropeCount);
        }
        int pairs = rope.frequencies().length;
        int needed = pairs * rows.size();
        if (cosines[ropeCount] == null || cosines[ropeCount].length < needed) {
            cosines[ropeCount] = new float[2 * needed];
            sines[ropeCount] = new float[2 * needed];
        }
        ropes[ropeCount] = rope;
        forRows(angles, Buffer.HIDDEN, Buffer.HIDDEN, rows.size());
        ropeCount++;
    }

    /** The angles of a range of rows for the last rope. */
    private void angles(State state, Buffer in, Buffer out, int fromRow, int toRow) {
        int pairs = ropes[ropeCount].frequencies().length;
        for (int row = fromRow; row < toRow; row++)
            ropes[ropeCount].angles(rows.position(row), cosines[ropeCount], sines[ropeCount], row * pairs);
    }

    /** Turns {@code heads} head vectors that stand {@code stride} apart, for one row; see {@link #prepare}. */
    public void rotate(Rope rope, int row, float[] x, int offset, int heads, int stride) {
        int slot = 0;
        while (ropes[slot] != rope) slot++;
        int angles = row * rope.frequencies().length;
        kernels.rotate(rope, cosines[slot], sines[slot], angles, x, offset, heads, stride);
    }

    /**
     * Drops all rows but those named; later layers do not compute the others.
     *
     * @param kept ascending row indexes, of which the first {@code count} are read
     */
    public void keep(int[] kept, int count) {
        compact(Buffer.HIDDEN, kept, count);
        keepRows(kept, count);
    }

    /**
     * Asks for nothing but logits, and keys and values: in the last layer rows that want no logits end once their keys and
     * values are cached, but for the last of each sequence and those that hooks look at. The next step begins without this.
     */
    public State logitsOnly() {
        logitsOnly = true;
        return this;
    }

    /** Whether rows are to end in the layer at hand. */
    public boolean ending() {
        return logitsOnly && layer == layers - 1 && size() > rows.spans();
    }

    /**
     * Ends the rows that are to end.
     *
     * @param in what the layer's attention was computed from
     * @param others which go on of those that want no logits
     */
    public void end(Buffer in, RowTest others) {
        if (endedFrom.length < rows.spans()) {
            endedFrom = new int[rows.spans()];
            endedRows = new int[rows.spans()];
        }
        if (goingOn.length < size()) goingOn = new int[size()];
        int count = 0;
        for (int span = 0; span < rows.spans(); span++) {
            endedFrom[span] = firstPosition(span);
            endedRows[span] = computed(span);
            for (int row = rows.start(span); row < rows.end(span); row++)
                if (row + 1 == rows.end(span) || rows.wantsLogits(row) || others.holds(span, row)) goingOn[count++] = row;
        }
        ended = true;
        compact(Buffer.HIDDEN, goingOn, count);
        if (in != Buffer.HIDDEN) compact(in, goingOn, count);
        compact(Buffer.QUERY, goingOn, count);
        keepRows(goingOn, count);
    }

    /** Position of a span's first row, even if that ended. */
    int firstPosition(int span) {
        return ended ? endedFrom[span] : rows.position(rows.start(span));
    }

    /** How many rows of a span come out of a layer, those included that ended in the last one. */
    public int computed(int span) {
        return ended ? endedRows[span] : rows.end(span) - rows.start(span);
    }

    private void compact(Buffer buffer, int[] kept, int count) {
        int width = width(buffer);
        float[] values = values(buffer);
        for (int i = 0; i < count; i++)
            if (kept[i] != i) System.arraycopy(values, kept[i] * width, values, i * width, width);
    }

    private void keepRows(int[] kept, int count) {
        rows.keep(kept, count);
        ropeCount = 0;
    }
}
