package dev.laconic.tokenize;

import java.util.OptionalInt;
import java.util.Set;

/**
 * The tokens with a role.
 *
 * @param bos begins a text; also BERT's CLS
 * @param eos ends a text
 * @param eot ends a turn of a chat
 * @param unk stands for what the vocabulary cannot say
 * @param sep separates or ends the texts of an encoder
 * @param pad fills
 * @param mask is to be predicted
 * @param endOfGeneration all tokens after which a model has nothing more to say
 */
public record SpecialTokens(
        OptionalInt bos,
        OptionalInt eos,
        OptionalInt eot,
        OptionalInt unk,
        OptionalInt sep,
        OptionalInt pad,
        OptionalInt mask,
        Set<Integer> endOfGeneration) {
    /** No token has a role. */
    public static final SpecialTokens NONE = new SpecialTokens(
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Set.of());

    public SpecialTokens {
        endOfGeneration = Set.copyOf(endOfGeneration);
    }
}
