package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One product with weights that are packed in panels of {@link Int16Panels#ROWS} rows, by the Vector API: packs the weights when
 * it first meets them, prepares the activations, then multiplies. Every step is split over a team.
 */
abstract class PanelMatmul implements Team.Task {
    /** Panels that meet a single token at once. */
    static final int PANELS = 4;

    static final int ROWS = Int16Panels.ROWS;

    /** Multiplications, or bytes to pack, below which waking other threads takes longer than doing their share. */
    private static final int WORTH_SHARING = 1 << 17;
    /** Shares for each thread: they take one after another, so that a thread which is held up takes fewer. */
    private static final int SHARES = 4;

    private static final float[] NONE = {};

    private enum Step {
        PACK,
        PREPARE,
        MULTIPLY
    }

    private final Team team;
    private final PackedWeights weights;
    private final AtomicInteger next = new AtomicInteger();

    private Step step = Step.PACK;
    /** Panels or tokens that are one share of the step, and how many there are. */
    private int share;

    private int count;

    private MemorySegment source = MemorySegment.NULL;
    private float[] y = NONE;
    private int yOffset;
    private int yStride;

    TensorType type = TensorType.F32;
    int rows;
    int columns;
    MemorySegment packed = MemorySegment.NULL;
    float[] x = NONE;
    int xOffset;
    int xStride;
    int n;

    PanelMatmul(Team team, PackedWeights weights) {
        this.team = team;
        this.weights = weights;
    }

    /** Bytes of a panel. */
    abstract long bytes();

    /** Packs panels {@code first} to {@code last} of a matrix to their places in {@link #packed}. */
    abstract void pack(MemorySegment matrix, int first, int last);

    /** Makes room for the activations, and returns how many tokens are to be prepared. */
    abstract int reserve();

    abstract void prepare(int part, int token);

    /** Multiplies panels {@code first} to {@code last} with all tokens. */
    abstract void multiply(int part, int first, int last);

    final void compute(
            Tensor weight, float[] newX, int newXOffset, int newXStride, int newN,
            float[] newY, int newYOffset, int newYStride) {
        type = weight.type();
        rows = weight.rows();
        columns = weight.columns();
        x = newX;
        xOffset = newXOffset;
        xStride = newXStride;
        n = newN;
        y = newY;
        yOffset = newYOffset;
        yStride = newYStride;
        int panels = Int16Panels.count(rows);
        packed = weights.get(weight);
        if (packed.address() == 0) pack(weight, panels);
        int tokens = reserve();
        run(Step.PREPARE, tokens, Math.max(1, tokens / (2 * team.size())), (long) tokens * columns * 8);
        int fair = panels / (SHARES * team.size()) / PANELS * PANELS;
        run(Step.MULTIPLY, panels, Math.max(PANELS, fair), (long) rows * columns * n);
        packed = MemorySegment.NULL;
        x = NONE;
        y = NONE;
    }

    private void pack(Tensor weight, int panels) {
        packed = weights.allocate(panels * bytes());
        source = weight.data();
        run(Step.PACK, panels, Math.max(1, panels / (SHARES * team.size())), packed.byteSize());
        source = MemorySegment.NULL;
        weights.put(weight, packed);
    }

    private void run(Step newStep, int newCount, int newShare, long work) {
        step = newStep;
        count = newCount;
        next.set(0);
        boolean alone = team.size() == 1 || work < WORTH_SHARING;
        share = alone ? newCount : newShare;
        if (alone) run(0, 1);
        else team.run(this);
    }

    @Override
    public final void run(int part, int parts) {
        for (int from = next.getAndAdd(share); from < count; from = next.getAndAdd(share)) {
            int to = Math.min(count, from + share);
            switch (step) {
                case PACK -> pack(source, from, to);
                case PREPARE -> {
                    for (int token = from; token < to; token++) prepare(part, token);
                }
                case MULTIPLY -> multiply(part, from, to);
            }
        }
    }

    /** Where a panel begins. */
    final long at(int panel) {
        return panel * bytes();
    }

    /** Writes a token's outputs with a panel. */
    final void write(float[] outputs, int at, int panel, int token) {
        int row = panel * ROWS;
        System.arraycopy(outputs, at, y, yOffset + token * yStride + row, Math.min(ROWS, rows - row));
    }
}
