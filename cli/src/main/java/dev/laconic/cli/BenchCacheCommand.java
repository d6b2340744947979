package dev.laconic.cli;

import dev.laconic.bench.cache.CacheBench;
import dev.laconic.bench.cache.CachePlan;
import dev.laconic.bench.cache.CacheRow;
import dev.laconic.bench.cache.Candidates;
import dev.laconic.bench.cache.OwnTasks;
import dev.laconic.bench.cache.Query;
import dev.laconic.bench.cache.ResultsFile;
import dev.laconic.bench.cache.Subject;
import dev.laconic.bench.leaderboard.CacheLeaderboard;
import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Task;
import dev.laconic.bench.workload.Workload;
import dev.laconic.bench.workload.Workloads;
import dev.laconic.core.Budget;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Techniques;
import dev.laconic.model.generate.Denoiser;
import dev.laconic.model.load.LoadedModel;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "cache",
        description = "Judges KV cache techniques: answers kept, bytes and time, each against the full cache in f16.",
        footer = {
            "",
            "Without --quick the rows are also added to a file, and what is there already is not measured again: after"
                    + " Ctrl-C the same command goes on.",
            "",
            "Examples:",
            "  laconic bench cache --quick",
            "  laconic bench cache --only snapkv,h2o --cache snapkv:budget=25%%,kivi:bits=4 --out results.jsonl",
            "  laconic bench cache --tasks my-prompts.jsonl --model model.gguf --quick",
            "  laconic bench cache --report docs/leaderboard --from results.jsonl"
        })
final class BenchCacheCommand extends ProgramCommand {
    private static final List<String> MEASURES = List.of("tasks", "perplexity", "speed");
    private static final List<String> BUDGETS = List.of("50%", "25%", "12.5%");
    private static final String HEADER = "%-16s %-12s %-12s %-8s %6s %8s %6s %14s %7s %7s"
            .formatted("technique", "setting", "task", "query", "length", "bytes", "right", "95% interval", "first", "token");
    private static final List<String> WORKLOADS =
            List.of("needle", "multi-key", "multi-value", "key-value", "variable", "qa", "copy");
    private static final List<String> QUICK_WORKLOADS = List.of("multi-key", "variable");
    private static final List<Integer> LENGTHS = List.of(512, 1024, 2048);
    private static final int TASKS = 50;
    private static final int QUICK_TASKS = 8;
    private static final int STEPS = 32;
    private static final int QUICK_STEPS = 12;
    private static final int LONGEST_PROMPT = 1024;
    private static final int LONGEST_TEXT = 8192;
    private static final int QUICK_TEXT = 256;

    @Mixin
    ModelOptions models;

    @Option(
            names = "--only",
            paramLabel = "ID",
            split = ",",
            description = "Judge these techniques, and full, random and oracle, which always run.")
    List<String> only = List.of();

    @Option(
            names = "--cache",
            paramLabel = "id:key=value,...",
            description = "Judge this chain as well. Repeatable.")
    List<String> chains = List.of();

    @Option(
            names = "--budgets",
            paramLabel = "SHARE",
            split = ",",
            description = "Shares of the cache that are kept (default: 50%%,25%%,12.5%%; with --quick 25%%).")
    List<String> budgets = List.of();

    @Option(
            names = "--lengths",
            paramLabel = "N",
            split = ",",
            description = "Tokens of prompt and reply together (default: 512,1024,2048; with --quick 512).")
    List<Integer> lengths = List.of();

    @Option(
            names = "--workloads",
            paramLabel = "ID",
            split = ",",
            description = "Tasks that are asked (default: needle,multi-key,multi-value,key-value,variable,qa,copy; with"
                    + " --quick multi-key,variable).")
    List<String> workloads = List.of();

    @Option(
            names = "-n",
            paramLabel = "N",
            description = "Tasks of each kind and length (default: " + TASKS + "; with --quick " + QUICK_TASKS + ").")
    Optional<Integer> count = Optional.empty();

    @Option(
            names = "--queries",
            paramLabel = "WAY",
            split = ",",
            defaultValue = "aware,agnostic",
            description = "aware: the question is part of the prompt that is compressed; agnostic: it comes afterwards"
                    + " (default: ${DEFAULT-VALUE}).")
    List<String> queries = List.of();

