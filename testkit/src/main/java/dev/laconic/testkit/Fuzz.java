package dev.laconic.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Fuzzes a parser with Jazzer, which must be on the test's class path, in a JVM of its own with a heap of 256 MB. The
 * target is a class with {@code public static void fuzzerTestOneInput(byte[])} that returns for every input; an input
 * takes 5 seconds at most.
 */
public final class Fuzz {
    private static final int SHORT_SECONDS = 2;
    private static final int START_SECONDS = 300;
    private static final int OUTPUT_TAIL = 4000;
    /** Takes every pattern from a file for a finding; ours are bounded in steps and depth instead. */
    private static final String REGEX_INJECTION = "com.code_intelligence.jazzer.sanitizers.RegexInjection";

    private Fuzz() {}

    /**
     * Fails if an input is found that the target does not return for; the message says where it was kept. Runs for as
     * many seconds as the system property {@code fuzz.seconds} says, 2 if it is not set.
     *
     * @param seeds inputs to begin with
     */
    public static void check(Class<?> target, List<byte[]> seeds) throws IOException, InterruptedException {
        int seconds = Integer.getInteger("fuzz.seconds", SHORT_SECONDS);
        Path folder = Files.createTempDirectory("fuzz-" + target.getSimpleName());
        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        for (int i = 0; i < seeds.size(); i++) Files.write(corpus.resolve("seed-" + i), seeds.get(i));
        Forked.Result result = Forked.run(
                folder,
                seconds + START_SECONDS,
                List.of(
                        "-Xmx256m",
                        "-XX:+EnableDynamicAgentLoading",
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-modules=jdk.incubator.vector"),
                "com.code_intelligence.jazzer.Jazzer",
                List.of(
                        "--target_class=" + target.getName(),
                        "--instrumentation_includes=dev.laconic.**",
                        "--custom_hook_excludes=**",
                        "--disabled_hooks=" + REGEX_INJECTION,
                        corpus.toString(),
                        "-max_total_time=" + seconds,
                        "-timeout=5",
                        "-seed=1"));
        if (result.exit() != 0) {
            String output = result.output();
            throw new AssertionError(target.getSimpleName() + ": exit code " + result.exit() + ", inputs kept in "
                    + folder + "\n" + output.substring(Math.max(0, output.length() - OUTPUT_TAIL)));
        }
        delete(folder);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) Files.delete(file);
        }
    }
}
