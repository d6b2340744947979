package dev.laconic.model.arch;

import dev.laconic.kernels.Rope;
import dev.laconic.model.Mask;
import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import dev.laconic.model.block.Attention;
import java.util.List;
import java.util.Optional;

/** A network with its weights: embedding, layers, output. Immutable; what changes is in the {@link State}. */
public interface Architecture {

    /** Elements of a hidden row. */
    int width();

    /** Number of tokens the embedding knows. */
    int vocabulary();

    int layers();

    /** How many positions there are; a network without learned positions has no limit. */
    default int positions() {
        return Integer.MAX_VALUE;
    }

    /** How many segments the network tells apart. */
    default int segments() {
        return 1;
    }

    /** What rows attend to unless a step says otherwise. */
    Mask mask();

    /** Fills HIDDEN for the rows that are tokens, and adds positions and norms to all as the architecture wants. */
    void embed(State state);

    /** Carries HIDDEN through one layer. */
    void layer(State state, int layer);

    /** The final norm over the first {@code count} rows of a buffer, in place. */
    void normalise(State state, Buffer buffer, int count);

    /** Logits of {@code count} normalised rows; errors for a network without an output head. */
    void head(State state, Buffer normalised, int count, float[] logits);

    /** Whether the network predicts tokens; encoders only give hidden rows. */
    boolean hasHead();

    /** The attention of each layer that has a KV cache; layers without one are not listed. */
    List<Attention.Spec> attentions();

    /** The encoder whose output this network's cross-attention reads, in encoder-decoder models. */
    default Optional<Architecture> encoder() {
        return Optional.empty();
    }

    /** The cross-attention of each layer that has it. */
    default List<Attention.Spec> crossAttentions() {
        return List.of();
    }

    /** Keys and values of a layer's cross-attention for an encoder's normalised rows, into KEY and VALUE. */
    default void encode(State encoded, Buffer normalised, int layer) {
        throw new UnsupportedOperationException("no encoder");
    }

    /** The rotation of a layer's keys, where it has one. */
    Optional<Rope> rope(int layer);

    /** The rotated queries that the rows would have in a layer if they came to it as they are, into QUERY. */
    void queries(State state, int layer);

    /** The rotated keys and the values that they would have, into KEY and VALUE. */
    void keysAndValues(State state, int layer);
}
