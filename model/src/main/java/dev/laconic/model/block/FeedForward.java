package dev.laconic.model.block;

import dev.laconic.kernels.Activation;
import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;

/**
 * {@code down(activation(gate x) * (up x))}, or {@code down(activation(up x))} without a gate.
 *
 * @param inner gate and up, or up alone
 * @param gateAndUpFused the up matrix holds the gate's rows first, then its own, and there is no gate matrix
 * @param limit where above 0, {@code down(activation(min(gate x, limit)) * (clamp(up x, -limit, limit) + 1))}
 */
public record FeedForward(
        Linears inner, boolean gated, Linear down, Activation activation, boolean gateAndUpFused, float limit)
        implements State.RowOperation {

    public static FeedForward gated(Linear gate, Linear up, Linear down, Activation activation) {
        return new FeedForward(Linears.gated(gate, up), true, down, activation, false, 0f);
    }

    /** With gate and up clamped to a limit, and 1 added to up. */
    public static FeedForward clamped(Linear gate, Linear up, Linear down, Activation activation, float limit) {
        return new FeedForward(Linears.gated(gate, up), true, down, activation, false, limit);
    }

    public static FeedForward fused(Linear gateAndUp, Linear down, Activation activation) {
        return new FeedForward(Linears.plain(gateAndUp), false, down, activation, true, 0f);
    }

    public static FeedForward plain(Linear up, Linear down, Activation activation) {
        return new FeedForward(Linears.plain(up), false, down, activation, false, 0f);
    }

    public void apply(State state, Buffer in, Buffer out) {
        apply(state, in, out, state.size());
    }

    /** Applies to the first {@code count} rows of a buffer. */
    public void apply(State state, Buffer in, Buffer out, int count) {
        inner.apply(state, in, count);
        state.forRows(this, Buffer.GATE, Buffer.UP, count);
        float[] y = state.reserve(out, down.outputs(), count);
        down.apply(state, state.values(Buffer.UP), 0, state.width(Buffer.UP), count, y, 0, down.outputs());
    }

    /** The activation of a range of rows of UP, in place; with a fused matrix the result fills the rows' first halves. */
    @Override
    public void apply(State state, Buffer gates, Buffer ups, int fromRow, int toRow) {
        float[] x = state.values(ups);
        int width = state.width(ups);
        int at = fromRow * width;
        int n = (toRow - fromRow) * width;
        if (gateAndUpFused) {
            int inner = width / 2;
            for (int row = at; row < at + n; row += width)
                state.kernels().gate(activation, x, row, x, row + inner, x, row, inner);
        } else if (gated) {
            if (limit > 0) clamp(state.values(gates), x, at, n);
            state.kernels().gate(activation, state.values(gates), at, x, at, x, at, n);
        } else {
            state.kernels().activate(activation, x, at, x, at, n);
        }
    }

    private void clamp(float[] gates, float[] ups, int at, int n) {
        for (int i = at; i < at + n; i++) {
            gates[i] = Math.min(gates[i], limit);
            ups[i] = Math.clamp(ups[i], -limit, limit) + 1;
        }
    }
}
