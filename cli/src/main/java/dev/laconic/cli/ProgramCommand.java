package dev.laconic.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What every command has: where results go, and help. Results go to stdout; progress, receipts and errors to stderr. */
@picocli.CommandLine.Command(mixinStandardHelpOptions = true, versionProvider = Version.class)
abstract class ProgramCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    /** Where results go. */
    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Where everything else goes. */
    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Prints one JSON value on a line of its own. */
    void json(Object value) {
        JsonText.write(value, out());
        out().println();
        out().flush();
    }
}
