package dev.laconic.model.block;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import java.util.List;

/** Several linear maps of the same rows, each into a buffer of its own, computed together. */
public final class Linears {
    private final Linear[] maps;
    private final Buffer[] outs;
    private final Tensor[] weights;

    private Linears(List<Linear> maps, Buffer... outs) {
        this.maps = maps.toArray(Linear[]::new);
        this.outs = outs;
        weights = maps.stream().map(Linear::weight).toArray(Tensor[]::new);
    }

    /** Queries, keys and values. */
    static Linears attention(Linear query, Linear key, Linear value) {
        return new Linears(List.of(query, key, value), Buffer.QUERY, Buffer.KEY, Buffer.VALUE);
    }

    static Linears keyAndValue(Linear key, Linear value) {
        return new Linears(List.of(key, value), Buffer.KEY, Buffer.VALUE);
    }

    static Linears gated(Linear gate, Linear up) {
        return new Linears(List.of(gate, up), Buffer.GATE, Buffer.UP);
    }

    static Linears plain(Linear up) {
        return new Linears(List.of(up), Buffer.UP);
    }

    /** Applies to the first {@code count} rows of a buffer. */
    void apply(State state, Buffer in, int count) {
        float[][] y = state.targets(maps.length);
        for (int i = 0; i < maps.length; i++) y[i] = state.reserve(outs[i], maps[i].outputs(), count);
        state.kernels().matmul(weights, state.values(in), 0, state.width(in), count, y);
        for (int i = 0; i < maps.length; i++) maps[i].finish(state, count, y[i], 0, maps[i].outputs());
    }
}
