package dev.laconic.model.block;

import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;

/**
 * Attention of a decoder's rows over an encoder's output, whose keys and values lie in the sequences' cross caches.
 *
 * @param query from the decoder's rows
 * @param key from the encoder's rows
 * @param value from the encoder's rows
 */
public record CrossAttention(Attention.Spec spec, Linear query, Linear key, Linear value, Linear output) {

    public void apply(State state, Buffer in, Buffer out) {
        query.apply(state, in, Buffer.QUERY);
        state.attention().applyCross(state, spec);
        output.apply(state, Buffer.ATTENDED, out);
    }

    /** Keys and values of an encoder's rows, into KEY and VALUE. */
    public void encode(State encoded, Buffer in) {
        key.apply(encoded, in, Buffer.KEY);
        value.apply(encoded, in, Buffer.VALUE);
    }
}
