package dev.laconic.kernels;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs the benchmarks of this module; the name keeps it out of the usual test run. The system property {@code jmh} takes
 * JMH's command line: {@code -Dtest=Benchmarks -Djmh="Matmul -p type=Q8_0 -p n=1"}.
 */
class Benchmarks {

    @Test
    void run() throws RunnerException, CommandLineOptionException {
        String arguments = System.getProperty("jmh", "").trim();
        CommandLineOptions options = new CommandLineOptions(arguments.isEmpty() ? new String[0] : arguments.split(" +"));
        new Runner(new OptionsBuilder()
                        .parent(options)
                        .forks(options.getForkCount().orElse(1))
                        .warmupIterations(options.getWarmupIterations().orElse(3))
                        .measurementIterations(options.getMeasurementIterations().orElse(5))
                        .jvmArgsAppend("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED")
                        .shouldFailOnError(true)
                        .build())
                .run();
    }
}
