package dev.laconic.cli;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.UsageException;
import dev.laconic.kernels.KernelOptions.Activations;
import dev.laconic.kernels.KvType;
import dev.laconic.model.Logits;
import dev.laconic.model.Mask;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.load.LoadedModel;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "logits",
        description = "Writes the logits of every position: float32, little-endian, row after row.",
        footer = {"", "Example:", "  laconic logits --model model.gguf --ids 1,15043,29892 --out logits.f32"})
final class LogitsCommand extends ProgramCommand {
    @Mixin
    ModelOptions models;

    @Option(names = "--ids", required = true, paramLabel = "1,2,3", description = "Token ids.")
    String ids;

    @Option(names = "--out", required = true, paramLabel = "F", description = "The file to write.")
    Path out;

    @Option(names = "--chunk", paramLabel = "N", defaultValue = "512", description = "Rows computed in one step (default: ${DEFAULT-VALUE}).")
    int chunk;

    @Option(names = "--json", description = "Print what was written as JSON.")
    boolean json;

    @Override
    public Integer call() {
        int[] tokens = SamplingOptions.ids(ids);
        if (tokens.length == 0) throw new UsageException("--ids: give at least one token id");
        if (chunk < 1) throw new UsageException("--chunk: found " + chunk + ", expected 1 or more");
        try (LoadedModel loaded = models.open(Activations.F32);
                Sequence sequence = models.sequence(loaded, KvType.F32)) {
            write(loaded.model(), sequence, tokens);
            if (json) json(Map.of("rows", tokens.length, "vocabulary", loaded.model().vocabulary(),
                    "kernels", loaded.model().kernels().name(), "file", out.toString()));
            return 0;
        }
    }

    /** Writes under a temporary name, so that the file is whole or not there. */
    private void write(Model model, Sequence sequence, int[] tokens) {
        Path temporary = out.resolveSibling(out.getFileName() + ".part");
        try {
            try (OutputStream stream = Files.newOutputStream(temporary);
                    Progress progress = new Progress("logits")) {
                State state = model.newState();
                // Rows that see the whole text must all be in one step.
                int step = model.architecture().mask() == Mask.CAUSAL ? chunk : tokens.length;
                for (int from = 0; from < tokens.length; from += step) {
                    int to = Math.min(tokens.length, from + step);
                    model.embed(new Rows().append(sequence, model.architecture().mask(), tokens, from, to, true), state);
                    model.advance(state);
                    Logits logits = model.project(state);
                    int count = logits.rows() * logits.vocabulary();
                    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(count, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
                    bytes.asFloatBuffer().put(logits.values(), 0, count);
                    stream.write(bytes.array());
                    progress.update(to, tokens.length);
                }
            }
            Files.move(temporary, out, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new LaconicException("cannot write " + out + ": " + failure.getMessage(), failure);
        } finally {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException ignored) {
                // What could not be removed was never moved into place.
            }
        }
    }
}
