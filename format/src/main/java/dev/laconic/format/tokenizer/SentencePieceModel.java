package dev.laconic.format.tokenizer;

import dev.laconic.core.error.LaconicException;
import dev.laconic.format.io.Json;
import java.nio.file.Path;
import java.util.List;

/**
 * The content of a SentencePiece {@code .model} file, as far as it matters for using it.
 *
 * @param source the file's name, for error messages
 * @param pieces spellings by id, none of them empty
 * @param scores by id, none of them NaN
 * @param types by id
 * @param unknownSurface what an unknown token decodes to
 * @param unknown the unknown token's id
 * @param bos id, or -1
 * @param eos id, or -1
 * @param pad id, or -1
 * @param rules the compiled normalization rules, empty where there are none
 * @param addSpace one space is put before a text
 * @param mergeSpaces runs of spaces become one, those at the ends none
 * @param escapeSpaces spaces are spelt U+2581
 * @param suffixSpace spaces belong to the word before them
 */
public record SentencePieceModel(
        String source,
        List<String> pieces,
        float[] scores,
        Type[] types,
        Algorithm algorithm,
        boolean byteFallback,
        String unknownSurface,
        int unknown,
        int bos,
        int eos,
        int pad,
        byte[] rules,
        boolean addSpace,
        boolean mergeSpaces,
        boolean escapeSpaces,
        boolean suffixSpace) {

    /** What a piece is. */
    public enum Type {
        NORMAL,
        UNKNOWN,
        CONTROL,
        USER_DEFINED,
        UNUSED,
        BYTE
    }

    /** How text is cut into pieces. */
    public enum Algorithm {
        UNIGRAM,
        BPE,
        WORD,
        CHAR
    }

    /**
     * Reads {@code file}.
     *
     * @throws dev.laconic.core.error.MalformedInputException if it is no such file, says where and what
     */
    public static SentencePieceModel read(Path file) {
        byte[] bytes = Json.bytes(file).orElseThrow(() -> new LaconicException(file + ": no such file"));
        return parse(file.toString(), bytes);
    }

    /** Reads the content of a file. */
    public static SentencePieceModel parse(String source, byte[] bytes) {
        return new SentencePieceReader(source).read(bytes);
    }
}
