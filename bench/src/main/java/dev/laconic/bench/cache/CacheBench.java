package dev.laconic.bench.cache;

import dev.laconic.bench.workload.Question;
import dev.laconic.bench.workload.Split;
import dev.laconic.bench.workload.Task;
import dev.laconic.bench.workload.Workload;
import dev.laconic.core.error.UsageException;
import dev.laconic.model.State;
import dev.laconic.model.generate.Perplexity;
import dev.laconic.tokenize.EncodeOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.zip.CRC32;

/**
 * Judges cache techniques on one model: tasks whose answers are known, a text to predict, and time. All candidates meet the
 * same tasks in the same run, and ratios are to the full cache in f16.
 */
public final class CacheBench {
    private final Subject subject;
    private final Candidates candidates;
    private final CachePlan plan;
    private final Map<CacheRow.Key, CacheRow> known = new LinkedHashMap<>();
    private final State state;

    /** @param known rows of earlier runs, which are not measured again */
    public CacheBench(Subject subject, Candidates candidates, CachePlan plan, List<CacheRow> known) {
        this.subject = subject;
        this.candidates = candidates;
        this.plan = plan;
        known.forEach(row -> this.known.put(row.key(), row));
        state = subject.model().newState();
    }

    /** One task's prompts, to be asked of all candidates. */
    private record Cell(String task, String id, int length, int count, IntFunction<Asked> asked) {}

    /**
     * Measures all that is not known yet.
     *
     * @param rows takes each result as it comes
     * @param cancelled ends the run; what was under way is lost
     */
    public void run(Consumer<CacheRow> rows, Perplexity.Progress progress, BooleanSupplier cancelled) {
        List<Cell> cells = cells();
        int[] done = {0};
        int contenders = candidates.at(subject.model().parameters().context()).size();
        int texts = plan.perplexityTokens() > 0 ? 1 : 0;
        int total = cells.stream().mapToInt(Cell::count).sum() + contenders * (texts + plan.cached().size());
        Runnable step = () -> progress.at(++done[0], total);
        try {
            boolean cold = true;
            for (Cell cell : cells) cold &= !ask(cell, cold, named(rows, cell.id), step, cancelled);
            if (texts > 0) read(named(rows, ""), step, cancelled);
            for (int cached : plan.cached()) time(cached, named(rows, ""), step, cancelled);
        } catch (Reader.Cancelled ended) {
            return;
        }
    }

    /** Adds to rows which model and which tasks they are of. */
    private Consumer<CacheRow> named(Consumer<CacheRow> rows, String tasks) {
        return row -> {
            Map<String, Object> values = new LinkedHashMap<>(row.values());
            if (!tasks.isEmpty()) values.put("tasks", tasks);
            values.put("model", subject.name());
            values.put("weights", subject.weights());
            values.put("kernels", subject.model().kernels().name());
            rows.accept(new CacheRow(
                    row.technique(), row.config(), row.setting(), row.task(), row.query(), row.length(), values));
        };
    }

