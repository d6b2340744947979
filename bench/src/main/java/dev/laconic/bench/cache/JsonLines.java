package dev.laconic.bench.cache;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UsageException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Reads JSON lines and says of what is wrong where it stands. */
final class JsonLines {
    private JsonLines() {}

    /** An object and the line it stands in. */
    record Line(Path path, int number, Map<String, Object> fields) {
        String text(String field) {
            return optional(field).orElseThrow(() -> wrong(field, null, "text"));
        }

        Optional<String> optional(String field) {
            Object value = fields.get(field);
            if (value == null) return Optional.empty();
            if (value instanceof String text) return Optional.of(text);
            throw wrong(field, value, "text");
        }

        int whole(String field) {
            if (fields.get(field) instanceof Integer number && number >= 0) return number;
            throw wrong(field, fields.get(field), "a whole number of at least 0");
        }

        MalformedInputException wrong(String field, Object found, String expected) {
            return JsonLines.wrong(path, number, field, found == null ? "nothing" : shortened(found), expected);
        }
    }

    /** @throws UsageException if there is no file */
    static String text(Path path) {
        if (!Files.isRegularFile(path)) throw new UsageException("there is no file " + path);
        try {
            return Files.readString(path);
        } catch (CharacterCodingException notUtf8) {
            throw new MalformedInputException(path.toString(), "text", "bytes that are not UTF-8", "UTF-8");
        } catch (IOException failure) {
            throw new LaconicException(path + ": cannot be read: " + failure.getMessage(), failure);
        }
    }

    static Map<String, Object> object(Path path, int number, String line) {
        try {
            Map<String, Object> object =
                    JsonMapper.shared().readValue(line, new TypeReference<LinkedHashMap<String, Object>>() {});
            if (object != null) return object;
        } catch (JacksonException malformed) {
            throw wrong(path, number, "JSON", shortened(line), "an object on a line of its own");
        }
        throw wrong(path, number, "JSON", "null", "an object on a line of its own");
    }

    private static MalformedInputException wrong(Path path, int number, String field, Object found, String expected) {
        return new MalformedInputException(path.toString(), "line " + number + ": " + field, found, expected);
    }

    private static String shortened(Object found) {
        String text = String.valueOf(found);
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
