package dev.laconic.bench.leaderboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What papers claim of their techniques, and what should be known when results are read; a technique may have neither. */
final class Claims {
    private final Map<String, Map<String, String>> byId;

    private Claims(Map<String, Map<String, String>> byId) {
        this.byId = byId;
    }

    static Claims read() {
        try (InputStream in = Claims.class.getResourceAsStream("claims.json")) {
            return new Claims(JsonMapper.shared()
                    .readValue(in, new TypeReference<LinkedHashMap<String, Map<String, String>>>() {}));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the built-in claims", e);
        }
    }

    Optional<String> claim(String id) {
        return of(id, "claim");
    }

    Optional<String> remark(String id) {
        return of(id, "remark");
    }

    private Optional<String> of(String id, String name) {
        return Optional.ofNullable(byId.getOrDefault(id, Map.of()).get(name));
    }
}
