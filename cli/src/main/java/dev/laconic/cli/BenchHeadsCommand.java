package dev.laconic.cli;

import dev.laconic.bench.probe.HeadProbe;
import dev.laconic.bench.probe.HeadScore;
import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Workload;
import dev.laconic.bench.workload.Workloads;
import dev.laconic.model.chat.ChatPrompt;
import dev.laconic.model.chat.Message;
import dev.laconic.model.load.LoadedModel;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "heads",
        description = "Finds a model's induction heads and retrieval heads.",
        footer = {"", "Example:", "  laconic bench heads --model models/house-lm.gguf"})
final class BenchHeadsCommand extends ProgramCommand {
    @Mixin
    ModelOptions models;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "512",
            description = "Tokens of the prompts (default: ${DEFAULT-VALUE}).")
    int length;

    @Option(
            names = "-n",
            paramLabel = "N",
            defaultValue = "20",
            description = "Prompts to look at (default: ${DEFAULT-VALUE}).")
    int count;

    @Option(names = "--json", description = "Print one JSON object a line.")
    boolean json;

    @Override
    public Integer call() {
        Workload needle = Workloads.over(Prose.builtIn()).getFirst();
        try (LoadedModel loaded = models.open()) {
            ChatPrompt chat = loaded.chatPrompt();
            List<HeadScore> scores = new HeadProbe(
                            loaded.model(),
                            loaded.tokenizer(),
                            user -> chat.ids(List.of(Message.user(user))))
                    .run(needle, length, count);
            if (json) scores.forEach(score -> json(score.toMap()));
            else {
                out().println("layer  head  induction  retrieval");
                scores.stream()
                        .sorted(Comparator.comparingDouble(score -> -Math.max(score.induction(), score.retrieval())))
                        .forEach(score -> out().printf(
                                Locale.ROOT,
                                "%5d %5d %10.3f %10.3f%n",
                                score.layer(),
                                score.head(),
                                score.induction(),
                                score.retrieval()));
            }
            return 0;
        }
    }
}
