package dev.laconic.bench.leaderboard;

import dev.laconic.bench.cache.CacheRow;
import dev.laconic.bench.cache.Candidates;
import dev.laconic.bench.cache.Query;
import dev.laconic.bench.workload.Score;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The leaderboard as text. */
final class CacheMarkdown {
    private static final String FULL = "full";

    private final List<CacheRow> rows;
    private final String command;
    private final List<Standing> standings;
    private final Standing full;
    private final List<Integer> cached;
    private final Claims claims = Claims.read();
    private final StringBuilder out = new StringBuilder();

    CacheMarkdown(List<CacheRow> rows, String command) {
        this.rows = rows;
        this.command = command;
        standings = Standing.of(rows).stream().filter(standing -> !standing.rows().isEmpty()).toList();
        full = standings.stream()
                .filter(standing -> standing.technique().equals(FULL))
                .findFirst()
                .orElseThrow();
        cached = List.copyOf(rows.stream()
                .filter(row -> row.task().equals(CacheRow.SPEED))
                .map(CacheRow::length)
                .collect(Collectors.toCollection(TreeSet::new)));
    }

    String text() {
        introduction();
        overview();
        depths();
        speeds();
        papers();
        failures();
        return out.toString();
    }

    private void introduction() {
        CacheRow first = rows.getFirst();
        String tasks = rows.stream()
                .filter(row -> row.number("accuracy").isPresent())
                .map(CacheRow::task)
                .distinct()
                .collect(Collectors.joining(", "));
        line("# KV cache techniques, judged");
        line("");
        line("Model `%s` (weights %s), kernels `%s`. [cache.html](cache.html) has the same as plots.".formatted(
                first.values().getOrDefault("model", "unknown"),
                first.values().getOrDefault("weights", "unknown"),
                first.values().getOrDefault("kernels", "unknown")));
        line("");
        line("```");
        line(command);
        line("```");
        line("");
        line("measures all of this again. Every technique meets the same tasks in the same run; every ratio is to the full");
        line("cache in f16 of that run. Tasks: " + tasks + ".");
        line("");
        line("- **bytes** are those held at the end of the answer, **peak** the most ever held, as shares of the full cache's");
        line("  bytes at the end. They are counted, pages and side tables included; a technique that only reads less saves none.");
        line("- **kept** is the share of the full cache's right answers that are right here, with the 95% interval of all tasks");
        line("  together. *Aware*: the question was part of the prompt that was compressed. *Agnostic*: the context alone was");
        line("  compressed, and the question came afterwards.");
        line("- **perplexity** is of held-out prose, as a ratio. **Token** is the time of a token over the longest cache that was");
        line("  timed, **first** the time to the first token of the tasks.");
        line("- `oracle` attends to the entries with the largest scores at each step: no choice of as many can be expected to do");
        line("  better. `random` evicts by lot: whatever is no better has found out nothing.");
        line("- **P** marks what no other beats in bytes and answers at once, both ways of asking counted alike.");
        line("");
    }

    private void overview() {
        line("## Standings");
        line("");
        line("| technique | setting | | bytes | peak | kept, aware | kept, agnostic | perplexity | first | token |");
        line("|---|---|---|---|---|---|---|---|---|---|");
        List<Standing> judged = standings.stream()
                .filter(standing -> !Candidates.BASELINES.contains(standing.technique()))
                .toList();
        List<Standing> ordered = new ArrayList<>(standings.stream()
                .filter(standing -> Candidates.BASELINES.contains(standing.technique()))
                .toList());
        judged.stream()
                .sorted(Comparator.comparingDouble(standing -> -standing.keptBothWays(full)))
                .forEach(ordered::add);
        for (Standing standing : ordered) {
            boolean baseline = Candidates.BASELINES.contains(standing.technique());
            boolean best = !baseline
                    && !standing.cells(Query.AWARE, full).isEmpty()
                    && !standing.dominated(judged, full);
            line("| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |".formatted(
                    linked(standing.technique()),
                    standing.setting(),
                    best ? "**P**" : "",
                    percent(standing.overTasks("bytesRatio")),
                    percent(standing.overTasks("peakBytesRatio")),
                    kept(standing, Query.AWARE),
                    kept(standing, Query.AGNOSTIC),
                    times(standing.of(CacheRow.PERPLEXITY, "perplexityRatio")),
                    times(standing.overTasks("ttftRatio")),
                    times(standing.of(CacheRow.SPEED, "tptRatio"))));
        }
        line("");
    }

    private String kept(Standing standing, Query query) {
        OptionalDouble kept = standing.kept(query, full);
        if (kept.isEmpty()) return "";
        Score score = standing.score(query, full);
        double whole = standing.cells(query, full).stream().mapToDouble(Standing.Cell::fullAccuracy).average().orElse(1);
        return "%s (%s-%s)".formatted(
                percent(kept),
                percent(OptionalDouble.of(score.low() / whole)).replace("%", ""),
                percent(OptionalDouble.of(Math.min(1, score.high()) / whole)).replace("%", ""));
    }