    private List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        for (int length : plan.lengths()) {
            if (length > subject.model().parameters().context())
                throw new UsageException("--lengths: found " + length + ", the model's context holds "
                        + subject.model().parameters().context());
            for (Workload workload : plan.workloads()) cells.add(cell(workload, length));
        }
        if (!plan.own().isEmpty()) cells.add(own());
        return cells;
    }

    private Cell cell(Workload workload, int length) {
        int overhead = subject.chat().apply("").length + Question.MARGIN;
        return new Cell(workload.id(), "", length, plan.count(), number -> Asked.of(
                workload.generate(
                        Split.TEST.random(workload.id(), number),
                        length - overhead,
                        subject::tokens),
                subject));
    }

    private Cell own() {
        List<Task> tasks = plan.own().subList(0, Math.min(plan.count(), plan.own().size()));
        List<Asked> asked = new ArrayList<>();
        CRC32 sum = new CRC32();
        int context = subject.model().parameters().context();
        for (Task task : tasks) {
            Asked each = Asked.of(task, subject);
            if (each.ids().length >= context)
                throw new UsageException(task.workload() + ": the prompt of task " + (asked.size() + 1) + " has "
                        + each.ids().length + " tokens, the model's context holds " + context);
            asked.add(each);
            sum.update((task.prompt() + "\n" + task.question().answer()).getBytes(StandardCharsets.UTF_8));
        }
        int longest = asked.stream().mapToInt(each -> each.ids().length).max().orElseThrow();
        String id = "%08x".formatted(sum.getValue());
        return new Cell(tasks.getFirst().workload(), id, longest, asked.size(), asked::get);
    }

    /**
     * Asks one workload's tasks of whom they have not been asked yet; false if there is nobody left.
     *
     * @param cold whether nothing has run so far: the first task is then asked once more beforehand, since what runs first
     *     is slower
     */
    private boolean ask(Cell cell, boolean cold, Consumer<CacheRow> rows, Runnable step, BooleanSupplier cancelled) {
        List<Contender> contenders = contenders(cell.length, contender -> plan.queries().stream()
                .allMatch(query -> isKnown(contender, cell.task, query.toString(), cell.length, cell.count, cell.id)));
        List<Contender> asked = answered(cell, contenders, cancelled);
        if (cold && !asked.isEmpty()) tasks(asked, cancelled).ask(cell.asked.apply(0));
        TaskCell tasks = tasks(asked, cancelled);
        for (int i = 0; i < cell.count; i++) {
            if (!asked.isEmpty()) tasks.ask(cell.asked.apply(i));
            step.run();
        }
        if (!asked.isEmpty()) tasks.rows(cell.task, cell.length).forEach(rows);
        return !asked.isEmpty();
    }

    private TaskCell tasks(List<Contender> contenders, BooleanSupplier cancelled) {
        return new TaskCell(subject, contenders, plan.queries(), state, cancelled);
    }

    /** The contenders, or the full cache alone where even that has no answer to any of the tasks. */
    private List<Contender> answered(Cell cell, List<Contender> contenders, BooleanSupplier cancelled) {
        if (contenders.size() <= 1) return contenders;
        Contender full = contenders.getFirst();
        Predicate<Query> hopeless = query -> isKnown(full, cell.task, query.toString(), cell.length, cell.count, cell.id)
                && known.get(new CacheRow.Key(full.config(), cell.task, query.toString(), cell.length))
                                .number("accuracy")
                                .orElse(1)
                        == 0;
        if (plan.queries().stream().allMatch(hopeless)) return List.of();
        TaskCell tasks = tasks(contenders, cancelled);
        for (int i = 0; i < cell.count; i++) if (tasks.answers(cell.asked.apply(i))) return contenders;
        return contenders.subList(0, 1);
    }

    /** What is still to be measured, after the full cache; nothing if that is all. */
    private List<Contender> contenders(int length, Predicate<Contender> isKnown) {
        List<Contender> all = candidates.at(length).stream()
                .map(candidate -> new Contender(candidate, subject))
                .toList();
        List<Contender> left = all.stream().filter(isKnown.negate()).toList();
        if (left.isEmpty()) return List.of();
        List<Contender> contenders = new ArrayList<>(left);
        contenders.remove(all.getFirst());
        contenders.addFirst(all.getFirst());
        return contenders;
    }

    private boolean isKnown(Contender contender, String task, String query, int length, int count, String tasks) {
        CacheRow row = known.get(new CacheRow.Key(contender.config(), task, query, length));
        return row != null
                && !row.failed()
                && row.number("n").orElse(0) >= count
                && row.values().getOrDefault("tasks", "").equals(tasks);
    }

    private void read(Consumer<CacheRow> rows, Runnable step, BooleanSupplier cancelled) {
        int[] ids = Arrays.copyOf(proseIds(), plan.perplexityTokens());
        int counted = ids.length - plan.perplexityPrompt();
        ProseCell cell = new ProseCell(subject, state, cancelled, ids, plan.perplexityPrompt());
        for (Contender contender : contenders(
                subject.model().parameters().context(),
                each -> isKnown(each, CacheRow.PERPLEXITY, "", ids.length, counted, ""))) {
            rows.accept(cell.row(contender));
            step.run();
        }
    }

    private int[] proseIds() {
        String text = String.join("\n\n", plan.prose().unwrapped());
        int[] ids = subject.tokenizer().ids(text, EncodeOptions.PLAIN);
        if (ids.length < plan.perplexityTokens())
            throw new UsageException("the prose has " + ids.length + " tokens; perplexity over " + plan.perplexityTokens()
                    + " was asked for: give a longer --text");
        return ids;
    }

    private void time(int cached, Consumer<CacheRow> rows, Runnable step, BooleanSupplier cancelled) {
        List<Contender> contenders = contenders(
                cached, each -> isKnown(each, CacheRow.SPEED, "", cached, plan.steps(), ""));
        if (contenders.isEmpty()) return;
        int[] text = IntStream.of(proseIds()).limit(4096).toArray();
        try (SpeedCell cell = new SpeedCell(subject, state, cancelled, text, cached, plan.steps())) {
            for (Contender contender : contenders) {
                rows.accept(cell.row(contender, contenders.getFirst()));
                step.run();
            }
        }
    }
}
