package dev.laconic.cli;

import dev.laconic.cache.CacheStage;
import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Pipeline;
import dev.laconic.model.chat.ChatPrompt;
import dev.laconic.model.chat.Message;
import dev.laconic.model.chat.Passages;
import dev.laconic.model.generate.Denoiser;
import dev.laconic.model.generate.GenerationOptions;
import dev.laconic.model.generate.Prompt;
import dev.laconic.model.generate.Session;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.tokenize.EncodeOptions;
import dev.laconic.tokenize.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "ask",
        description = "Answers a question about a text file, and says what the answer cost.",
        footer = {"", "Examples:", "  laconic ask report.txt \"Who signed?\" --model model.gguf",
            "  laconic ask report.txt \"Who signed?\" --cache cacheblend:ratio=15%% --store kept"})
final class AskCommand extends ProgramCommand {
    @Mixin
    ModelOptions models;

    @Mixin
    SamplingOptions sampling;

    @Mixin
    PipelineOptions techniques;

    @Mixin
    StoreOptions store;

    @Option(
            names = "--passage-tokens",
            paramLabel = "N",
            defaultValue = "512",
            description = "With cacheblend: tokens of a passage at most (default: ${DEFAULT-VALUE}).")
    int passageTokens;

    @Parameters(index = "0", paramLabel = "FILE", description = "A text in UTF-8, or - for standard input.")
    Path file;

    @Parameters(index = "1", paramLabel = "QUESTION")
    String question;

    @Option(
            names = {"-n", "--max-tokens"},
            paramLabel = "N",
            defaultValue = "256",
            description = "Tokens of the answer at most (default: ${DEFAULT-VALUE}).")
    int maxTokens;

    @Option(names = "--json", description = "Print one JSON object: text, ids, finish, receipt.")
    boolean json;

    @Override
    public Integer call() {
        Pipeline pipeline = techniques.pipeline();
        String document = file.toString().equals("-") ? TokenizeCommand.standardInput() : read(file);
        GenerationOptions options = new GenerationOptions(maxTokens, sampling.options());
        if (passageTokens < 1) throw new UsageException("--passage-tokens must be 1 or more, found " + passageTokens);
        try (LoadedModel loaded = models.open()) {
            CacheStage stage = CacheStage.of(pipeline, loaded.model(), loaded.tokenizer());
            Prompt prompt = prompt(models.chatPrompt(loaded, err()), loaded.tokenizer(), document.strip(), stage);
            if (Denoiser.predicts(loaded.model()))
                return Answering.fill(this, loaded, stage, store, prompt.ids(), maxTokens, json);
            try (Session session = store.session(models, loaded, stage)) {
                return Answering.run(this, session, loaded.tokenizer(), prompt, options, json);
            }
        }
    }

    /** Document and question, in one piece or in passages where a technique puts these together. */
    private Prompt prompt(ChatPrompt chat, Tokenizer tokenizer, String document, CacheStage stage) {
        String asked = "\n\n" + question;
        if (stage.blends().isEmpty()) return Prompt.of(chat.ids(List.of(Message.user(document + asked))));
        List<String> parts = new ArrayList<>(
                Passages.of(document, passageTokens, text -> tokenizer.count(text, EncodeOptions.PLAIN)));
        parts.add(asked);
        return Prompt.of(chat.pieces(parts));
    }

    static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException failure) {
            if (!Files.exists(file)) throw new UsageException("there is no file " + file);
            throw new LaconicException("cannot read " + file + " as UTF-8 text: " + failure.getMessage(), failure);
        }
    }
}