    @Option(
            names = "--tasks",
            paramLabel = "FILE",
            description = "Ask your own prompts instead: JSON lines {\"context\", \"question\", \"answer\"}.")
    Optional<Path> tasks = Optional.empty();

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = "Prose to hide things in and to predict (default: a book that is built in).")
    Optional<Path> text = Optional.empty();

    @Option(
            names = "--measure",
            paramLabel = "WHAT",
            split = ",",
            defaultValue = "tasks,perplexity,speed",
            description = "Some of tasks, perplexity, speed (default: ${DEFAULT-VALUE}).")
    List<String> measure = List.of();

    @Option(
            names = "--cached",
            paramLabel = "N",
            split = ",",
            description = "Entries in the cache when speed is measured (default: 2048,8192,32768; with --quick 2048).")
    List<Integer> cached = List.of();

    @Option(names = "--quick", description = "A first impression, in about two minutes with the model that comes along.")
    boolean quick;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Add rows to this file, and skip what is there (default: bench-cache-MODEL.jsonl; none with"
                    + " --quick).")
    Optional<Path> out = Optional.empty();

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "Write cache.md and cache.html there, from what was measured.")
    Optional<Path> report = Optional.empty();

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description = "With --report: measure nothing, report the results of this file.")
    Optional<Path> from = Optional.empty();

    @Option(names = "--json", description = "Print one JSON object a line, as results come.")
    boolean json;

    @Override
    public Integer call() {
        if (from.isPresent()) return reportOnly();
        Candidates candidates = new Candidates(
                Techniques.installed(), only, chains, shares(), !quick);
        List<Task> own = tasks.map(OwnTasks::read).orElse(List.of());
        try (LoadedModel loaded = models.open();
                Interrupt interrupt = new Interrupt();
                Progress progress = new Progress("cache")) {
            if (Denoiser.predicts(loaded.model()))
                throw new UsageException("--model: " + loaded.model().parameters().architecture()
                        + ", a masked diffusion model, keeps no keys and values: there is no cache to judge");
            Subject subject = Subject.of(loaded);
            CachePlan plan = plan(own, loaded.model().parameters().context());
            Optional<ResultsFile> file = out.or(() -> quick
                            ? Optional.empty()
                            : Optional.of(Path.of("bench-cache-" + subject.name() + ".jsonl")))
                    .map(ResultsFile::new);
            file.ifPresent(results -> results.requireModel(subject));
            List<CacheRow> known = file.map(ResultsFile::read).orElse(List.of());
            if (!known.isEmpty()) err().println("laconic: " + known.size() + " rows are there already");
            if (!json) out().println(HEADER);
            List<CacheRow> measured = new ArrayList<>();
            new CacheBench(subject, candidates, plan, known).run(
                    row -> {
                        file.ifPresent(results -> results.append(row));
                        measured.add(row);
                        print(row);
                    },
                    progress::update,
                    interrupt::requested);
            if (interrupt.requested()) return 130;
            report.ifPresent(folder -> write(folder, file.map(ResultsFile::read).orElse(measured)));
            return 0;
        }
    }

    private int reportOnly() {
        Path folder = report.orElseThrow(() -> new UsageException("--from: expected --report DIR beside it"));
        Path file = from.orElseThrow();
        if (!Files.isRegularFile(file)) throw new UsageException("there are no results at " + file);
        write(folder, new ResultsFile(file).read());
        return 0;
    }

    private void write(Path folder, List<CacheRow> rows) {
        for (Path file : CacheLeaderboard.write(folder, rows, again(folder, rows))) err().println("laconic: wrote " + file);
    }

    /** The command that measures the same. */
    private static String again(Path folder, List<CacheRow> rows) {
        List<CacheRow> tasks = rows.stream().filter(row -> row.number("accuracy").isPresent()).toList();
        List<String> lengths = tasks.stream().map(row -> String.valueOf(row.length())).distinct().toList();
        List<String> workloads = tasks.stream().map(CacheRow::task).distinct().toList();
        double count = tasks.stream().mapToDouble(row -> row.number("n").orElse(0)).max().orElse(TASKS);
        Object model = rows.stream().map(row -> row.values().getOrDefault("model", "")).findFirst().orElse("");
        StringBuilder command = new StringBuilder("laconic bench cache");
        if (!model.equals("house-lm")) command.append(" --model ").append(model).append(".gguf");
        List<String> shares = rows.stream()
                .flatMap(row -> row.number("budget").stream().boxed())
                .distinct()
                .sorted(Comparator.reverseOrder())
                .map(share -> "%s%%".formatted(BigDecimal.valueOf(100 * share).stripTrailingZeros().toPlainString()))
                .toList();
        if (!shares.isEmpty() && !shares.equals(BUDGETS)) command.append(" --budgets ").append(String.join(",", shares));
        if (!lengths.isEmpty() && !lengths.equals(LENGTHS.stream().map(String::valueOf).toList()))
            command.append(" --lengths ").append(String.join(",", lengths));
        if (!workloads.isEmpty() && !workloads.equals(WORKLOADS))
            command.append(" --workloads ").append(String.join(",", workloads));
        if (count != TASKS) command.append(" -n ").append((int) count);
        List<String> measured = MEASURES.stream()
                .filter(what -> rows.stream().anyMatch(row -> what.equals(measureOf(row))))
                .toList();
        if (!measured.equals(MEASURES)) command.append(" --measure ").append(String.join(",", measured));
        rows.stream()
                .filter(row -> row.config().equals(row.setting()))
                .map(CacheRow::config)
                .distinct()
                .forEach(chain -> command.append(" --cache ").append(chain));
        return command.append(" --report ").append(folder).toString();
    }

    private static String measureOf(CacheRow row) {
        return MEASURES.contains(row.task()) ? row.task() : "tasks";
    }

    private List<Double> shares() {
        List<String> texts = !budgets.isEmpty() ? budgets : quick ? List.of("25%") : BUDGETS;
        List<Double> shares = new ArrayList<>();
        for (String share : texts) {
            Budget budget = Budget.parse(share);
            if (budget.unit() != Budget.Unit.SHARE)
                throw new UsageException("--budgets: found " + share + ", expected shares as in 50%,25%");
            shares.add(budget.amount());
        }
        return shares;
    }

    private CachePlan plan(List<Task> own, int context) {
        for (String what : measure)
            if (!MEASURES.contains(what))
                throw new UsageException("--measure: found " + what + ", expected some of tasks, perplexity, speed");
        boolean asks = measure.contains("tasks");
        Prose prose = BenchTasksCommand.prose(text);
        int tokens = quick ? Math.min(QUICK_TEXT * 5 / 4, context) : Math.min(2 * context, LONGEST_TEXT);
        int prompt = quick ? tokens * 4 / 5 : Math.min(context / 2, LONGEST_PROMPT);
        return new CachePlan(
                asks && own.isEmpty() ? workloads(prose) : List.of(),
                asks && own.isEmpty() ? lengths(context) : List.of(),
                asks ? own : List.of(),
                positive("-n", count.orElse(quick ? QUICK_TASKS : TASKS)),
                queries.stream().map(way -> ModelOptions.constant("--queries", Query.class, way)).toList(),
                prose,
                measure.contains("perplexity") ? tokens : 0,
                prompt,
                measure.contains("speed") ? cached() : List.of(),
                quick ? QUICK_STEPS : STEPS);
    }

    private static int positive(String option, int number) {
        if (number < 1) throw new UsageException(option + ": found " + number + ", expected 1 or more");
        return number;
    }

    private List<Integer> lengths(int context) {
        if (!lengths.isEmpty()) return lengths.stream().map(n -> positive("--lengths", n)).toList();
        List<Integer> usual = quick ? List.of(512) : LENGTHS;
        List<Integer> fitting = usual.stream().filter(length -> length <= context).toList();
        return fitting.isEmpty() ? List.of(context) : fitting;
    }

    private List<Integer> cached() {
        if (!cached.isEmpty()) return cached.stream().map(n -> positive("--cached", n)).toList();
        return quick ? List.of(2048) : List.of(2048, 8192, 32768);
    }

    private List<Workload> workloads(Prose prose) {
        List<String> wanted = !workloads.isEmpty() ? workloads : quick ? QUICK_WORKLOADS : WORKLOADS;
        return BenchTasksCommand.chosen("--workloads", Workloads.over(prose), wanted);
    }

    private void print(CacheRow row) {
        if (json) {
            json(row.toMap());
            return;
        }
        StringBuilder line = new StringBuilder("%-16s %-12s %-12s %-8s %6d"
                .formatted(row.technique(), row.setting(), row.task(), row.query(), row.length()));
        if (row.failed()) line.append("  ").append(row.values().get("error"));
        else {
            line.append(percent(row.number("bytesRatio")));
            if (row.task().equals(CacheRow.PERPLEXITY))
                line.append(format("   perplexity %10.3f", row.number("perplexity").orElse(Double.NaN)));
            else if (row.number("accuracy").isPresent())
                line.append(format(
                        " %6.3f  %.3f - %.3f",
                        row.number("accuracy").orElseThrow(),
                        row.number("low").orElseThrow(),
                        row.number("high").orElseThrow()));
            else line.append(" ".repeat(22));
            line.append(times(row.number("ttftRatio"))).append(times(row.number("tptRatio")));
        }
        out().println(line);
        out().flush();
    }

    private static String percent(OptionalDouble ratio) {
        return ratio.isPresent() ? format(" %7.1f%%", 100 * ratio.getAsDouble()) : " ".repeat(9);
    }

    private static String times(OptionalDouble ratio) {
        return ratio.isPresent() ? format(" %6.2fx", ratio.getAsDouble()) : " ".repeat(8);
    }

    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
