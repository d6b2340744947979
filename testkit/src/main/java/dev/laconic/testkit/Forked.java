package dev.laconic.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own, on this test's class path, for what would end or starve the JVM that runs the tests. */
public final class Forked {
    private Forked() {}

    /**
     * How a JVM ended.
     *
     * @param exit its exit code, -1 if it had to be stopped
     * @param output what it printed on both streams
     */
    public record Result(int exit, String output) {}

    /**
     * Runs {@code main} in {@code folder}, for {@code seconds} at most.
     *
     * @param options of the JVM, such as {@code -Xmx256m}
     */
    public static Result run(Path folder, int seconds, List<String> options, String main, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(arguments);
        Path output = Files.createTempFile("forked", ".log");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
            if (!ended) process.destroyForcibly().waitFor();
            String printed = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
            return new Result(ended ? process.exitValue() : -1, printed);
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
