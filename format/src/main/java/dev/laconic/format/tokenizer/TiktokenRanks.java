package dev.laconic.format.tokenizer;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.io.Json;
import dev.laconic.format.io.Quoted;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The content of a tiktoken file: on each line a token's bytes in base64 and its rank, which is its id.
 *
 * @param source the file's name, for error messages
 * @param tokens the bytes of each token
 * @param ranks the rank of each token, ascending
 */
public record TiktokenRanks(String source, List<byte[]> tokens, int[] ranks) {
    private static final int MAX_GAPS = 1 << 16;

    /**
     * Reads {@code file}.
     *
     * @throws MalformedInputException if it is no such file, says where and what
     */
    public static TiktokenRanks read(Path file) {
        byte[] bytes = Json.bytes(file).orElseThrow(() -> new LaconicException(file + ": no such file"));
        return parse(file.toString(), bytes);
    }

    /** Reads the content of a file. */
    public static TiktokenRanks parse(String source, byte[] content) {
        List<byte[]> tokens = new ArrayList<>();
        List<Integer> ranks = new ArrayList<>();
        int number = 0;
        for (String line : new String(content, StandardCharsets.ISO_8859_1).split("\n")) {
            String field = "line " + ++number;
            if (line.isBlank()) continue;
            int space = line.indexOf(' ');
            if (space < 0) throw new MalformedInputException(source, field, Quoted.of(line), "base64, a space and a rank");
            tokens.add(token(source, field, line.substring(0, space)));
            ranks.add(rank(source, field, line.substring(space + 1).trim(), ranks.isEmpty() ? -1 : ranks.getLast()));
        }
        if (tokens.isEmpty()) throw new MalformedInputException(source, "ranks", "none", "at least one");
        if (ranks.getLast() > tokens.size() + MAX_GAPS)
            throw new MalformedInputException(
                    source, "line " + number, "rank " + ranks.getLast(), "at most " + (tokens.size() + MAX_GAPS));
        return new TiktokenRanks(source, tokens, ranks.stream().mapToInt(rank -> rank).toArray());
    }

    private static byte[] token(String source, String field, String base64) {
        byte[] token;
        try {
            token = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new MalformedInputException(source, field, Quoted.of(base64), "base64");
        }
        if (token.length == 0) throw new MalformedInputException(source, field, "an empty token", "at least one byte");
        return token;
    }

    private static int rank(String source, String field, String text, int previous) {
        int rank;
        try {
            rank = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new MalformedInputException(source, field, Quoted.of(text), "a rank");
        }
        if (rank <= previous)
            throw new MalformedInputException(source, field, "rank " + rank, "a rank above " + previous);
        return rank;
    }
}
