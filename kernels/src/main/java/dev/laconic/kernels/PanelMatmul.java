package dev.laconic.kernels;

import static dev.laconic.kernels.Panels.ROWS;

import dev.laconic.core.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * One product with weights that are packed in {@link Panels} by the Vector API: packs the weights when it first meets them,
 * prepares the activations, then multiplies.
 */
abstract class PanelMatmul extends TeamMatmul {
    /** Panels that meet a single token at once. */
    static final int PANELS = 4;

    private final PackedWeights weights;
    private final Step pack = (part, first, last) -> pack(first, last);
    private final Step prepare = this::prepareSome;
    private final Step multiply = this::multiply;

    MemorySegment packed = MemorySegment.NULL;

    PanelMatmul(Team team, PackedWeights weights) {
        super(team);
        this.weights = weights;
    }

    /** Bytes of a panel. */
    abstract long bytes();

    /** Packs panels {@code first} to {@code last} to their places in {@link #packed}. */
    abstract void pack(int first, int last);

    /** Makes room for the activations, and returns how many tokens are to be prepared. */
    abstract int reserve();

    abstract void prepare(int part, int token);

    /** Multiplies panels {@code first} to {@code last} with all tokens. */
    abstract void multiply(int part, int first, int last);

    @Override
    final void multiply(Tensor weight) {
        int panels = Panels.count(rows);
        packed = weights.get(weight);
        if (packed.address() == 0) {
            packed = weights.allocate(panels * bytes());
            run(pack, panels, 1, fair(panels, 1), packed.byteSize());
            weights.put(weight, packed);
        }
        runForTokens(prepare, reserve());
        run(multiply, panels, PANELS, fair(panels, PANELS), multiplications());
        packed = MemorySegment.NULL;
    }

    private void prepareSome(int part, int first, int last) {
        for (int token = first; token < last; token++) prepare(part, token);
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
