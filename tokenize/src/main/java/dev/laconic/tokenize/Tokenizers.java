package dev.laconic.tokenize;

import dev.laconic.format.Metadata;

/** Where tokenizers come from. */
public final class Tokenizers {
    private Tokenizers() {}

    /**
     * The tokenizer of a model file, as its metadata under {@code tokenizer.ggml} describes it.
     *
     * @throws dev.laconic.core.error.MalformedInputException the metadata contradicts itself
     * @throws dev.laconic.core.error.UnsupportedModelException a kind of tokenizer that is not known; the message lists
     *     those that are
     */
    public static Tokenizer of(Metadata metadata) {
        return GgufTokenizers.of(metadata);
    }
}
