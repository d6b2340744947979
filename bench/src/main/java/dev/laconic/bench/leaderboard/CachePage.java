package dev.laconic.bench.leaderboard;

import dev.laconic.bench.cache.CacheRow;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The page: a template that holds its style and script, and the results as JSON within it. */
final class CachePage {
    private static final String PLACE = "{{data}}";

    private CachePage() {}

    static String of(List<CacheRow> rows, String command) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("command", command);
        data.put("techniques", techniques(rows));
        data.put("rows", rows.stream().map(CacheRow::toMap).toList());
        String json = JsonMapper.shared().writeValueAsString(data).replace("<", "\\u003c");
        return template().replace(PLACE, json);
    }

    private static Map<String, Object> techniques(List<CacheRow> rows) {
        Claims claims = Claims.read();
        Map<String, Object> techniques = new LinkedHashMap<>();
        for (CacheRow row : rows) {
            String id = row.technique();
            if (techniques.containsKey(id)) continue;
            Map<String, Object> technique = new LinkedHashMap<>();
            Paper.of(id).ifPresent(paper -> {
                technique.put("title", paper.title());
                technique.put("paper", paper.address());
            });
            claims.claim(id).ifPresent(claim -> technique.put("claim", claim));
            claims.remark(id).ifPresent(remark -> technique.put("remark", remark));
            techniques.put(id, technique);
        }
        return techniques;
    }

    private static String template() {
        try (InputStream in = CachePage.class.getResourceAsStream("cache.html")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the built-in page", e);
        }
    }
}
