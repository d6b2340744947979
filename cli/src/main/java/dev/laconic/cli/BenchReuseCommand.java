package dev.laconic.cli;

import dev.laconic.bench.reuse.ReuseBench;
import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Workload;
import dev.laconic.bench.workload.Workloads;
import dev.laconic.cache.CacheBlend;
import dev.laconic.cache.CacheStage;
import dev.laconic.cache.store.DiskStore;
import dev.laconic.cache.store.KvStore;
import dev.laconic.cache.store.MemoryStore;
import dev.laconic.core.Budget;
import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Pipeline;
import dev.laconic.model.Model;
import dev.laconic.model.generate.PromptCache;
import dev.laconic.model.load.LoadedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "reuse",
        description = "Compares computing a prompt of passages in full with using their keys and values again, in random"
                + " order: time to the first token, and right answers.",
        footer = {
            "",
            "Example:",
            "  laconic bench model 135M --out random.gguf",
            "  laconic bench reuse --model random.gguf -n 0",
            "  laconic bench reuse --runs 0"
        })
final class BenchReuseCommand extends ProgramCommand {
    private static final int QUICK_TASKS = 30;
    private static final int QUICK_RUNS = 1;
    private static final int QUICK_WARM_UP = 1;
    private static final int WARM_UP = 12;
    private static final int ROOM = 128;

    /** Tokens of a prompt at most. */
    private static final int MOST_TOKENS = 1 << 20;

    @Mixin
    ModelOptions models;

    @Option(
            names = "--ratio",
            paramLabel = "R",
            split = ",",
            defaultValue = "15%",
            description = "Shares of tokens that cacheblend computes again (default: ${DEFAULT-VALUE}).")
    List<String> ratios;

    @Option(
            names = "--slope",
            paramLabel = "S",
            defaultValue = "0.2",
            description = "How much the share falls over the layers (default: ${DEFAULT-VALUE}).")
    double slope;

    @Option(
            names = "--passages",
            paramLabel = "N",
            defaultValue = "8",
            description = "Passages of a prompt (default: ${DEFAULT-VALUE}).")
    int passages;

    @Option(
            names = "--passage-tokens",
            paramLabel = "N",
            defaultValue = "512",
            description = "Tokens of each, where time is measured, also past the model's context; fewer where there are no"
                    + " positions for them (default: ${DEFAULT-VALUE}).")
    int passageTokens;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "Runs whose time is measured, once Java has compiled what they run (default: ${DEFAULT-VALUE}).")
    int runs;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Tokens of prompt and reply together, where answers are graded (default:"
                    + " ${DEFAULT-VALUE}).")
    int length;

    @Option(
            names = "-n",
            paramLabel = "N",
            defaultValue = "100",
            description = "Tasks of each kind (default: ${DEFAULT-VALUE}).")
    int count;

    @Option(
            names = "--only",
            paramLabel = "TASK",
            split = ",",
            defaultValue = "needle,multi-key,key-value,qa",
            description = "Tasks to grade (default: ${DEFAULT-VALUE}).")
    List<String> only;

    @Option(names = "--quick", description = "One run after one that does not count, and " + QUICK_TASKS + " tasks of each kind.")
    boolean quick;

    @Option(
            names = "--store",
            paramLabel = "DIR",
            description = "Where keys and values go that are read from disk (default: a temporary folder).")
    Optional<Path> store = Optional.empty();

    @Option(names = "--json", description = "Print one JSON object a line.")
    boolean json;

    @Override
    public Integer call() {
        if (passages < 1 || passageTokens < 1) throw new UsageException("--passages and --passage-tokens must be 1 or more");
        Path folder = store.orElseGet(BenchReuseCommand::temporary);
        try (LoadedModel loaded = models.open();
                Interrupt interrupt = new Interrupt();
                KvStore memory = new MemoryStore(Long.MAX_VALUE);
                KvStore disk = new DiskStore(folder)) {
            Model model = loaded.model();
            ReuseBench bench = new ReuseBench(model, loaded.tokenizer(), loaded.chatPrompt());
            if (runs > 0) {
                int positions = Math.min(MOST_TOKENS, model.architecture().positions());
                int tokens = Math.min(passageTokens, (positions - ROOM) / passages);
                if (tokens < 1)
                    throw new UsageException("--passages: " + passages + " do not fit into " + positions + " positions");
                bench.times(
                                ways(model, memory, disk), passages, tokens, quick ? QUICK_WARM_UP : WARM_UP,
                                quick ? QUICK_RUNS : runs, interrupt::requested)
                        .forEach(this::print);
            }
            for (Workload workload : Workloads.over(Prose.builtIn())) {
                if (!only.contains(workload.id()) || count < 1 || interrupt.requested()) continue;
                // A store of its own, so that what was asked before takes no room.
                try (KvStore own = new MemoryStore(1L << 28)) {
                    bench.accuracies(
                                    ways(model, own),
                                    workload,
                                    passages,
                                    Math.min(length, model.parameters().context()),
                                    quick ? QUICK_TASKS : count,
                                    interrupt::requested)
                            .forEach(this::print);
                }
            }
            return interrupt.requested() ? 130 : 0;
        } finally {
            if (store.isEmpty()) delete(folder);
        }
    }

    private List<ReuseBench.Way> ways(Model model, KvStore... stores) {
        List<ReuseBench.Way> ways = new ArrayList<>();
        ways.add(new ReuseBench.Way("none", "none", PromptCache.NONE));
        for (KvStore from : stores) {
            String name = from == stores[0] ? "memory" : "disk";
            for (String ratio : Stream.concat(Stream.of("0%"), ratios.stream()).toList()) {
                CacheBlend blend = new CacheBlend(Budget.parse(ratio), slope);
                ways.add(new ReuseBench.Way(
                        "cacheblend:ratio=" + ratio, name, CacheStage.of(Pipeline.of(blend), model).reuse(from)));
            }
        }
        return ways;
    }

    private void print(ReuseBench.Time time) {
        if (json) json(time.toMap());
        else
            out().printf(Locale.ROOT, "%-24s %-7s %,7d tokens   first token %9.1f ms   %5.2f x   rows %,d of %,d%n",
                    time.way().name(), time.way().store(), time.tokens(), time.millis(), time.ratio(),
                    time.receipt().rowsComputed(), time.receipt().rowsFull());
        out().flush();
    }

    private void print(ReuseBench.Accuracy accuracy) {
        if (json) json(accuracy.toMap());
        else
            out().printf(Locale.ROOT, "%-24s %-10s %5d   accuracy %.3f (%.3f - %.3f)   n %d%n",
                    accuracy.way().name(), accuracy.task(), accuracy.length(), accuracy.score().accuracy(),
                    accuracy.score().low(), accuracy.score().high(), accuracy.score().total());
        out().flush();
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("laconic-reuse");
        } catch (IOException e) {
            throw new LaconicException("no temporary folder: " + e.getMessage() + ": give one with --store", e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) Files.delete(file);
            Files.delete(folder);
        } catch (IOException e) {
            throw new LaconicException(folder + ": cannot be removed: " + e.getMessage(), e);
        }
    }
}
