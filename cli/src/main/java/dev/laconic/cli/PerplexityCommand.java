package dev.laconic.cli;

import dev.laconic.core.technique.Pipeline;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.generate.Perplexity;
import dev.laconic.tokenize.EncodeOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "perplexity",
        description = "Measures how well a model predicts a text: perplexity per token and bits per byte.",
        footer = {"", "Example:", "  laconic perplexity --model model.gguf --file wikitext-2-test.txt --context 512"})
final class PerplexityCommand extends ProgramCommand {
    @Mixin
    ModelOptions models;

    @Mixin
    CacheOptions techniques;

    @Option(names = "--file", required = true, paramLabel = "TEXT", description = "The text, in UTF-8.")
    Path file;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Read no more than the first N tokens.")
    Optional<Integer> maxTokens = Optional.empty();

    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    @Override
    public Integer call() {
        try (LoadedModel loaded = models.open();
                Progress progress = new Progress("perplexity");
                Interrupt interrupt = new Interrupt()) {
            int[] ids = loaded.tokenizer().ids(AskCommand.read(file), EncodeOptions.PLAIN);
            int limit = maxTokens.map(most -> Math.min(most, ids.length)).orElse(ids.length);
            int context = models.context.orElse(loaded.model().parameters().context());
            Pipeline pipeline = techniques.pipeline();
            Perplexity measured = Perplexity.of(
                    loaded.model(), loaded.tokenizer(), ids, limit, context,
                    () -> models.sequence(loaded, pipeline), progress::update, interrupt::requested);
            print(measured, context);
            return 0;
        }
    }

    private void print(Perplexity measured, int context) {
        if (json) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("perplexity", measured.perplexity());
            map.put("bitsPerByte", measured.bitsPerByte());
            map.put("tokens", measured.tokens());
            map.put("bytes", measured.bytes());
            map.put("context", context);
            json(map);
            return;
        }
        out().printf(Locale.ROOT, "perplexity %.4f   bits per byte %.4f   over %,d tokens, context %,d%n",
                measured.perplexity(), measured.bitsPerByte(), measured.tokens(), context);
    }
}
