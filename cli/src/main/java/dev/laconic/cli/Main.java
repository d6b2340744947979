package dev.laconic.cli;

import dev.laconic.kernels.Kernels;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** The laconic program. */
@Command(
        name = "laconic",
        description = "Same answer, fewer tokens.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private static final List<String> COMMANDS = List.of(
            "ask", "generate", "chat", "tokenize", "inspect", "logits", "embed", "perplexity", "quantize", "train", "bench",
            "parity", "techniques");

    /** Commands that compute with a model and are waited for. */
    private static final Set<String> COMPUTING = Set.of("ask", "generate", "chat");

    Main() {}

    public static void main(String[] arguments) {
        Stderr.take();
        if (arguments.length > 0 && COMPUTING.contains(arguments[0])) Kernels.load();
        int code = run(arguments, out(), err());
        // To leave by return is sooner: before it exits Java opens every jar to find out who logs that.
        if (code != 0) System.exit(code);
    }

    static PrintWriter out() {
        return new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    }

    static PrintWriter err() {
        return new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    }

    /** Runs one command; the exit code: 0 done, 1 failed, 2 wrong usage. */
    static int run(String[] arguments, PrintWriter out, PrintWriter err) {
        Failures failures = new Failures(err, System.getenv("LACONIC_DEBUG") != null);
        // The command that is asked for goes alone: to build them all takes longer than most work.
        boolean alone = arguments.length > 0 && COMMANDS.contains(arguments[0]);
        try {
            CommandLine asked =
                    alone ? commandLine(command(arguments[0]).name("laconic " + arguments[0])) : commandLine();
            int code = asked
                    .setOut(out)
                    .setErr(err)
                    .setExpandAtFiles(false)
                    .setParameterExceptionHandler((failure, _) -> failures.report(failure))
                    .setExecutionExceptionHandler((failure, _, _) -> failures.report(failure))
                    .execute(alone ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments);
            return out.checkError() ? failures.report(new IOException("stdout cannot be written")) : code;
        } catch (Error failure) {
            return failures.report(failure);
        }
    }

    /** Reads all commands. */
    static CommandLine commandLine() {
        CommandSpec spec = MainSpec.of();
        for (String name : COMMANDS) spec.addSubcommand(name, command(name));
        return commandLine(spec);
    }

    /** A command. A table would link all of them for the one that is asked for. */
    private static CommandSpec command(String name) {
        return switch (name) {
            case "ask" -> AskCommandSpec.of();
            case "generate" -> GenerateCommandSpec.of();
            case "chat" -> ChatCommandSpec.of();
            case "tokenize" -> TokenizeCommandSpec.of();
            case "inspect" -> InspectCommandSpec.of();
            case "logits" -> LogitsCommandSpec.of();
            case "embed" -> EmbedCommandSpec.of();
            case "perplexity" -> PerplexityCommandSpec.of();
            case "quantize" -> QuantizeCommandSpec.of();
            case "train" -> TrainCommandSpec.of();
            case "bench" -> BenchCommandSpec.of();
            case "parity" -> ParityCommandSpec.of();
            case "techniques" -> TechniquesCommandSpec.of();
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static CommandLine commandLine(CommandSpec spec) {
        // Of Java's own types no option has any but this; to look for what converts them takes longer than to read the options.
        System.setProperty("picocli.converters.excludes", "java.*");
        return new CommandLine(spec).registerConverter(Path.class, Path::of);
    }
}
