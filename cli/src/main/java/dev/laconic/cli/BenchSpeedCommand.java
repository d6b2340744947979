package dev.laconic.cli;

import dev.laconic.bench.speed.Peer;
import dev.laconic.bench.speed.SpeedBench;
import dev.laconic.bench.speed.SpeedResult;
import dev.laconic.bench.speed.SpeedTest;
import dev.laconic.core.error.UsageException;
import dev.laconic.kernels.KernelOptions.Activations;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.MachineLimits;
import dev.laconic.kernels.MachineMeter;
import dev.laconic.model.load.LoadedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "speed",
        description = "Times prompts and generation, beside what this machine can do and what another engine does.",
        footer = {
            "", "Examples:", "  laconic bench speed -m model.gguf -p 512 -n 128 -d 0,4096 -t 1,2",
            "  llama-bench -m model.gguf -o json > peer.json; laconic bench speed -m model.gguf --against peer.json"
        })
final class BenchSpeedCommand extends ProgramCommand {
    @Option(names = {"-m", "--model"}, paramLabel = "M", description = "The model (default: models/house-lm.gguf).")
    Path model;

    @Option(
            names = "-p",
            paramLabel = "N",
            split = ",",
            defaultValue = "512",
            description = "Tokens of a prompt; 0 for none (default: ${DEFAULT-VALUE}).")
    List<Integer> prompts;

    @Option(
            names = "-n",
            paramLabel = "N",
            split = ",",
            defaultValue = "128",
            description = "Tokens generated; 0 for none (default: ${DEFAULT-VALUE}).")
    List<Integer> generated;

    @Option(
            names = "-d",
            paramLabel = "N",
            split = ",",
            defaultValue = "0",
            description = "Tokens that are cached before (default: ${DEFAULT-VALUE}).")
    List<Integer> depths;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            split = ",",
            description = "Threads (default: all processors).")
    List<Integer> threads = List.of(Runtime.getRuntime().availableProcessors());

    @Option(
            names = "-r",
            paramLabel = "N",
            defaultValue = "5",
            description = "Runs of each test (default: ${DEFAULT-VALUE}).")
    int runs;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            defaultValue = "3",
            description = "Seconds that each test runs before it is timed (default: ${DEFAULT-VALUE}).")
    double warmUp;

    @Option(
            names = "--provider",
            paramLabel = "P",
            defaultValue = "auto",
            description = "Arithmetic: auto, native, vector or scalar (default: ${DEFAULT-VALUE}).")
    String provider;

    @Option(
            names = "--activations",
            paramLabel = "A",
            description = "What quantised weights are multiplied with: f32, int8 or auto (default: auto).")
    String activations;

    @Option(
            names = "--kv",
            paramLabel = "TYPE",
            defaultValue = "f16",
            description = "How keys and values are kept (default: ${DEFAULT-VALUE}).")
    String kv;

    @Option(
            names = "--against",
            paramLabel = "FILE",
            description = "Results of llama-bench -o json, or of this command's --json, for ratios.")
    Optional<Path> against = Optional.empty();

    @Option(names = "--json", description = "Print one JSON object a line, as results come, with llama-bench's fields.")
    boolean json;

    @Override
    public Integer call() {
        if (runs < 1) throw new UsageException("-r: found " + runs + ", expected 1 or more");
        check("-p", prompts, 0);
        check("-n", generated, 0);
        check("-d", depths, 0);
        check("-t", threads, 1);
        Optional<Peer> peer = against.map(Peer::read);
        try (Interrupt interrupt = new Interrupt()) {
            if (!json)
                out().printf("%-16s %7s %12s %8s  %-18s %s%n", "test", "threads", "tokens/s", "+-", "of the limit",
                        against.isPresent() ? "ratio" : "");
            for (int count : threads)
                try (MachineMeter meter = new MachineMeter(count)) {
                    run(count, meter, peer, interrupt);
                    if (interrupt.requested()) return 130;
                }
            return 0;
        }
    }

    private void run(int count, MachineMeter meter, Optional<Peer> peer, Interrupt interrupt) {
        MachineLimits limits = meter.measure();
        try (LoadedModel loaded = open(count);
                SpeedBench bench = new SpeedBench(
                        loaded.model(), loaded.model().file().path().getFileName().toString(),
                        ModelOptions.constant("--kv", KvType.class, kv), meter::measure, warmUp, interrupt::requested)) {
            if (!json) out().printf("%s%n", machine(loaded.model().kernels().name(), limits));
            for (int depth : depths.stream().sorted().toList()) {
                for (int n : prompts) run(bench, new SpeedTest(n, 0, depth, count), peer, interrupt);
                for (int n : generated) run(bench, new SpeedTest(0, n, depth, count), peer, interrupt);
            }
        }
    }

    private static void check(String option, List<Integer> values, int least) {
        for (int value : values)
            if (value < least)
                throw new UsageException(option + ": found " + value + ", expected " + least + " or more");
    }

    private LoadedModel open(int count) {
        ModelOptions options = new ModelOptions();
        options.model = model;
        options.threads = count;
        options.provider = provider;
        options.activations = activations;
        return options.open(Activations.AUTO);
    }

    private static String machine(String kernels, MachineLimits limits) {
        String integers = limits.integerOps() > 0
                ? String.format(Locale.ROOT, "%.0f GOP/s of 8 bits", limits.integerOps() / 1e9)
                : "no native kernels";
        return String.format(Locale.ROOT, "%s; limits: %.0f GFLOP/s, %s, %.1f GB/s", kernels, limits.flops() / 1e9,
                integers, limits.bytes() / 1e9);
    }

    private void run(SpeedBench bench, SpeedTest test, Optional<Peer> peer, Interrupt interrupt) {
        if (test.tokens() == 0 || interrupt.requested()) return;
        SpeedResult result = bench.run(test, runs);
        if (interrupt.requested()) return;
        Optional<Double> ratio = peer.flatMap(each -> each.rate(test)).map(rate -> result.mean() / rate);
        if (json) {
            Map<String, Object> map = result.toMap();
            ratio.ifPresent(value -> map.put("ratio", value));
            json(map);
        } else {
            out().printf(Locale.ROOT, "%-16s %7d %12.2f %8.2f  %5.1f%% %-11s %s%n", test.label(), test.threads(),
                    result.mean(), result.deviation(), 100 * result.share(), result.limit(),
                    ratio.map(value -> String.format(Locale.ROOT, "%.2f", value))
                            .orElse(against.isPresent() ? "not run" : ""));
        }
        out().flush();
    }
}
