package dev.laconic.model.block;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;

/** Several linear maps of the same rows, each into a buffer of its own, computed together. */
public final class Linears {
    private final Linear[] maps;
    private final Buffer[] outs;
    private final Tensor[] weights;

    private Linears(Linear[] maps, Buffer... outs) {
        this.maps = maps;
        this.outs = outs;
        weights = new Tensor[maps.length];
        for (int i = 0; i < maps.length; i++) weights[i] = maps[i].weight();
    }

    /** Queries, keys and values. */
    static Linears attention(Linear query, Linear key, Linear value) {
        return new Linears(new Linear[] {query, key, value}, Buffer.QUERY, Buffer.KEY, Buffer.VALUE);
    }

    static Linears keyAndValue(Linear key, Linear value) {
        return new Linears(new Linear[] {key, value}, Buffer.KEY, Buffer.VALUE);
    }

    static Linears gated(Linear gate, Linear up) {
        return new Linears(new Linear[] {gate, up}, Buffer.GATE, Buffer.UP);
    }

    static Linears plain(Linear up) {
        return new Linears(new Linear[] {up}, Buffer.UP);
    }

    /** Applies to the first {@code count} rows of a buffer. */
    void apply(State state, Buffer in, int count) {
        float[][] y = state.targets(maps.length);
        for (int i = 0; i < maps.length; i++) y[i] = state.reserve(outs[i], maps[i].outputs(), count);
        state.kernels().matmul(weights, state.values(in), 0, state.width(in), count, y);
        for (int i = 0; i < maps.length; i++) maps[i].finish(state, count, y[i], 0, maps[i].outputs());
    }
}
