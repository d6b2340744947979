package dev.laconic.cli;

import dev.laconic.cache.CacheStage;
import dev.laconic.core.technique.Pipeline;
import dev.laconic.model.generate.Denoiser;
import dev.laconic.model.generate.GenerationOptions;
import dev.laconic.model.generate.Prompt;
import dev.laconic.model.generate.Session;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.tokenize.EncodeOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "generate",
        description = "Continues a raw prompt, without a chat template.",
        footer = {
            "", "Example:",
            "  laconic generate --model stories260K.bin --prompt \"Once upon a time\" --temperature 0 --max-tokens 100"
        })
final class GenerateCommand extends ProgramCommand {
    @Mixin
    ModelOptions models;

    @Mixin
    SamplingOptions sampling;

    @Mixin
    CacheOptions techniques;

    @Mixin
    StoreOptions store;

    @Option(names = "--prompt", paramLabel = "TEXT", defaultValue = "", description = "Text to continue; empty by default.")
    String prompt;

    @Option(names = "--special", description = "Special tokens spelt in the prompt count as such.")
    boolean special;

    @Option(
            names = {"-n", "--max-tokens"},
            paramLabel = "N",
            defaultValue = "256",
            description = "Tokens to make at most (default: ${DEFAULT-VALUE}).")
    int maxTokens;

    @Option(names = "--ignore-eos", description = "Go on when the model ends its text.")
    boolean ignoreEnd;

    @Option(
            names = "--prefill-chunk",
            paramLabel = "N",
            defaultValue = "512",
            description = "Prompt tokens computed in one step (default: ${DEFAULT-VALUE}).")
    int prefillChunk;

    @Option(names = "--json", description = "Print one JSON object: text, ids, finish, receipt.")
    boolean json;

    @Override
    public Integer call() {
        GenerationOptions options = new GenerationOptions(maxTokens, sampling.options(), ignoreEnd, prefillChunk);
        Pipeline pipeline = techniques.pipeline();
        try (LoadedModel loaded = models.open()) {
            CacheStage stage = ModelOptions.stage(loaded, pipeline);
            int[] ids = loaded.tokenizer().ids(prompt, new EncodeOptions(true, special));
            if (Denoiser.predicts(loaded.model())) return Answering.fill(this, loaded, stage, store, ids, maxTokens, json);
            try (Session session = store.session(models, loaded, stage)) {
                return Answering.run(this, session, loaded.tokenizer(), Prompt.of(ids), options, json);
            }
        }
    }
}
