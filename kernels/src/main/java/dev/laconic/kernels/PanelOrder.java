package dev.laconic.kernels;

import dev.laconic.core.tensor.TensorType;
import java.util.Arrays;

/**
 * The order in which a single token meets the packed panels of some shape: one after another, or in streams that begin far apart.
 * Which is faster depends on the processor, on what it reads ahead by itself, and on whether the weights stay in a cache. So both
 * are tried on products that are asked for anyway, and the one whose median takes less is kept for a while. Outputs are the same.
 * Belongs to one thread.
 */
final class PanelOrder {
    static final int IN_A_ROW = 0;
    static final int FAR_APART = 1;
    /** Products of each order that are timed. */
    static final int TRIALS = 15;
    /** Products after which both are tried anew: neighbours on the same memory come and go. */
    static final int KEPT = 4096;

    private final TensorType type;
    private final int columns;
    private final int panels;
    private final long[][] nanos = new long[2][TRIALS];
    private final int[] tried = new int[2];
    private int order;
    private boolean timed;
    private int left;
    private int draws;

    PanelOrder(TensorType type, int columns, int panels) {
        this.type = type;
        this.columns = columns;
        this.panels = panels;
    }

    boolean isOf(TensorType otherType, int otherColumns, int otherPanels) {
        return type == otherType && columns == otherColumns && panels == otherPanels;
    }

    /** The order of the next product. */
    int next() {
        timed = left == 0;
        if (!timed) left--;
        else if (tried[IN_A_ROW] == TRIALS) order = FAR_APART;
        else if (tried[FAR_APART] == TRIALS) order = IN_A_ROW;
        else order = draw();
        return order;
    }

    /** A bit by chance: the products of a token come in an order of their own. */
    private int draw() {
        return (int) (++draws * 0x9E3779B97F4A7C15L >>> 40) & 1;
    }

    /** Whether the product at hand is to be timed. */
    boolean timed() {
        return timed;
    }

    /** Notes how long a product took that is to be timed. */
    void took(long time) {
        nanos[order][tried[order]++] = time;
        if (tried[IN_A_ROW] < TRIALS || tried[FAR_APART] < TRIALS) return;
        for (long[] each : nanos) Arrays.sort(each);
        order = nanos[FAR_APART][TRIALS / 2] < nanos[IN_A_ROW][TRIALS / 2] ? FAR_APART : IN_A_ROW;
        Arrays.fill(tried, 0);
        left = KEPT;
    }
}
