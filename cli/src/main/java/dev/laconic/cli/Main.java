package dev.laconic.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The laconic program. */
@Command(
        name = "laconic",
        description = "Same answer, fewer tokens.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private static final List<Class<?>> COMMANDS = List.of(
            AskCommand.class,
            GenerateCommand.class,
            ChatCommand.class,
            TokenizeCommand.class,
            InspectCommand.class,
            LogitsCommand.class,
            EmbedCommand.class,
            PerplexityCommand.class,
            QuantizeCommand.class,
            TrainCommand.class,
            BenchCommand.class,
            ParityCommand.class,
            TechniquesCommand.class);

    private Main() {}

    public static void main(String[] arguments) {
        Stderr.take();
        PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(arguments, out, err));
    }

    /** Runs one command; the exit code: 0 done, 1 failed, 2 wrong usage. */
    static int run(String[] arguments, PrintWriter out, PrintWriter err) {
        Failures failures = new Failures(err, System.getenv("LACONIC_DEBUG") != null);
        try {
            int code = commandLine(arguments)
                    .setOut(out)
                    .setErr(err)
                    .setExpandAtFiles(false)
                    .setParameterExceptionHandler((failure, _) -> failures.report(failure))
                    .setExecutionExceptionHandler((failure, _, _) -> failures.report(failure))
                    .execute(arguments);
            return out.checkError() ? failures.report(new IOException("stdout cannot be written")) : code;
        } catch (Error failure) {
            return failures.report(failure);
        }
    }

    /** The command that is asked for, or all of them where none of them is: building them all takes longer than most work. */
    static CommandLine commandLine(String... arguments) {
        List<Class<?>> asked = COMMANDS.stream()
                .filter(command -> arguments.length > 0 && name(command).equals(arguments[0]))
                .toList();
        CommandLine program = new CommandLine(new Main());
        for (Class<?> command : asked.isEmpty() ? COMMANDS : asked) program.addSubcommand(name(command), command);
        return program;
    }

    private static String name(Class<?> command) {
        return command.getAnnotation(Command.class).name();
    }
}
