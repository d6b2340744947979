package dev.laconic.cli;

import dev.laconic.bench.task.Agreement;
import dev.laconic.bench.workload.Prose;
import dev.laconic.core.error.UsageException;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.load.ModelLoader;
import dev.laconic.tokenize.EncodeOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "draft",
        description = "Says how often a draft model's likeliest next token is the model's own, on a text.",
        footer = {"", "Example:", "  laconic bench draft --model models/house-lm.gguf --draft models/house-draft.gguf"})
final class BenchDraftCommand extends ProgramCommand {
    @Mixin
    ModelOptions models;

    @Option(
            names = "--draft",
            paramLabel = "M",
            description = "The draft model (default: models/house-draft.gguf).")
    Optional<Path> draft = Optional.empty();

    @Option(names = "--file", paramLabel = "TEXT", description = "The text (default: a book that is built in).")
    Optional<Path> file = Optional.empty();

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "20000",
            description = "Read no more than the first N tokens (default: ${DEFAULT-VALUE}).")
    int maxTokens;

    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    @Override
    public Integer call() {
        Path path = draft.or(() -> HouseModels.file("house-draft"))
                .orElseThrow(() -> new UsageException("give a draft model: --draft FILE.gguf"));
        if (!Files.exists(path)) throw new UsageException("there is no model at " + path);
        String text = file.map(Prose::read).orElseGet(() -> Prose.builtIn().unwrapped().getFirst());
        try (LoadedModel target = models.open();
                LoadedModel small = ModelLoader.open(
                        path, new ModelLoader.Options(Optional.empty(), models.kernels(), Optional.empty()));
                Interrupt interrupt = new Interrupt()) {
            int[] ids = target.tokenizer().ids(text, EncodeOptions.PLAIN);
            int context = Math.min(
                    target.model().parameters().context(), small.model().parameters().context());
            Agreement found = Agreement.of(
                    target.model(),
                    small.model(),
                    Arrays.copyOf(ids, Math.min(ids.length, maxTokens)),
                    context,
                    interrupt::requested);
            if (json) {
                Map<String, Object> map = new LinkedHashMap<>();
                map.put("agreement", found.share());
                map.put("tokens", found.tokens());
                map.put("context", context);
                json(map);
            } else
                out().printf(
                        Locale.ROOT,
                        "greedy agreement %.4f over %,d tokens, context %,d%n",
                        found.share(),
                        found.tokens(),
                        context);
            return interrupt.requested() ? 130 : 0;
        }
    }
}
