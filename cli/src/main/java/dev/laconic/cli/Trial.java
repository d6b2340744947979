package dev.laconic.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs the common commands once and prints nothing: the launcher does this after a build and keeps the classes that Java
 * loaded, so that later runs start faster.
 */
final class Trial {
    private static final String TEXT = "Once upon a time, in 1999, there was a café.";

    private Trial() {}

    /** @param arguments a model, or nothing */
    public static void main(String[] arguments) {
        Optional<Path> model = arguments.length == 0 ? Optional.empty() : Optional.of(Path.of(arguments[0]));
        System.exit(run(model));
    }

    /** The highest exit code of the commands. */
    static int run(Optional<Path> model) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        int code = 0;
        for (List<String> command : commands(model))
            code = Math.max(code, Main.run(command.toArray(String[]::new), nowhere, nowhere));
        return code;
    }

    private static List<List<String>> commands(Optional<Path> model) {
        List<List<String>> commands = new ArrayList<>();
        commands.add(List.of("--help"));
        commands.add(List.of("techniques", "--json"));
        model.map(Path::toString).ifPresent(file -> {
            commands.add(List.of("inspect", file, "--json"));
            commands.add(List.of("tokenize", "--model", file, "--json", TEXT));
            commands.add(List.of("generate", "--model", file, "--prompt", TEXT, "--max-tokens", "32", "--json"));
            commands.add(List.of("generate", "--model", file, "--prompt", TEXT, "--max-tokens", "2"));
        });
        return commands;
    }
}
