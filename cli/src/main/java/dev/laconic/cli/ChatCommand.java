package dev.laconic.cli;

import dev.laconic.core.Receipt;
import dev.laconic.core.technique.Pipeline;
import dev.laconic.model.chat.ChatPrompt;
import dev.laconic.model.chat.Message;
import dev.laconic.model.generate.Answer;
import dev.laconic.model.generate.GenerationListener;
import dev.laconic.model.generate.GenerationOptions;
import dev.laconic.model.generate.Session;
import dev.laconic.model.load.LoadedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "chat",
        description = "Talks with a model. Each turn computes only what is new.",
        footer = {
            "",
            "While it answers, Ctrl-C stops the answer. At the prompt: /reset forgets the conversation,",
            "/receipt shows what the last answer cost, /exit or Ctrl-D ends."
        })
final class ChatCommand extends ProgramCommand {
    @Mixin
    ModelOptions models;

    @Mixin
    SamplingOptions sampling;

    @Mixin
    PipelineOptions techniques;

    @Mixin
    StoreOptions store;

    @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told before everything else.")
    Optional<String> system = Optional.empty();

    @Option(
            names = {"-n", "--max-tokens"},
            paramLabel = "N",
            defaultValue = "1024",
            description = "Tokens of an answer at most (default: ${DEFAULT-VALUE}).")
    int maxTokens;

    @Override
    public Integer call() {
        Pipeline pipeline = techniques.pipeline();
        GenerationOptions options = new GenerationOptions(maxTokens, sampling.options());
        try (LoadedModel loaded = models.open();
                Session session = store.session(models, loaded, ModelOptions.stage(loaded, pipeline));
                Terminal terminal = TerminalBuilder.builder().dumb(true).build()) {
            talk(new Conversation(models.chatPrompt(loaded, err()), session, options), terminal);
            return 0;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void talk(Conversation conversation, Terminal terminal) {
        LineReader reader = LineReaderBuilder.builder().terminal(terminal).appName("laconic").build();
        while (true) {
            String line;
            try {
                line = reader.readLine("> ").strip();
            } catch (UserInterruptException again) {
                continue;
            } catch (EndOfFileException end) {
                return;
            }
            switch (line) {
                case "" -> {}
                case "/exit" -> {
                    return;
                }
                case "/reset" -> conversation.reset();
                case "/receipt" ->
                    conversation.receipt().ifPresent(receipt -> receipt.lines().forEach(terminal.writer()::println));
                default -> conversation.say(line, terminal);
            }
            terminal.writer().flush();
        }
    }

    /** The messages so far and the session that has them cached. */
    private final class Conversation {
        private final ChatPrompt chat;
        private final Session session;
        private final GenerationOptions options;
        private final List<Message> messages = new ArrayList<>();
        private Optional<Receipt> receipt = Optional.empty();

        Conversation(ChatPrompt chat, Session session, GenerationOptions options) {
            this.chat = chat;
            this.session = session;
            this.options = options;
            reset();
        }

        void reset() {
            messages.clear();
            system.map(Message::system).ifPresent(messages::add);
        }

        Optional<Receipt> receipt() {
            return receipt;
        }

        void say(String line, Terminal terminal) {
            messages.add(Message.user(line));
            AtomicBoolean stopped = new AtomicBoolean();
            Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, signal -> stopped.set(true));
            try {
                Answer answer = session.generate(chat.ids(messages), options, new GenerationListener() {
                    @Override
                    public void text(String piece) {
                        terminal.writer().print(piece);
                        terminal.writer().flush();
                    }

                    @Override
                    public boolean cancelled() {
                        return stopped.get();
                    }
                });
                terminal.writer().println();
                messages.add(Message.assistant(answer.text()));
                receipt = Optional.of(answer.receipt());
            } finally {
                terminal.handle(Terminal.Signal.INT, before);
            }
        }
    }
}
