package dev.laconic.cli;

import dev.laconic.core.error.UsageException;
import dev.laconic.format.ModelFile;
import dev.laconic.model.load.ModelLoader;
import dev.laconic.weights.Quantiser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "quantize",
        description = "Writes a model as GGUF with its matrices in another element type.",
        footer = {
            "", "Examples:",
            "  laconic quantize --model model-f16.gguf --type Q4_K --out model-q4_k.gguf",
            "  laconic quantize --model stories260K.bin --type F32 --out stories260K.gguf"
        })
final class QuantizeCommand extends ProgramCommand {
    @Option(
            names = {"-m", "--model"},
            required = true,
            paramLabel = "M",
            description = "The model to read, of any format.")
    Path model;

    @Option(names = "--tokenizer", paramLabel = "F", description = "Its tokenizer's file, where it is not beside the model.")
    Optional<Path> tokenizer = Optional.empty();

    @Option(names = "--type", required = true, paramLabel = "T", description = "F32, F16, BF16, Q8_0, Q4_0, Q4_K, ...")
    String type;

    @Option(names = "--pure", description = "Convert the token embedding and the output head like all the rest.")
    boolean pure;

    @Option(names = "--out", required = true, paramLabel = "F", description = "The GGUF file to write.")
    Path out;

    @Option(names = "--json", description = "Print what was done as JSON.")
    boolean json;

    @Override
    public Integer call() {
        Quantiser quantiser = new Quantiser(Quantiser.type(type), pure);
        if (Files.exists(out) && Files.exists(model) && sameFile())
            throw new UsageException("--out is the model itself; give another name");
        try (ModelFile source = ModelLoader.forWriting(model, tokenizer);
                Progress progress = new Progress("quantize")) {
            Quantiser.Summary summary = quantiser.write(source, out, progress::update);
            if (json) {
                Map<String, Object> map = new LinkedHashMap<>();
                map.put("file", out.toString());
                map.put("tensors", summary.tensors());
                map.put("converted", summary.converted());
                map.put("bytesBefore", summary.bytesBefore());
                map.put("bytesAfter", summary.bytesAfter());
                json(map);
            } else
                out().printf(Locale.ROOT, "%s: %d of %d tensors converted, %,d bytes of weights became %,d%n", out,
                        summary.converted(), summary.tensors(), summary.bytesBefore(), summary.bytesAfter());
            return 0;
        }
    }

    private boolean sameFile() {
        try {
            return Files.isSameFile(out, model);
        } catch (java.io.IOException unreadable) {
            return false;
        }
    }
}
