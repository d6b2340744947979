package dev.laconic.cli;

import dev.laconic.model.Embedder;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.tokenize.EncodeOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "embed",
        description = "Gives the embedding of a text.",
        footer = {"", "Example:", "  laconic embed \"A text\"", "  laconic embed --model bge-small.gguf --json \"A text\""})
final class EmbedCommand extends ProgramCommand {
    @Mixin
    ModelOptions models;

    @Option(names = "--pooling", paramLabel = "P", description = "mean, cls or last; by default what the model says.")
    Optional<String> pooling = Optional.empty();

    @Option(names = "--no-normalise", description = "Leave the vector's length as it is; else it is made 1.")
    boolean raw;

    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    @Parameters(paramLabel = "TEXT|-", description = "The text, or - for standard input.")
    String text;

    @Override
    public Integer call() {
        try (LoadedModel loaded = models.open("house-encoder")) {
            Embedder embedder = Embedder.of(loaded.model());
            if (pooling.isPresent())
                embedder = embedder.withPooling(
                        ModelOptions.constant("--pooling", Embedder.Pooling.class, pooling.get()));
            if (!raw) embedder = embedder.normalised();
            String input = text.equals("-") ? TokenizeCommand.standardInput() : text;
            int[] ids = loaded.tokenizer().ids(input, EncodeOptions.PROMPT);
            float[] vector = embedder.embed(ids);
            if (json) {
                Map<String, Object> map = new LinkedHashMap<>();
                map.put("embedding", vector);
                map.put("tokens", ids.length);
                map.put("pooling", embedder.pooling().name().toLowerCase(java.util.Locale.ROOT));
                json(map);
            } else for (float value : vector) out().println(value);
            return 0;
        }
    }
}
