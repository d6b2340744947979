package dev.laconic.model.block;

import dev.laconic.kernels.Rope;
import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Multi-head self-attention: projections, the norms and rotary positions some architectures put on queries and keys,
 * attention over the KV cache, output projection. Input and output are of the model's width.
 */
public final class SelfAttention implements State.RowOperation {
    private final Projection projection;
    private final Optional<Norm> queryNorm;
    private final Optional<Norm> keyNorm;
    private final boolean normAfterRope;
    private final Optional<Rope> rope;
    private final QueryScale queryScale;
    private final float clamp;
    private final Attention.Spec spec;
    private final Linear output;
    private final State.RowOperation queriesAlone = this::finishQueries;
    private final State.RowOperation keysAndValuesAlone = this::finishKeysAndValues;

    /** Where queries, keys and values come from. */
    public sealed interface Projection {
        /** Fills QUERY, KEY and VALUE. */
        void apply(State state, Buffer in, Attention.Spec spec);

        /** Fills QUERY at least. */
        default void queries(State state, Buffer in, Attention.Spec spec) {
            apply(state, in, spec);
        }

        /** Fills KEY and VALUE at least. */
        default void keysAndValues(State state, Buffer in, Attention.Spec spec) {
            apply(state, in, spec);
        }

        /** Three matrices. */
        record Separate(Linear query, Linears keyAndValue, Linears all) implements Projection {
            public Separate(Linear query, Linear key, Linear value) {
                this(query, Linears.keyAndValue(key, value), Linears.attention(query, key, value));
            }

            @Override
            public void apply(State state, Buffer in, Attention.Spec spec) {
                all.apply(state, in, state.size());
            }

            @Override
            public void queries(State state, Buffer in, Attention.Spec spec) {
                query.apply(state, in, Buffer.QUERY);
            }

            @Override
            public void keysAndValues(State state, Buffer in, Attention.Spec spec) {
                keyAndValue.apply(state, in, state.size());
            }
        }

        /** One matrix whose output rows are all queries, then all keys, then all values. */
        record Fused(Linear qkv) implements Projection {
            @Override
            public void apply(State state, Buffer in, Attention.Spec spec) {
                qkv.apply(state, in, Buffer.QKV);
                int queries = spec.queryHeads() * spec.keyDimension();
                int keys = spec.kvHeads() * spec.keyDimension();
                split(state, 0, Buffer.QUERY, queries);
                split(state, queries, Buffer.KEY, keys);
                split(state, queries + keys, Buffer.VALUE, spec.kvHeads() * spec.valueDimension());
            }

            private static void split(State state, int from, Buffer to, int count) {
                float[] all = state.values(Buffer.QKV);
                int width = state.width(Buffer.QKV);
                float[] target = state.reserve(to, count);
                for (int row = 0; row < state.size(); row++)
                    System.arraycopy(all, row * width + from, target, row * count, count);
            }
        }
    }

    /** Factor on the rotated queries that depends on the position. */
    @FunctionalInterface
    public interface QueryScale {
        QueryScale ONE = position -> 1f;

        float at(int position);
    }

    private SelfAttention(Builder builder) {
        projection = builder.projection;
        queryNorm = builder.queryNorm;
        keyNorm = builder.keyNorm;
        normAfterRope = builder.normAfterRope;
        rope = builder.rope;
        queryScale = builder.queryScale;
        clamp = builder.clamp;
        output = builder.output;
        spec = new Attention.Spec(builder.layer, builder.queryHeads, builder.kvHeads, builder.keyDimension,
                builder.valueDimension, builder.scale, builder.reach, builder.softcap, builder.sinks, builder.bias);
    }

    public Attention.Spec spec() {
        return spec;
    }

    /** The rotation that moves cached keys; none where keys pass a weighted norm after it. */
    public Optional<Rope> rope() {
        return normAfterRope && keyNorm.filter(Norm::weighted).isPresent() ? Optional.empty() : rope;
    }

    public void apply(State state, Buffer in, Buffer out) {
        projection.apply(state, in, spec);
        if (rope.isPresent()) state.prepare(rope.get());
        state.forRows(this, Buffer.QUERY, Buffer.KEY, state.size());
        state.attention().apply(state, spec, in);
        output.apply(state, Buffer.ATTENDED, out);
    }

    /** The rotated queries alone of rows that are not to be attended for, into QUERY. */
    public void queries(State state, Buffer in) {
        projection.queries(state, in, spec);
        if (rope.isPresent()) state.prepare(rope.get());
        state.forRows(queriesAlone, Buffer.QUERY, Buffer.QUERY, state.size());
    }

    /** The rotated keys and the values alone of rows that are not to be attended for, into KEY and VALUE. */
    public void keysAndValues(State state, Buffer in) {
        projection.keysAndValues(state, in, spec);
        if (rope.isPresent()) state.prepare(rope.get());
        state.forRows(keysAndValuesAlone, Buffer.KEY, Buffer.VALUE, state.size());
    }

