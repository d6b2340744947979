package dev.laconic.bench.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.bench.synthetic.RandomLlama;
import dev.laconic.bench.synthetic.Shape;
import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Question;
import dev.laconic.bench.workload.Task;
import dev.laconic.bench.workload.Workloads;
import dev.laconic.core.Receipt;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.TechniqueInfo;
import dev.laconic.core.technique.Techniques;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.model.generate.GenerationListener;
import dev.laconic.model.generate.GenerationOptions;
import dev.laconic.model.generate.Session;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.load.ModelLoader;
import dev.laconic.model.sample.SamplerOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole judge on a model with random weights. */
class CacheBenchTest {
    private static final int LENGTH = 160;

    @TempDir
    static Path folder;

    private static LoadedModel loaded;
    private static Subject subject;
    private static Task easy;

    @BeforeAll
    static void open() {
        Task task = Workloads.over(Prose.builtIn())
                .getFirst()
                .generate(new SplittableRandom(3), 200, text -> text.length() / 2);
        int prompt;
        try (LoadedModel any = written(320)) {
            prompt = Subject.of(any).chat().apply(task.prompt()).length;
        }
        loaded = written(prompt + 3);
        subject = Subject.of(loaded);
        easy = easy(task);
    }

    private static LoadedModel written(int context) {
        Path file = folder.resolve("random-" + context + ".gguf");
        RandomLlama.write(new Shape(2, 48, 4, 2, 96, 1_500, context, 10_000), TensorType.F32, 5, file);
        KernelOptions kernels = KernelOptions.defaults().withThreads(1);
        return ModelLoader.open(file, new ModelLoader.Options(Optional.empty(), kernels, Optional.empty()));
    }

    @AfterAll
    static void close() {
        loaded.close();
    }

    /** A task that the model happens to do: what it says until its context is full is the answer. */
    private static Task easy(Task task) {
        try (Session session = new Session(subject.model(), subject.tokenizer())) {
            String said = session.generate(
                            subject.chat().apply(task.prompt()),
                            new GenerationOptions(100, SamplerOptions.greedy()),
                            GenerationListener.SILENT)
                    .text()
                    .strip();
            return new Task(
                    "easy",
                    task.context(),
                    List.of(new Question(task.question().text(), said, said, Map.of("depth", "0.5"))));
        }
    }

    private static CachePlan plan(int count) {
        return new CachePlan(
                List.of(), List.of(), List.of(easy, easy).subList(0, count), count, List.of(Query.values()), Prose.builtIn(),
                48, 40, List.of(100), 3);
    }

    private static List<CacheRow> run(List<String> only, List<String> chains, CachePlan plan, List<CacheRow> known) {
        List<CacheRow> rows = new ArrayList<>();
        Candidates candidates = new Candidates(Techniques.installed(), only, chains, List.of(0.25), false);
        new CacheBench(subject, candidates, plan, known).run(rows::add, (done, total) -> {}, () -> false);
        return rows;
    }

    @Test
    void everyTechniqueThereIsGetsRowsOfEachKind() {
        List<CacheRow> rows = run(List.of(), List.of(), plan(1), List.of());
        Set<String> ids = Techniques.installed().list(Stage.CACHE).stream()
                .map(TechniqueInfo::id)
                .filter(id -> !id.equals("cacheblend")) // leaves nothing out of the cache
                .collect(Collectors.toSet());
        for (String task : List.of("easy", CacheRow.PERPLEXITY, CacheRow.SPEED))
            assertThat(rows.stream().filter(row -> row.task().equals(task)).map(CacheRow::technique))
                    .as(task)
                    .containsAll(ids);
        for (CacheRow row : rows) {
            if (row.failed()) continue;
            List<String> wanted = switch (row.task()) {
                case CacheRow.PERPLEXITY -> List.of("bytes", "peakBytes", "bytesRatio", "perplexity", "perplexityRatio", "n", "tptRatio");
                case CacheRow.SPEED -> List.of("bytes", "peakBytes", "bytesRatio", "ttftRatio", "tptRatio", "n");
                default -> List.of("bytes", "peakBytes", "bytesRatio", "accuracy", "low", "high", "n", "ttftRatio", "facets");
            };
            assertThat(row.toMap().keySet()).as(row.toString()).containsAll(wanted);
            assertThat(row.toMap()).containsKeys("technique", "config", "task", "length", "model");
        }
    }

