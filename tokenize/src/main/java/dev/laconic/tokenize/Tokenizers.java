package dev.laconic.tokenize;

import dev.laconic.core.error.LaconicException;
import dev.laconic.format.Metadata;
import dev.laconic.format.tokenizer.TokenizerJson;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where tokenizers come from. A file that contradicts itself is a {@link dev.laconic.core.error.MalformedInputException}
 * that names the field; a kind of tokenizer that is not known is an
 * {@link dev.laconic.core.error.UnsupportedModelException} that lists those that are.
 */
public final class Tokenizers {
    private static final String JSON = "tokenizer.json";

    private Tokenizers() {}

    /** The tokenizer of a model file, as its metadata under {@code tokenizer.ggml} describes it. */
    public static Tokenizer of(Metadata metadata) {
        return GgufTokenizers.of(metadata);
    }

    /** The tokenizer of a Hugging Face folder. */
    public static Tokenizer ofDirectory(Path folder) {
        if (Files.exists(folder.resolve(JSON))) return ofFile(folder.resolve(JSON));
        throw new LaconicException(folder + ": no tokenizer here, expected " + JSON);
    }

    /** The tokenizer in a file, of whatever kind its content is. */
    public static Tokenizer ofFile(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return JsonTokenizers.of(TokenizerJson.read(file), TokenRoles.beside(folder));
    }
}
