package dev.laconic.cli;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Pipeline;
import dev.laconic.model.chat.ChatPrompt;
import dev.laconic.model.chat.Message;
import dev.laconic.model.generate.GenerationOptions;
import dev.laconic.model.generate.Session;
import dev.laconic.model.load.LoadedModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "ask",
        description = "Answers a question about a text file, and says what the answer cost.",
        footer = {"", "Example:", "  laconic ask report.txt \"Who signed?\" --model model.gguf"})
final class AskCommand extends ProgramCommand {
    @Mixin
    ModelOptions models;

    @Mixin
    SamplingOptions sampling;

    @Mixin
    PipelineOptions techniques;

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
        try (LoadedModel loaded = models.open();
                Session session = new Session(loaded.model(), loaded.tokenizer(), models.sequence(loaded, pipeline))) {
            ChatPrompt chat = models.chatPrompt(loaded, err());
            int[] ids = chat.ids(List.of(Message.user(document.strip() + "\n\n" + question)));
            return Answering.run(this, session, loaded.tokenizer(), ids, options, json);
        }
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
