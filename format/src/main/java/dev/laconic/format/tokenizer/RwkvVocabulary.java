package dev.laconic.format.tokenizer;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.io.Json;
import dev.laconic.format.io.Quoted;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The content of an RWKV vocabulary: on each line an id, a token as a Python string or bytes literal, and how many bytes
 * it has.
 *
 * @param source the file's name, for error messages
 * @param tokens the bytes of each token by id; none for an id that no line gives
 */
public record RwkvVocabulary(String source, List<byte[]> tokens) {
    private static final byte[] NONE = {};
    private static final int MAX_GAPS = 1 << 16;

    /**
     * Reads {@code file}.
     *
     * @throws MalformedInputException if it is no such file, says where and what
     */
    public static RwkvVocabulary read(Path file) {
        byte[] bytes = Json.bytes(file).orElseThrow(() -> new LaconicException(file + ": no such file"));
        return parse(file.toString(), bytes);
    }

    /** Reads the content of a file. */
    public static RwkvVocabulary parse(String source, byte[] content) {
        List<byte[]> tokens = new ArrayList<>();
        int number = 0;
        for (String line : new String(content, StandardCharsets.UTF_8).split("\n")) {
            String field = "line " + ++number;
            if (line.isBlank()) continue;
            int first = line.indexOf(' ');
            int last = line.lastIndexOf(' ');
            if (first < 0 || last <= first)
                throw new MalformedInputException(source, field, Quoted.of(line), "an id, a literal and a length");
            int id = integer(source, field, line.substring(0, first));
            if (id < tokens.size() || id > number + MAX_GAPS)
                throw new MalformedInputException(
                        source, field, "id " + id, "an id from " + tokens.size() + " to " + (number + MAX_GAPS));
            byte[] token = literal(source, field, line.substring(first + 1, last));
            int length = integer(source, field, line.substring(last + 1).trim());
            if (token.length != length)
                throw new MalformedInputException(source, field, token.length + " bytes", length + " as the line says");
            tokens.addAll(Collections.nCopies(id - tokens.size(), NONE));
            tokens.add(token);
        }
        if (tokens.isEmpty()) throw new MalformedInputException(source, "tokens", "none", "at least one");
        return new RwkvVocabulary(source, tokens);
    }

    private static int integer(String source, String field, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new MalformedInputException(source, field, Quoted.of(text), "an integer");
        }
    }

    private static byte[] literal(String source, String field, String literal) {
        boolean bytes = literal.startsWith("b");
        int open = bytes ? 1 : 0;
        char quote = literal.length() > open + 1 ? literal.charAt(open) : ' ';
        if (quote != '\'' && quote != '"' || literal.charAt(literal.length() - 1) != quote)
            throw new MalformedInputException(source, field, Quoted.of(literal), "a string or bytes literal");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringBuilder text = new StringBuilder();
        for (int i = open + 1; i < literal.length() - 1; i++) {
            char c = literal.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escape = literal.charAt(++i);
            int digits = escape == 'x' ? 2 : escape == 'u' ? 4 : escape == 'U' ? 8 : 0;
            if (digits > 0) {
                int code = hexadecimal(source, field, literal, i + 1, digits);
                i += digits;
                if (bytes) {
                    out.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
                    text.setLength(0);
                    out.write(code);
                } else {
                    text.appendCodePoint(code);
                }
                continue;
            }
            text.append(
                    switch (escape) {
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        case 't' -> '\t';
                        case '\\', '\'', '"' -> escape;
                        default -> throw new MalformedInputException(
                                source, field, "the escape \\" + escape, "\\n, \\r, \\t, \\x, \\u or a quote");
                    });
        }
        out.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    private static int hexadecimal(String source, String field, String literal, int from, int digits) {
        int code = 0;
        for (int i = from; i < from + digits; i++) {
            int digit = i < literal.length() ? Character.digit(literal.charAt(i), 16) : -1;
            if (digit < 0 || code > Character.MAX_CODE_POINT >> 4)
                throw new MalformedInputException(source, field, Quoted.of(literal), digits + " hexadecimal digits");
            code = code << 4 | digit;
        }
        return code;
    }
}