    /** Clamp, norms, rotary positions and scale of a range of rows' queries and keys. */
    @Override
    public void apply(State state, Buffer in, Buffer out, int fromRow, int toRow) {
        finishQueries(state, Buffer.QUERY, Buffer.QUERY, fromRow, toRow);
        finishKeysAndValues(state, Buffer.KEY, Buffer.VALUE, fromRow, toRow);
    }

    private void finishKeysAndValues(State state, Buffer in, Buffer out, int fromRow, int toRow) {
        finish(state, Buffer.KEY, keyNorm, spec.kvHeads(), fromRow, toRow);
        if (clamp <= 0) return;
        int valueWidth = state.width(Buffer.VALUE);
        clamp(state.values(Buffer.VALUE), fromRow * valueWidth, toRow * valueWidth);
    }

    private void finishQueries(State state, Buffer in, Buffer out, int fromRow, int toRow) {
        finish(state, Buffer.QUERY, queryNorm, spec.queryHeads(), fromRow, toRow);
        if (queryScale == QueryScale.ONE) return;
        float[] queries = state.values(Buffer.QUERY);
        int width = state.width(Buffer.QUERY);
        for (int row = fromRow; row < toRow; row++)
            state.kernels().scale(queryScale.at(state.rows().position(row)), queries, row * width, width);
    }

    private void finish(State state, Buffer buffer, Optional<Norm> norm, int heads, int fromRow, int toRow) {
        float[] x = state.values(buffer);
        int width = state.width(buffer);
        if (clamp > 0) clamp(x, fromRow * width, toRow * width);
        if (!normAfterRope && norm.isPresent()) norm.get().apply(state, buffer, buffer, fromRow, toRow);
        if (rope.isPresent())
            for (int row = fromRow; row < toRow; row++)
                state.rotate(rope.get(), row, x, row * width, heads, spec.keyDimension());
        if (normAfterRope && norm.isPresent()) norm.get().apply(state, buffer, buffer, fromRow, toRow);
    }

    private void clamp(float[] x, int from, int to) {
        for (int i = from; i < to; i++) x[i] = Math.clamp(x[i], -clamp, clamp);
    }

    public static Builder of(int layer) {
        return new Builder(layer);
    }

    /** Collects what a layer's attention is made of; heads, projection and output must be set. */
    public static final class Builder {
        private final int layer;
        private int queryHeads;
        private int kvHeads;
        private int keyDimension;
        private int valueDimension;
        private Projection projection;
        private Linear output;
        private Optional<Norm> queryNorm = Optional.empty();
        private Optional<Norm> keyNorm = Optional.empty();
        private boolean normAfterRope;
        private Optional<Rope> rope = Optional.empty();
        private QueryScale queryScale = QueryScale.ONE;
        private float clamp;
        private float scale;
        private Reach reach = Reach.FULL;
        private float softcap;
        private float[] sinks = {};
        private Optional<ScoreBias> bias = Optional.empty();

        private Builder(int layer) {
            this.layer = layer;
        }

        /** Sets the head counts and sizes, and the usual scale {@code 1 / sqrt(keyDimension)}. */
        public Builder heads(int newQueryHeads, int newKvHeads, int newKeyDimension, int newValueDimension) {
            queryHeads = newQueryHeads;
            kvHeads = newKvHeads;
            keyDimension = newKeyDimension;
            valueDimension = newValueDimension;
            scale = (float) (1 / Math.sqrt(newKeyDimension));
            return this;
        }

        public Builder projection(Projection newProjection) {
            projection = newProjection;
            return this;
        }

        public Builder output(Linear newOutput) {
            output = newOutput;
            return this;
        }

        /** Norms of query and key, over head vectors or whole rows as their size says, before the rotation. */
        public Builder norms(Optional<Norm> newQueryNorm, Optional<Norm> newKeyNorm) {
            queryNorm = newQueryNorm;
            keyNorm = newKeyNorm;
            return this;
        }

        /** Puts the norms after the rotation. */
        public Builder normAfterRope() {
            normAfterRope = true;
            return this;
        }

        public Builder rope(Rope newRope) {
            rope = Optional.of(newRope);
            return this;
        }

        public Builder queryScale(QueryScale newQueryScale) {
            queryScale = newQueryScale;
            return this;
        }

        /** Clamps queries, keys and values to {@code [-limit, limit]}; 0 for no clamp. */
        public Builder clamp(float limit) {
            clamp = limit;
            return this;
        }

        public Builder scale(float newScale) {
            scale = newScale;
            return this;
        }

        public Builder reach(Reach newReach) {
            reach = newReach;
            return this;
        }

        public Builder softcap(float newSoftcap) {
            softcap = newSoftcap;
            return this;
        }

        public Builder sinks(float[] newSinks) {
            sinks = Arrays.copyOf(newSinks, newSinks.length);
            return this;
        }

        public Builder bias(ScoreBias newBias) {
            bias = Optional.of(newBias);
            return this;
        }

        public SelfAttention build() {
            return new SelfAttention(this);
        }
    }
}