    @Test
    void theFullCacheIsTheMeasure() {
        for (CacheRow row : run(List.of("full"), List.of(), plan(1), List.of())) {
            if (row.technique().equals("random") && row.task().equals("easy"))
                assertThat(row.number("bytesRatio").orElseThrow()).isLessThan(1);
            if (!row.technique().equals("full")) continue;
            assertThat(row.number("bytesRatio")).hasValue(1);
            if (row.task().equals("easy")) assertThat(row.number("accuracy")).hasValue(1);
            if (row.task().equals(CacheRow.PERPLEXITY)) assertThat(row.number("perplexityRatio")).hasValue(1);
        }
    }

    /** Rows read by all alike are computed once: what comes out must be what each would have computed alone. */
    @Test
    void bytesAreThoseOfASessionOfItsOwn() {
        CacheRow row = run(List.of("kivi"), List.of(), plan(1), List.of()).stream()
                .filter(each -> each.technique().equals("kivi") && each.query().equals("aware"))
                .findFirst()
                .orElseThrow();
        Contender kivi = new Contender(
                new Candidates(Techniques.installed(), List.of("kivi"), List.of(), List.of(0.25), false)
                        .at(LENGTH).stream()
                                .filter(candidate -> candidate.technique().equals("kivi"))
                                .findFirst()
                                .orElseThrow(),
                subject);
        try (Session session = new Session(
                subject.model(), subject.tokenizer(), kivi.attach(subject.model().newSequence()))) {
            Receipt receipt = session.generate(
                            subject.chat().apply(easy.prompt()),
                            new GenerationOptions(1, SamplerOptions.greedy()),
                            GenerationListener.SILENT)
                    .receipt();
            assertThat(row.number("peakBytes")).hasValue(receipt.kvBytesPeak());
        }
    }

    @Test
    void whatIsKnownIsNotMeasuredAgain() {
        List<CacheRow> rows = run(List.of("snapkv"), List.of(), plan(1), List.of());
        assertThat(run(List.of("snapkv"), List.of(), plan(1), rows)).isEmpty();
        List<CacheRow> others = run(List.of("snapkv", "h2o"), List.of(), plan(1), rows);
        assertThat(others.stream().map(CacheRow::technique).distinct()).containsExactly("full", "h2o");
        assertThat(run(List.of("snapkv"), List.of(), plan(2), rows).stream().map(CacheRow::task).distinct())
                .containsExactly("easy");
    }

    @Test
    void aTechniqueThatCannotRunGetsARowThatSaysWhy() {
        List<CacheRow> rows = run(List.of("full"), List.of("streaming-llm:window=4000", "snapkv,kivi"), plan(1), List.of());
        List<CacheRow> streaming = rows.stream().filter(row -> row.technique().equals("streaming-llm")).toList();
        assertThat(streaming).hasSize(4).allMatch(CacheRow::failed);
        assertThat(streaming.getFirst().values().get("error").toString()).contains("make the window smaller");
        assertThat(rows.stream().filter(row -> row.technique().equals("snapkv+kivi"))).hasSize(4).noneMatch(CacheRow::failed);
    }

    @Test
    void aRunThatIsCancelledEndsWithWhatIsDone() {
        List<CacheRow> rows = new ArrayList<>();
        Candidates candidates = new Candidates(Techniques.installed(), List.of("full"), List.of(), List.of(0.25), false);
        new CacheBench(subject, candidates, plan(1), List.of())
                .run(rows::add, (done, total) -> {}, () -> rows.size() >= 4);
        assertThat(rows).isNotEmpty().allMatch(row -> row.task().equals("easy"));
    }

    @Test
    void candidatesHaveTheirBudgetsWidthsAndAScorerBesideAllocators() {
        Candidates candidates = new Candidates(
                Techniques.installed(), List.of("snapkv", "pyramid", "kivi", "mikv", "streaming-llm"), List.of(),
                List.of(0.5, 0.125), true);
        List<String> configs = candidates.at(400).stream()
                .map(candidate -> candidate.chain().print(Stage.CACHE))
                .toList();
        assertThat(configs).contains(
                "full", "random:budget=50%", "oracle:budget=12.5%", "snapkv:budget=12.5%", "snapkv:budget=50%,pyramid",
                "kivi:bits=4,window=0", "kivi:bits=2", "kivi:bits=8", "mikv:high=8,low=4,budget=25%", "mikv:high=16,low=4",
                "streaming-llm:window=196");
        assertThat(configs.getFirst()).isEqualTo("full");
        assertThat(configs).doesNotHaveDuplicates();
        assertThatThrownBy(() -> new Candidates(Techniques.installed(), List.of("snapvk"), List.of(), List.of(0.5), true))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("snapkv");
    }
}
