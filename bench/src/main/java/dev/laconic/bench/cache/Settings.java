package dev.laconic.bench.cache;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** How techniques whose options are not a share of the cache are set so that they hold one, of long texts in heads of 64. */
final class Settings {
    private final Map<String, Map<String, String>> byId;

    private Settings(Map<String, Map<String, String>> byId) {
        this.byId = byId;
    }

    static Settings read() {
        try (InputStream in = Settings.class.getResourceAsStream("settings.json")) {
            return new Settings(
                    JsonMapper.shared().readValue(in, new TypeReference<Map<String, Map<String, String>>>() {}));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the built-in settings", e);
        }
    }

    /** Whether the options of a technique say nothing of its share by themselves. */
    boolean has(String id) {
        return byId.containsKey(id);
    }

    /** The options, as a chain has them, with which a technique holds a share, as {@code 25%}, if there are any. */
    Optional<String> of(String id, String share) {
        return Optional.ofNullable(byId.getOrDefault(id, Map.of()).get(share));
    }
}
