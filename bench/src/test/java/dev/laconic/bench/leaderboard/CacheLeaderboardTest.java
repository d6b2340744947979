package dev.laconic.bench.leaderboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.bench.cache.CacheRow;
import dev.laconic.core.error.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CacheLeaderboardTest {
    private static final String COMMAND = "laconic bench cache --report there";

    @TempDir
    Path folder;

    /** A full cache that is right 4 times in 5, and a technique that keeps as much or half. */
    private static List<CacheRow> rows() {
        List<CacheRow> rows = new ArrayList<>();
        for (String query : List.of("aware", "agnostic")) {
            rows.add(task("full", "full", "default", query, 1.0, 0.8));
            rows.add(task("oracle", "oracle:budget=25%", "25%", query, 1.0, 0.8));
            rows.add(task("random", "random:budget=25%", "25%", query, 0.25, 0.1));
            rows.add(task("snapkv", "snapkv:budget=25%", "25%", query, 0.25, query.equals("aware") ? 0.8 : 0.4));
            rows.add(task("h2o", "h2o:budget=25%", "25%", query, 0.25, 0.2));
            rows.add(task("newcomer", "newcomer", "default", query, 0.5, 0.2));
        }
        rows.add(row("full", "full", "default", CacheRow.SPEED, "", 8192, Map.of("tptRatio", 1.0, "ttftRatio", 1.0)));
        rows.add(row("snapkv", "snapkv:budget=25%", "25%", CacheRow.SPEED, "", 8192, Map.of("tptRatio", 0.41, "ttftRatio", 1.3)));
        rows.add(row("snapkv", "snapkv:budget=25%", "25%", CacheRow.PERPLEXITY, "", 4096, Map.of("perplexityRatio", 1.07)));
        rows.add(row("razor", "razor", "default", "needle", "aware", 512, Map.of("error", "needs <more>\nheads")));
        return rows;
    }

    private static CacheRow task(
            String technique, String config, String setting, String query, double bytes, double accuracy) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("bytesRatio", bytes);
        values.put("peakBytesRatio", 1.0);
        values.put("ttftRatio", 1.0);
        values.put("accuracy", accuracy);
        values.put("low", accuracy / 2);
        values.put("high", (1 + accuracy) / 2);
        values.put("n", 10);
        values.put("facets", Map.of("depth=0.3", Map.of("accuracy", accuracy, "n", 10)));
        return row(technique, config, setting, "needle", query, 512, values);
    }

    private static CacheRow row(
            String technique, String config, String setting, String task, String query, int length, Map<String, Object> values) {
        Map<String, Object> all = new LinkedHashMap<>(values);
        all.put("model", "house-lm");
        return new CacheRow(technique, config, setting, task, query, length, all);
    }

    private String written(String name, List<CacheRow> rows) throws IOException {
        CacheLeaderboard.write(folder.resolve("new/folder"), rows, COMMAND);
        return Files.readString(folder.resolve("new/folder").resolve(name));
    }

    @Test
    void theTextSaysWhatWasKeptWhatThePaperClaimsAndWhereItFallsShort() throws IOException {
        String text = written("cache.md", rows());
        assertThat(text)
                .contains(COMMAND)
                .contains("| [snapkv](https://arxiv.org/abs/2404.14469) | 25% | **P** | 25% | 100% | 100% (", "| 50% (")
                .contains("[SnapKV: LLM Knows What You are Looking for Before Generation](https://arxiv.org/abs/2404.14469)")
                .contains("- Paper: 3.6 times the generation speed")
                .contains("25%: 25% of the bytes, 100% of the answers kept aware and 50% agnostic")
                .contains("`snapkv:budget=25%` on needle at 512 tokens (agnostic): 40% right where the full cache has 80%.")
                .contains("| `snapkv` | 25% | 1.30 | 0.41 |")
                .contains("- `razor`: needs <more> heads");
        assertThat(text.lines().filter(line -> line.startsWith("| newcomer"))).singleElement().asString()
                .doesNotContain("**P**");
    }

    @Test
    void thePageHoldsAllItNeeds() throws IOException {
        String page = written("cache.html", rows());
        assertThat(page).doesNotContain("{{data}}").doesNotContainPattern("(src|href)\\s*=\\s*[\"']?(https?:)?//");
        int from = page.indexOf("id=\"data\">") + "id=\"data\">".length();
        String json = page.substring(from, page.indexOf("</script>", from));
        JsonNode data = JsonMapper.shared().readTree(json);
        assertThat(data.get("rows")).hasSize(rows().size());
        assertThat(data.get("rows").get(0).get("accuracy").asDouble()).isEqualTo(0.8);
        assertThat(data.get("techniques").get("snapkv").get("paper").asString()).isEqualTo("https://arxiv.org/abs/2404.14469");
        assertThat(json).doesNotContain("<");
    }

    @Test
    void withoutResultsOfTheFullCacheThereIsNothingToCompareWith() {
        assertThatThrownBy(() -> CacheLeaderboard.write(folder, List.of(), COMMAND)).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> CacheLeaderboard.write(folder, rows().subList(1, 3), COMMAND))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("full cache");
    }
}