    /** How often a fact is found, by where in the context it stands. */
    private void depths() {
        Map<String, Map<String, Score>> table = new LinkedHashMap<>();
        TreeSet<String> depths = new TreeSet<>();
        for (Standing standing : standings) {
            Map<String, Score> found = new TreeMap<>();
            for (CacheRow row : standing.rows())
                if (row.task().equals("needle") && row.query().equals(Query.AGNOSTIC.toString()))
                    addDepths(row, found);
            if (found.isEmpty()) continue;
            depths.addAll(found.keySet());
            table.put("`" + standing.technique() + "` | " + standing.setting(), found);
        }
        if (table.isEmpty()) return;
        line("## A fact, by its depth");
        line("");
        line("Share of single facts (`needle`, all lengths) that are found, by where they stand in the context, 0 being its");
        line("beginning; the question comes after compression.");
        line("");
        line("| technique | setting | " + String.join(" | ", depths) + " |");
        line("|---|---|" + "---|".repeat(depths.size()));
        table.forEach((name, found) -> line("| " + name + " | "
                + depths.stream()
                        .map(depth -> Optional.ofNullable(found.get(depth))
                                .map(score -> percent(OptionalDouble.of(score.accuracy())))
                                .orElse(""))
                        .collect(Collectors.joining(" | "))
                + " |"));
        line("");
    }

    private static void addDepths(CacheRow row, Map<String, Score> found) {
        if (!(row.values().get("facets") instanceof Map<?, ?> facets)) return;
        facets.forEach((name, value) -> {
            if (!String.valueOf(name).startsWith("depth=") || !(value instanceof Map<?, ?> facet)) return;
            if (!(facet.get("n") instanceof Number n) || !(facet.get("accuracy") instanceof Number accuracy)) return;
            int right = (int) Math.round(accuracy.doubleValue() * n.intValue());
            found.merge(
                    String.valueOf(name).substring("depth=".length()),
                    new Score(right, n.intValue()),
                    (one, other) -> new Score(one.correct() + other.correct(), one.total() + other.total()));
        });
    }

    private void speeds() {
        if (cached.isEmpty()) return;
        line("## Time, by entries in the cache");
        line("");
        line("A turn of 64 tokens over a cache of so many entries, compression included, then the answer token by token: time to");
        line("the first token and time of each token after it, as ratios to the full cache measured right before.");
        line("");
        String lengths = cached.stream()
                .map(n -> format("first, %,d | token, %,d", n, n))
                .collect(Collectors.joining(" | "));
        line("| technique | setting | " + lengths + " |");
        line("|---|---|" + "---|".repeat(2 * cached.size()));
        for (Standing standing : standings) {
            String times = cached.stream()
                    .map(n -> times(standing.speed(n, "ttftRatio")) + " | " + times(standing.speed(n, "tptRatio")))
                    .collect(Collectors.joining(" | "));
            line("| `" + standing.technique() + "` | " + standing.setting() + " | " + times + " |");
        }
        line("");
    }

    /** What each paper claims, what was found here and where it falls short. */
    private void papers() {
        line("## What the papers say, and what was found");
        line("");
        line("Papers measure other models, other tasks and mostly GPUs. A claim that is not met here is met somewhere else; a loss");
        line("that shows here is real on this model.");
        Map<String, List<Standing>> byTechnique = new LinkedHashMap<>();
        for (Standing standing : standings)
            if (!Candidates.BASELINES.contains(standing.technique()))
                byTechnique.computeIfAbsent(standing.technique(), id -> new ArrayList<>()).add(standing);
        byTechnique.forEach((id, settings) -> {
            line("");
            line("### " + id);
            line("");
            Paper.of(id).ifPresent(paper -> line(
                    paper.address().isEmpty() ? paper.title() : "[" + paper.title() + "](" + paper.address() + ")"));
            line("");
            claims.claim(id).ifPresent(claim -> line("- Paper: " + claim));
            line("- Here: " + settings.stream().map(this::found).collect(Collectors.joining("; ")) + ".");
            settings.stream()
                    .flatMap(standing -> standing.weakest(full).stream())
                    .max(Comparator.comparingDouble(Standing.Cell::lost))
                    .ifPresentOrElse(
                            cell -> line("- Falls short: " + shortfall(cell)),
                            () -> line("- Falls short nowhere in these tasks."));
            claims.remark(id).ifPresent(remark -> line("- " + remark));
        });
        line("");
    }

    private String found(Standing standing) {
        String kept = standing.kept(Query.AWARE, full).isEmpty()
                ? ""
                : format(
                        ", %s of the answers kept aware and %s agnostic",
                        percent(standing.kept(Query.AWARE, full)),
                        percent(standing.kept(Query.AGNOSTIC, full)));
        OptionalDouble bytes = standing.overTasks("bytesRatio");
        return standing.setting() + ": " + (bytes.isPresent() ? percent(bytes) + " of the bytes" : "no tasks") + kept;
    }

    private static String shortfall(Standing.Cell cell) {
        return format(
                "`%s` on %s at %,d tokens (%s): %.0f%% right where the full cache has %.0f%%.",
                cell.row().config(),
                cell.row().task(),
                cell.row().length(),
                cell.row().query(),
                100 * cell.accuracy(),
                100 * cell.fullAccuracy());
    }

    private void failures() {
        Map<String, String> errors = new LinkedHashMap<>();
        for (CacheRow row : rows)
            if (row.failed()) errors.putIfAbsent(row.config(), String.valueOf(row.values().get("error")));
        if (errors.isEmpty()) return;
        line("## Could not be run");
        line("");
        errors.forEach((config, error) -> line("- `" + config + "`: " + error.replaceAll("\\s+", " ")));
        line("");
    }

    private String linked(String technique) {
        return Paper.of(technique)
                .filter(paper -> !paper.address().isEmpty())
                .map(paper -> "[" + technique + "](" + paper.address() + ")")
                .orElse(technique);
    }

    private static String percent(OptionalDouble share) {
        return share.isPresent() ? format("%.0f%%", 100 * share.getAsDouble()) : "";
    }

    private static String times(OptionalDouble ratio) {
        return ratio.isPresent() ? format("%.2f", ratio.getAsDouble()) : "";
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
