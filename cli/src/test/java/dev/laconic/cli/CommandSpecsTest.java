package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What is written at build time is what picocli reads from the annotations. */
class CommandSpecsTest {

    @Test
    void everyCommandIsWhatItsAnnotationsDeclare() {
        compare(Main.commandLine().getCommandSpec());
    }

    private static void compare(CommandSpec written) {
        CommandSpec read = CommandSpec.forAnnotatedObject(written.userObject().getClass());
        assertThat(arguments(written)).as(written.name()).isEqualTo(arguments(read));
        if (written.subcommands().isEmpty()) {
            CommandLine program = new CommandLine(new Main());
            program.addSubcommand(read.name(), read);
            assertThat(usage(parented(written))).isEqualTo(usage(read.commandLine()));
        }
        written.subcommands().values().forEach(subcommand -> compare(subcommand.getCommandSpec()));
    }

    private static CommandLine parented(CommandSpec written) {
        CommandLine program = new CommandLine(new Main());
        program.addSubcommand(written.name(), written);
        return written.commandLine();
    }

    private static String usage(CommandLine command) {
        return command.getUsageMessage(Ansi.OFF);
    }

    private static List<String> arguments(CommandSpec spec) {
        return spec.args().stream().map(CommandSpecsTest::argument).sorted().toList();
    }

    private static String argument(ArgSpec argument) {
        return String.join(
                " | ",
                argument instanceof OptionSpec option
                        ? Arrays.toString(option.names()) + option.usageHelp() + option.versionHelp()
                        : "parameter",
                argument.arity().max() > 0 ? argument.paramLabel() : "",
                argument.arity().toString(),
                String.valueOf(argument.required()),
                argument.type().getName(),
                Arrays.toString(argument.auxiliaryTypes()),
                argument.splitRegex(),
                argument.defaultValue(),
                Arrays.toString(argument.description()));
    }
}
