package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/** One product of a matrix with rows of activations: its arguments, and how the steps that lead to it are split over a team. */
abstract class TeamMatmul implements Team.Task {
    /** Multiplications, or bytes to pack, below which telling other threads takes longer than doing their share. */
    private static final int WORTH_SHARING = 1 << 18;
    /** The same for threads that have gone to sleep. */
    private static final int WORTH_WAKING = 1 << 22;
    /** Shares for each thread: they take one after another, so that a thread which is held up takes fewer. */
    private static final int SHARES = 4;

    private static final float[] NONE = {};

    /** What is done with items {@code from} to {@code to}: rows, panels or tokens. */
    @FunctionalInterface
    interface Step {
        void run(int part, int from, int to);
    }

    final Team team;
    private final AtomicInteger next = new AtomicInteger();
    private Step step = (part, from, to) -> {};
    /** Items of a share of the step: at least, and at most while more than that are left for everyone. */
    private int least;

    private int most;

    /** All items of the step. */
    private int count;

    TensorType type = TensorType.F32;
    /** The matrix as it is in the file. */
    MemorySegment data = MemorySegment.NULL;
    int rows;
    int columns;
    float[] x = NONE;
    int xOffset;
    int xStride;
    int n;
    float[] y = NONE;
    int yOffset;
    int yStride;

    TeamMatmul(Team team) {
        this.team = team;
    }

    /** Does all steps of the product of these arguments. */
    abstract void multiply(Tensor weight);

    final void compute(
            Tensor weight, float[] newX, int newXOffset, int newXStride, int newN,
            float[] newY, int newYOffset, int newYStride) {
        data = weight.data();
        rows = weight.rows();
        begin(weight, newX, newXOffset, newXStride, newN);
        y = newY;
        yOffset = newYOffset;
        yStride = newYStride;
        multiply(weight);
        data = MemorySegment.NULL;
        y = NONE;
        end();
    }

    /** Takes the activations for a matrix, or several of its type and columns. */
    final void begin(Tensor weight, float[] newX, int newXOffset, int newXStride, int newN) {
        type = weight.type();
        columns = weight.columns();
        x = newX;
        xOffset = newXOffset;
        xStride = newXStride;
        n = newN;
    }

    /** Holds the activations no longer. */
    final void end() {
        x = NONE;
    }

    /** A thread's fair share of so many items, in whole {@code units}; all of them if there is one thread. */
    final int fair(int items, int units) {
        return team.size() == 1 ? items : Math.max(units, items / (SHARES * team.size()) / units * units);
    }

    /** Multiplications of the product. */
    final long multiplications() {
        return (long) rows * columns * n;
    }

    /** Does a step with each of {@code tokens} rows of activations. */
    final void runForTokens(Step newStep, int tokens) {
        int size = tokens / (2 * team.size());
        run(newStep, tokens, size, size, 8L * tokens * columns);
    }

    /**
     * Does a step with {@code items} items. Shares are half of what is left for each thread, so that all end at nearly the same
     * time, but not less than {@code atLeast} and not more than {@code atMost}; {@code work} says whether others are to help.
     */
    final void run(Step newStep, int items, int atLeast, int atMost, long work) {
        step = newStep;
        count = items;
        least = Math.max(1, atLeast);
        most = Math.max(least, atMost);
        next.set(0);
        if (team.size() == 1 || work < WORTH_SHARING) run(0, 1);
        else if (work < WORTH_WAKING) team.runBriefly(this);
        else team.run(this);
    }

    @Override
    public final void run(int part, int parts) {
        for (int from = next.get(); from < count; from = next.get()) {
            int fair = parts == 1 ? count : (count - from) / (2 * parts) / least * least;
            int to = Math.min(count, from + Math.clamp(fair, least, most));
            if (next.compareAndSet(from, to)) step.run(part, from, to);
        }
    }
}
