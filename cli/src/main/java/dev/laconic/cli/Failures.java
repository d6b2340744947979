package dev.laconic.cli;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;

/** Says on one line why a command failed, and with which exit code. */
final class Failures {
    private final PrintWriter err;
    private final boolean debug;

    /** @param debug whether stack traces are printed as well */
    Failures(PrintWriter err, boolean debug) {
        this.err = err;
        this.debug = debug;
    }

    /** Prints the line; the exit code: 1 failed, 2 wrong usage. */
    int report(Throwable failure) {
        err.println("laconic: " + oneLine(message(failure)));
        if (debug) failure.printStackTrace(err);
        err.flush();
        return failure instanceof UsageException || failure instanceof ParameterException
                ? ExitCode.USAGE
                : ExitCode.SOFTWARE;
    }

    private static String message(Throwable failure) {
        return switch (failure) {
            case LaconicException known -> known.getMessage();
            case ParameterException usage ->
                usage.getMessage() + "; see "
                        + usage.getCommandLine().getCommandSpec().qualifiedName() + " --help";
            case UncheckedIOException io -> message(io.getCause());
            case NoSuchFileException missing -> missing.getFile() + ": no such file";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case FileSystemException file
            when file.getReason() == null -> file.getFile() + ": cannot be read or written";
            case IOException io -> io.getMessage();
            case OutOfMemoryError memory ->
                "out of memory (" + memory.getMessage() + ") at a heap of "
                        + (Runtime.getRuntime().maxMemory() >> 20)
                        + " MiB; LACONIC_JAVA_OPTS=-Xmx... sets another";
            default -> "internal error: " + failure + "; LACONIC_DEBUG=1 shows where";
        };
    }

    /** Names in files and requests can hold anything: no control character reaches the terminal. */
    private static String oneLine(String message) {
        return message.replaceAll("\\p{Cntrl}+", " ");
    }
}
