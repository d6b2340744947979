package dev.laconic.format.io;

import dev.laconic.core.error.MalformedInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON from files: nesting and number length bounded, errors that name the file. */
public final class Json {
    private static final int MAX_NESTING = 100;
    private static final long MAX_DOCUMENT_BYTES = 64L << 20;

    private static final StreamReadConstraints LIMITS =
            StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build();
    private static final JsonFactory STRICT = JsonFactory.builder()
            .streamReadConstraints(LIMITS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(LIMITS)
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /** Makes streaming parsers that refuse a property given twice. */
    public static JsonFactory strict() {
        return STRICT;
    }

    /** Writes JSON trees. */
    public static JsonMapper mapper() {
        return MAPPER;
    }

    /**
     * The whole document in a file of at most 64 MiB, if there is one. As Python writes it: NaN and Infinity are
     * numbers, and the last of two equal properties counts.
     *
     * @throws MalformedInputException if it is no JSON, too long or nested deeper than 100
     * @throws dev.laconic.core.error.LaconicException if the file cannot be read
     */
    public static Optional<JsonNode> read(Path path) {
        return bytes(path).map(utf8 -> parse(path.toString(), utf8));
    }

    /** The whole document in {@code utf8}, as {@link #read(Path)} does it. */
    public static JsonNode parse(String source, byte[] utf8) {
        try {
            JsonNode tree = MAPPER.readTree(utf8);
            if (tree.isMissingNode()) throw new MalformedInputException(source, "JSON", "nothing", "a document");
            return tree;
        } catch (JacksonException e) {
            throw malformed(source, "JSON", e);
        }
    }

    /** The bytes of a file of at most 64 MiB, if there is one. */
    public static Optional<byte[]> bytes(Path path) {
        try {
            long size = Files.size(path);
            if (size > MAX_DOCUMENT_BYTES)
                throw new MalformedInputException(
                        path.toString(), "file size", size + " bytes", "at most " + MAX_DOCUMENT_BYTES);
            return Optional.of(Files.readAllBytes(path));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw MappedFile.unreadable(path, e);
        }
    }

    /** The error for JSON that the parser refused. */
    public static MalformedInputException malformed(String source, String field, JacksonException e) {
        String message = e.getOriginalMessage().lines().findFirst().orElse("");
        String found = message.substring(0, Math.min(message.length(), 200));
        long at = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
        String where = at < 0 ? "" : " (at byte " + at + ")";
        String expected = e instanceof StreamConstraintsException ? "JSON within limits" : "well-formed JSON";
        return new MalformedInputException(source, field, found + where, expected);
    }
}
