package dev.laconic.format.tokenizer;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The content of a Hugging Face {@code tokenizer.json}. The stages are given as they stand; a missing one is
 * {@code null} in JSON, a {@link tools.jackson.databind.node.NullNode} here.
 *
 * @param source the file's name, for error messages
 */
public record TokenizerJson(
        String source,
        Model model,
        List<AddedToken> addedTokens,
        JsonNode normalizer,
        JsonNode preTokenizer,
        JsonNode postProcessor,
        JsonNode decoder) {

    /** Most tokens that may be missing between the lowest and the highest id. */
    public static final int MAX_GAPS = 1 << 20;

    /**
     * The model.
     *
     * @param type {@code BPE}, {@code Unigram}, {@code WordPiece}, {@code WordLevel} or whatever else the file says
     * @param vocabulary ids by token; of a unigram model the place in its list
     * @param scores of a unigram model, by id
     * @param merges the two halves of each merge, in the order of rank
     * @param settings everything else
     */
    public record Model(
            String type,
            Map<String, Integer> vocabulary,
            Optional<double[]> scores,
            List<String> merges,
            JsonNode settings) {}

    /**
     * Reads {@code file}.
     *
     * @throws dev.laconic.core.error.MalformedInputException if it is no such file, says where and what
     */
    public static TokenizerJson read(Path file) {
        return TokenizerJsonReader.read(file);
    }

    /** Reads the content of a file. */
    public static TokenizerJson parse(String source, byte[] utf8) {
        return new TokenizerJsonReader(source).read(utf8);
    }
}
