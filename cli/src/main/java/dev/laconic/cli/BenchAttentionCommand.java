package dev.laconic.cli;

import dev.laconic.bench.speed.AttentionSpeed;
import dev.laconic.kernels.KernelOptions;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "attention",
        description = {
            "Times a decoded token's attention by how keys and values are stored and how many are selected, in the shape"
                    + " of a model of 1B parameters with random keys and values.",
            "Cases take turns; ratios are to f16 and all entries in the same run."
        },
        footer = {
            "",
            "Examples:",
            "  laconic bench attention --lengths 32768 -t 1",
            "  laconic bench attention --lengths 32768 -t 1 -r 15 --layers 16 --codecs F16,ROTATED_4"
        })
final class BenchAttentionCommand extends ProgramCommand {
    @Option(
            names = "--lengths",
            paramLabel = "N",
            split = ",",
            defaultValue = "2048,32768",
            description = "Cached tokens (default: ${DEFAULT-VALUE}).")
    List<Integer> lengths;

    @Option(
            names = "--layers",
            paramLabel = "N",
            defaultValue = "2",
            description = "Layers that are computed; times are given for 16 (default: ${DEFAULT-VALUE}).")
    int layers;

    @Option(
            names = "-r",
            paramLabel = "N",
            defaultValue = "31",
            description = "Turns of each case; the median counts (default: ${DEFAULT-VALUE}).")
    int rounds;

    @Option(
            names = "--codecs",
            paramLabel = "C",
            split = ",",
            description = "Only these, named as they are printed, beside F16 and all entries.")
    List<String> codecs = List.of();

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads that compute; 0, the default, is all processors.")
    int threads;

    @Option(
            names = "--provider",
            paramLabel = "P",
            defaultValue = "auto",
            description = "Arithmetic: auto, native, vector or scalar (default: auto).")
    String provider;

    @Option(names = "--json", description = "Print one JSON object a line, as results come.")
    boolean json;

    @Override
    public Integer call() {
        KernelOptions kernels = KernelOptions.defaults().withProvider(provider).withThreads(threads);
        AttentionSpeed speed = new AttentionSpeed(new AttentionSpeed.Options(lengths, layers, rounds, codecs, kernels));
        if (!json) out().println("length  bytes/token         ms   ratio  codec, entries");
        speed.run(result -> {
            if (json) json(result.toMap());
            else {
                out().printf(Locale.ROOT, "%6d %12.0f %10.3f %6.2fx  %s, %s%n", result.length(), result.bytesPerToken(),
                        result.ms(), result.ratio(), result.codec(), result.selection());
                out().flush();
            }
        });
        return 0;
    }
}
