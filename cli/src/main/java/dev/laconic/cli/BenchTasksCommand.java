package dev.laconic.cli;

import dev.laconic.bench.task.TaskBench;
import dev.laconic.bench.task.TaskResult;
import dev.laconic.bench.task.TextBench;
import dev.laconic.bench.task.TextResult;
import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Workload;
import dev.laconic.bench.workload.Workloads;
import dev.laconic.core.error.UsageException;
import dev.laconic.model.chat.ChatPrompt;
import dev.laconic.model.chat.Message;
import dev.laconic.model.generate.Denoiser;
import dev.laconic.model.load.LoadedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "tasks",
        description = {
            "Has a model do tasks whose answers are known, by context length.",
            "Accuracy is the share of replies that end in the right result; word errors are the words put in, left out or"
                    + " changed, for each word of the whole expected replies."
        },
        footer = {"", "Example:", "  laconic bench tasks --model models/house-lm.gguf --lengths 512,2048 --only needle,qa"})
final class BenchTasksCommand extends ProgramCommand {
    private static final int TASKS = 300;
    private static final int QUICK_TASKS = 30;

    @Mixin
    ModelOptions models;

    @Option(
            names = "--lengths",
            paramLabel = "N",
            split = ",",
            defaultValue = "512,1024,2048",
            description = "Tokens of prompt and reply together (default: ${DEFAULT-VALUE}).")
    List<Integer> lengths;

    @Option(names = "--only", paramLabel = "TASK", split = ",", description = "Run these tasks alone.")
    List<String> only = List.of();

    @Option(names = "-n", paramLabel = "N", description = "Tasks of each kind and length (default: " + TASKS + ").")
    Optional<Integer> count = Optional.empty();

    @Option(names = "--quick", description = QUICK_TASKS + " tasks of each kind and length.")
    boolean quick;

    @Option(
            names = "--block",
            paramLabel = "N",
            defaultValue = "" + Denoiser.BLOCK,
            description = "Tokens that a masked diffusion model fills, one a step and the surest first, before those behind"
                    + " them (default: ${DEFAULT-VALUE}).")
    int block;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = "Prose to hide things in (default: a book that is built in).")
    Optional<Path> text = Optional.empty();

    @Option(
            names = "--bits-per-byte",
            paramLabel = "FILE",
            split = ",",
            description = "Texts to predict as well, beside gzip -9, zstd -19 and xz -9 of the same bytes.")
    List<Path> texts = List.of();

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "100000",
            description = "Read no more than the first N tokens of these texts (default: ${DEFAULT-VALUE}).")
    int maxTokens;

    @Option(names = "--json", description = "Print one JSON object a line, as results come.")
    boolean json;

    @Override
    public Integer call() {
        List<Workload> workloads = chosen("--only", Workloads.over(prose(text)), only);
        int tasks = count.orElse(quick ? QUICK_TASKS : TASKS);
        if (tasks < 1) throw new UsageException("-n: found " + tasks + ", expected 1 or more");
        try (LoadedModel loaded = models.open();
                Interrupt interrupt = new Interrupt();
                Progress progress = new Progress("tasks")) {
            ChatPrompt chat = loaded.chatPrompt();
            TaskBench bench = new TaskBench(
                    loaded.model(), loaded.tokenizer(), user -> chat.ids(List.of(Message.user(user))), block);
            if (!json) out().printf("%-14s %6s %9s %15s %5s %11s%n", "task", "length", "accuracy", "95% interval", "n", "word errors");
            int done = 0;
            for (Workload workload : workloads)
                for (int length : lengths) {
                    TaskResult result = bench.run(workload, length, tasks, interrupt::requested);
                    if (interrupt.requested()) return 130;
                    print(result);
                    progress.update(++done, (long) workloads.size() * lengths.size());
                }
            return predict(loaded, interrupt) ? 0 : 130;
        }
    }

    /** Predicts the texts; false if interrupted. */
    private boolean predict(LoadedModel loaded, Interrupt interrupt) {
        if (texts.isEmpty()) return true;
        TextBench bench = new TextBench(
                loaded.model(), loaded.tokenizer(), loaded.model().parameters().context());
        if (!json)
            out().printf("%n%-28s %9s %9s  bits per byte: %8s %8s %8s %8s%n", "text", "tokens", "bytes", "model", "gzip",
                    "zstd -19", "xz");
        for (Path file : texts) {
            if (!Files.isRegularFile(file)) throw new UsageException("there is no text at " + file);
            String text = new Prose(List.of(Prose.read(file))).unwrapped().getFirst();
            try (Progress progress = new Progress(String.valueOf(file.getFileName()))) {
                print(bench.run(
                        String.valueOf(file.getFileName()), text, maxTokens, progress::update, interrupt::requested));
            }
            if (interrupt.requested()) return false;
        }
        return true;
    }

    private void print(TextResult result) {
        if (json) json(result.toMap());
        else
            out().printf(
                    Locale.ROOT,
                    "%-28s %,9d %,9d                 %8.3f %8.3f %8.3f %8.3f%n",
                    result.text(),
                    result.tokens(),
                    result.bytes(),
                    result.model(),
                    result.gzip(),
                    result.zstd(),
                    result.xz());
        out().flush();
    }

    private void print(TaskResult result) {
        if (json) json(result.toMap());
        else
            out().printf(
                    Locale.ROOT,
                    "%-14s %6d %9.3f    %.3f - %.3f %5d %11.4f%n",
                    result.task(),
                    result.length(),
                    result.score().accuracy(),
                    result.score().low(),
                    result.score().high(),
                    result.score().total(),
                    result.wordErrors());
        out().flush();
    }

    /** The prose of a file, else what is built in. */
    static Prose prose(Optional<Path> text) {
        return text.map(file -> {
                    if (!Files.isRegularFile(file)) throw new UsageException("there is no text at " + file);
                    return new Prose(List.of(Prose.read(file)));
                })
                .orElseGet(Prose::builtIn);
    }

    /** The workloads of these ids, or all of them. */
    static List<Workload> chosen(String option, List<Workload> all, List<String> ids) {
        for (String id : ids)
            if (all.stream().noneMatch(workload -> workload.id().equals(id)))
                throw new UsageException(option + ": found " + id + ", expected some of "
                        + all.stream().map(Workload::id).toList());
        return all.stream().filter(workload -> ids.isEmpty() || ids.contains(workload.id())).toList();
    }
}
