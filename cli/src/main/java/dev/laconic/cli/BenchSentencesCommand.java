package dev.laconic.cli;

import dev.laconic.bench.task.SentenceBench;
import dev.laconic.bench.task.SimilarityBench;
import dev.laconic.bench.workload.Score;
import dev.laconic.core.error.UsageException;
import dev.laconic.model.Embedder;
import dev.laconic.model.load.LoadedModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "sentences",
        description = "Says how often a model's vectors find the sentence that follows another one in a text, or, with --pairs, "
                + "how well their likeness agrees with people's.",
        footer = {
            "",
            "Examples:",
            "  laconic bench sentences --model models/house-encoder.gguf",
            "  laconic bench sentences --pairs stsb-en-test.csv"
        })
final class BenchSentencesCommand extends ProgramCommand {
    @Mixin
    ModelOptions models;

    @Option(
            names = "--choices",
            paramLabel = "N",
            defaultValue = "32",
            description = "Sentences to choose from (default: ${DEFAULT-VALUE}).")
    int choices;

    @Option(names = "-n", paramLabel = "N", defaultValue = "960", description = "Sentences (default: ${DEFAULT-VALUE}).")
    int count;

    @Option(names = "--text", paramLabel = "FILE", description = "The text (default: a book that is built in).")
    Optional<Path> text = Optional.empty();

    @Option(
            names = "--pairs",
            paramLabel = "FILE",
            description = "Lines of two texts and a score, separated by commas: prints Spearman's correlation with the scores.")
    Optional<Path> pairs = Optional.empty();

    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    @Override
    public Integer call() {
        if (choices < 2) throw new UsageException("--choices: found " + choices + ", expected 2 or more");
        if (count < 1) throw new UsageException("-n: found " + count + ", expected 1 or more");
        try (LoadedModel loaded = models.open("house-encoder");
                Interrupt interrupt = new Interrupt()) {
            Embedder embedder = Embedder.of(loaded.model()).normalised();
            if (pairs.isPresent()) {
                print(SimilarityBench.of(
                        embedder, loaded.tokenizer(), SimilarityBench.read(pairs.get()), interrupt::requested));
                return interrupt.requested() ? 130 : 0;
            }
            SentenceBench found = SentenceBench.of(
                    embedder,
                    loaded.tokenizer(),
                    BenchTasksCommand.prose(text),
                    choices,
                    count,
                    interrupt::requested);
            if (json) {
                Map<String, Object> map = new LinkedHashMap<>();
                map.put("choices", choices);
                map.put("n", found.vectors().total());
                map.put("vectors", found.vectors().accuracy());
                map.put("low", found.vectors().low());
                map.put("high", found.vectors().high());
                map.put("words", found.words().accuracy());
                json(map);
            } else {
                out().printf("%d sentences, each among %d%n", found.vectors().total(), choices);
                print("vectors", found.vectors());
                print("words in common", found.words());
                out().printf(Locale.ROOT, "%-16s %.3f%n", "chance", 1.0 / choices);
            }
            return interrupt.requested() ? 130 : 0;
        }
    }

    private void print(SimilarityBench found) {
        if (json) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("pairs", found.pairs());
            map.put("vectors", found.vectors());
            map.put("words", found.words());
            json(map);
        } else {
            out().printf("%d pairs of texts, Spearman's correlation with their scores%n", found.pairs());
            out().printf(Locale.ROOT, "%-16s %.3f%n", "vectors", found.vectors());
            out().printf(Locale.ROOT, "%-16s %.3f%n", "words in common", found.words());
        }
    }

    private void print(String name, Score score) {
        out().printf(Locale.ROOT, "%-16s %.3f    %.3f - %.3f%n", name, score.accuracy(), score.low(), score.high());
    }
}
