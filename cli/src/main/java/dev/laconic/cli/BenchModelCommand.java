package dev.laconic.cli;

import dev.laconic.bench.synthetic.RandomLlama;
import dev.laconic.bench.synthetic.Shape;
import dev.laconic.weights.Quantiser;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "model",
        description = "Writes a model of a published shape with random weights, to measure speed without a download.",
        footer = {"", "Example:", "  laconic bench model 135M --type Q4_0 --out random-135m.gguf"})
final class BenchModelCommand extends ProgramCommand {
    @Parameters(paramLabel = "SHAPE", description = "One of ${COMPLETION-CANDIDATES}.", completionCandidates = Names.class)
    String shape;

    @Option(
            names = "--type",
            paramLabel = "T",
            defaultValue = "Q8_0",
            description = "Type of the matrices: F16, Q8_0, Q4_0, Q4_K, ... (default: ${DEFAULT-VALUE}).")
    String type;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "The same seed gives the same file (default: ${DEFAULT-VALUE}).")
    long seed;

    @Option(names = "--out", required = true, paramLabel = "F", description = "The GGUF file to write.")
    Path out;

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    @Override
    public Integer call() {
        Shape chosen = Shape.named(shape);
        RandomLlama.write(chosen, Quantiser.type(type), seed, out);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("file", out.toString());
        map.put("parameters", chosen.parameters());
        map.put("bytes", out.toFile().length());
        if (json) json(map);
        else out().printf("%s: %,d parameters, %,d bytes%n", map.values().toArray());
        return 0;
    }

    /** The shapes' names. */
    static final class Names implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return Shape.names().iterator();
        }
    }
}
