package dev.laconic.tokenize;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * Text to tokens and back. Immutable and safe for use by many threads. Unpaired surrogates in a text count as U+FFFD.
 * Methods that take an id throw {@link IndexOutOfBoundsException} for one that is not in {@code [0, vocabularySize())}.
 */
public interface Tokenizer {

    /** The tokens of {@code text} and where they come from. */
    Encoding encode(String text, EncodeOptions options);

    /** The tokens of {@code text}. */
    int[] ids(String text, EncodeOptions options);

    /** Number of tokens of {@code text}. */
    int count(String text, EncodeOptions options);

    /**
     * The bytes that the tokens stand for.
     *
     * @param special control tokens give their spelling; otherwise nothing
     */
    byte[] bytes(int[] ids, boolean special);

    /** The text that the tokens stand for, control tokens left out; bytes that are no UTF-8 become U+FFFD. */
    default String decode(int... ids) {
        return new String(bytes(ids, false), StandardCharsets.UTF_8);
    }

    /** A decoder that takes tokens one at a time, control tokens left out. */
    StreamingDecoder streamingDecoder();

    /** Ids run from 0 to this. */
    int vocabularySize();

    /** A token as the vocabulary spells it. */
    String token(int id);

    /** The token of this spelling. */
    OptionalInt id(String token);

    /** Whether a token is no text but steers the model. */
    boolean isControl(int id);

    SpecialTokens special();
}
