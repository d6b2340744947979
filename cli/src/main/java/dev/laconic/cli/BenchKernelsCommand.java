package dev.laconic.cli;

import dev.laconic.bench.speed.ProductBench;
import dev.laconic.bench.speed.ProductResult;
import dev.laconic.bench.speed.Roofline;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.io.AtomicFile;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.KernelOptions.Activations;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.MachineLimits;
import dev.laconic.kernels.MachineMeter;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "kernels",
        description = "Times matrix products alone, beside what this machine can do.",
        footer = {"", "Example:", "  laconic bench kernels --types Q8_0,F32 -n 1,512 --plot roofline.svg"})
final class BenchKernelsCommand extends ProgramCommand {
    @Option(
            names = "--types",
            paramLabel = "T",
            split = ",",
            defaultValue = "F32,F16,BF16,Q8_0,Q4_0,Q4_K,Q6_K",
            description = "Types of the weights (default: ${DEFAULT-VALUE}).")
    List<String> types;

    @Option(
            names = "-n",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,4,16,64,512",
            description = "Rows of activations (default: ${DEFAULT-VALUE}).")
    List<Integer> counts;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            defaultValue = "1",
            description = "Threads (default: ${DEFAULT-VALUE}).")
    int threads;

    @Option(
            names = "--provider",
            paramLabel = "P",
            split = ",",
            defaultValue = "auto,vector",
            description = "Arithmetic: auto, native, vector, scalar (default: ${DEFAULT-VALUE}).")
    List<String> providers;

    @Option(names = "--plot", paramLabel = "FILE", description = "Write a roofline plot of the results, as SVG.")
    Optional<Path> plot = Optional.empty();

    @Option(names = "--json", description = "Print one JSON object a line, as results come.")
    boolean json;

    @Override
    public Integer call() {
        for (int n : counts) if (n < 1) throw new UsageException("-n: found " + n + ", expected 1 or more");
        List<TensorType> chosen =
                types.stream().map(type -> ModelOptions.constant("--types", TensorType.class, type)).toList();
        List<ProductResult> results = new ArrayList<>();
        List<MachineLimits> measured = new ArrayList<>();
        try (MachineMeter meter = new MachineMeter(threads)) {
            measured.add(meter.measure());
            if (!json) header(measured.getFirst());
            for (String provider : providers)
                try (Kernels kernels = Kernels.of(new KernelOptions(provider, threads, Activations.AUTO))) {
                    for (TensorType type : chosen)
                        for (int n : counts) {
                            // Java computes these, and has lines of its own.
                            if (providers.size() > 1 && kernels.name().startsWith("native") && type == TensorType.F32) continue;
                            measured.add(meter.measure());
                            ProductResult result = ProductBench.run(kernels, type, n);
                            results.add(result);
                            print(result, measured.getLast());
                        }
                }
        }
        String svg = Roofline.svg(MachineLimits.mean(measured), results);
        plot.ifPresent(file -> AtomicFile.write(
                file, out -> out.bytes(MemorySegment.ofArray(svg.getBytes(StandardCharsets.UTF_8)))));
        return 0;
    }

    private void header(MachineLimits limits) {
        out().printf(Locale.ROOT, "limits with %d threads: %.0f GFLOP/s, %.0f GOP/s of 8 bits, %.1f GB/s%n", threads,
                limits.flops() / 1e9, limits.integerOps() / 1e9, limits.bytes() / 1e9);
        out().printf("%-34s %-6s %5s %8s %8s  %s%n", "kernels", "type", "n", "GOP/s", "GB/s", "of the limit");
    }

    private void print(ProductResult result, MachineLimits limits) {
        if (json) json(result.toMap(limits));
        else
            out().printf(Locale.ROOT, "%-34s %-6s %5d %8.1f %8.2f  %.0f%%%n", result.kernels(), result.type(),
                    result.n(), result.operations() / 1e9, result.bytes() / 1e9, 100 * result.share(limits));
        out().flush();
    }
}
