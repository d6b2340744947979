package dev.laconic.cli;

import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.KernelOptions.Activations;
import dev.laconic.kernels.Kernels;
import dev.laconic.model.parity.Parity;
import dev.laconic.model.parity.ParityResult;
import dev.laconic.model.parity.ParityResult.Status;
import dev.laconic.model.parity.Reference;
import dev.laconic.model.parity.ReferenceSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "parity",
        description = "Compares models with outputs that an independent engine recorded for them; prints Markdown.",
        footer = {"", "Example:", "  laconic parity --data ../shared/parity > docs/parity.md"})
final class ParityCommand extends ProgramCommand {
    @Option(names = "--data", required = true, paramLabel = "DIR", description = "A folder of models with an INDEX.json.")
    Path data;

    @Option(names = "--provider", paramLabel = "P", defaultValue = "auto", description = "Arithmetic: auto, native, vector or scalar (default: ${DEFAULT-VALUE}).")
    String provider;

    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    /** A model's results: with float32 activations, and with 8-bit ones where its weights are quantised. */
    private record Line(Reference reference, ParityResult exact, List<ParityResult> rounded) {
        boolean differs() {
            return exact.status() == Status.DIFFERENT || rounded.stream().anyMatch(each -> each.status() == Status.DIFFERENT);
        }
    }

    @Override
    public Integer call() {
        ReferenceSet references = ReferenceSet.open(data);
        List<Line> models = new ArrayList<>();
        List<Line> quantised = new ArrayList<>();
        KernelOptions options = KernelOptions.defaults().withProvider(provider);
        String name;
        String roundingName;
        try (Kernels exact = Kernels.of(options.withActivations(Activations.F32));
                Kernels rounding = Kernels.of(options.withActivations(Activations.INT8));
                Progress progress = new Progress("parity")) {
            name = exact.name();
            roundingName = rounding.name();
            List<Reference> plain = references.models();
            List<Reference> rounded = references.quantisedModels();
            for (Reference reference : plain) {
                models.add(new Line(reference, Parity.compare(reference, exact, false), List.of()));
                progress.update(models.size(), plain.size() + rounded.size());
            }
            for (Reference reference : rounded) {
                quantised.add(new Line(reference, Parity.compare(reference, exact, false),
                        List.of(Parity.compare(reference, rounding, true))));
                progress.update(plain.size() + quantised.size(), plain.size() + rounded.size());
            }
        }
        List<Line> all = new ArrayList<>(models);
        all.addAll(quantised);
        if (json) json(all.stream().map(ParityCommand::toMap).toList());
        else print(name, roundingName, models, quantised);
        return all.stream().anyMatch(Line::differs) ? 1 : 0;
    }

    private static Map<String, Object> toMap(Line line) {
        Map<String, Object> map = new LinkedHashMap<>();
        ParityResult exact = line.exact;
        map.put("model", exact.model());
        map.put("architecture", exact.architecture());
        map.put("kind", line.reference.kind());
        map.put("status", exact.status().name().toLowerCase(Locale.ROOT));
        if (exact.status() == Status.REFUSED) {
            map.put("error", exact.message());
            return map;
        }
        map.put("maxAbs", exact.outputs().maxAbs());
        map.put("nmse", exact.outputs().nmse());
        map.put("firstDifference", exact.firstDifference());
        map.put("greedyCompared", exact.greedyCompared());
        map.put("greedyEqual", exact.greedyEqual());
        for (ParityResult rounded : line.rounded) {
            map.put("int8Status", rounded.status().name().toLowerCase(Locale.ROOT));
            map.put("int8Nmse", rounded.outputs().nmse());
            line.reference.rounded().ifPresent(recorded -> map.put("int8NmseRecorded", recorded));
        }
        return map;
    }

    private void print(String kernels, String rounding, List<Line> models, List<Line> quantised) {
        out().printf("""
                # Parity

                Tiny models of many architectures, with weights drawn at random, against what llama.cpp computed with them in float32.
                `./laconic parity --data ../shared/parity > docs/parity.md` writes this file; the models and recordings are not
                part of this repository. Here with the %s kernels, keys and values in float32.

                A model is **equal** where logits (deviation about 2) and embeddings differ by at most 1e-4 and their squared
                difference is at most 1e-10 of the reference's squares, where the residual stream after every layer agrees as
                closely, and where the greedy continuation is the same for as long as the recorded margin between the best two
                tokens tells them apart. Two texts in one step are compared too, where they were recorded.

                | model | architecture | max abs | nmse | first difference | greedy | status |
                |---|---|--:|--:|---|--:|---|
                """, kernels);
        List<Line> refused = new ArrayList<>();
        for (Line line : models) {
            ParityResult exact = line.exact;
            if (exact.status() == Status.REFUSED) {
                refused.add(line);
                continue;
            }
            out().printf(Locale.ROOT, "| %s | %s | %.1e | %.1e | %s | %s | %s |%n", exact.model(), exact.architecture(),
                    exact.outputs().maxAbs(), exact.outputs().nmse(), exact.firstDifference(), greedy(exact), status(exact));
        }
        if (!refused.isEmpty()) {
            out().printf("%nRefused, each with an error that lists what is supported:%n%n");
            for (Line line : refused)
                out().printf("- %s: architecture `%s`%n", line.exact.model(), line.exact.architecture());
        }
        out().printf("""

                ## Quantised weights

                Against the same weights decoded to float32. With float32 activations the limits are those above. Rounding
                activations to 8 bits, here with the %s kernels, moves the logits: the squared distance may be at most twice what
                llama.cpp's own rounding shows on the same file.

                | model | max abs | nmse | greedy | status | nmse, 8-bit activations | llama.cpp's | status |
                |---|--:|--:|--:|---|--:|--:|---|
                """, rounding);
        for (Line line : quantised) {
            ParityResult exact = line.exact;
            ParityResult rounded = line.rounded.getFirst();
            out().printf(Locale.ROOT, "| %s | %.1e | %.1e | %s | %s | %.1e | %.1e | %s |%n", exact.model(),
                    exact.outputs().maxAbs(), exact.outputs().nmse(), greedy(exact), status(exact),
                    rounded.outputs().nmse(), line.reference.rounded().orElse(Double.NaN), status(rounded));
        }
        out().flush();
    }

    private static String greedy(ParityResult result) {
        return result.greedyCompared() == 0 ? "" : result.greedyEqual() + " of " + result.greedyCompared();
    }

    private static String status(ParityResult result) {
        return result.status().name().toLowerCase(Locale.ROOT);
    }
}
