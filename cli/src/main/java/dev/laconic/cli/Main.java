package dev.laconic.cli;

import dev.laconic.kernels.Kernels;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
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
    /** What builds each command. */
    private static final SequencedMap<String, Supplier<CommandSpec>> COMMANDS = new LinkedHashMap<>();

    /** Commands that compute with a model and are waited for. */
    private static final Set<String> COMPUTING = Set.of("ask", "generate", "chat");

    static {
        COMMANDS.put("ask", AskCommandSpec::of);
        COMMANDS.put("generate", GenerateCommandSpec::of);
        COMMANDS.put("chat", ChatCommandSpec::of);
        COMMANDS.put("tokenize", TokenizeCommandSpec::of);
        COMMANDS.put("inspect", InspectCommandSpec::of);
        COMMANDS.put("logits", LogitsCommandSpec::of);
        COMMANDS.put("embed", EmbedCommandSpec::of);
        COMMANDS.put("perplexity", PerplexityCommandSpec::of);
        COMMANDS.put("quantize", QuantizeCommandSpec::of);
        COMMANDS.put("train", TrainCommandSpec::of);
        COMMANDS.put("bench", BenchCommandSpec::of);
        COMMANDS.put("parity", ParityCommandSpec::of);
        COMMANDS.put("techniques", TechniquesCommandSpec::of);
    }

    Main() {}

    public static void main(String[] arguments) {
        Stderr.take();
        if (arguments.length > 0 && COMPUTING.contains(arguments[0])) Kernels.load();
        PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int code = run(arguments, out, err);
        // To leave by return is sooner: before it exits Java opens every jar to find out who logs that.
        if (code != 0) System.exit(code);
    }

    /** Runs one command; the exit code: 0 done, 1 failed, 2 wrong usage. */
    static int run(String[] arguments, PrintWriter out, PrintWriter err) {
        Failures failures = new Failures(err, System.getenv("LACONIC_DEBUG") != null);
        // The command that is asked for goes alone: to build them all takes longer than most work.
        boolean alone = arguments.length > 0 && COMMANDS.containsKey(arguments[0]);
        try {
            CommandLine asked =
                    alone ? commandLine(COMMANDS.get(arguments[0]).get().name("laconic " + arguments[0])) : commandLine();
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
        COMMANDS.forEach((name, command) -> spec.addSubcommand(name, command.get()));
        return commandLine(spec);
    }

    private static CommandLine commandLine(CommandSpec spec) {
        return new CommandLine(spec).registerConverter(Path.class, Path::of);
    }
}
