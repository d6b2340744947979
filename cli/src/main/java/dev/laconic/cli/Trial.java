package dev.laconic.cli;

import dev.laconic.format.Metadata;
import dev.laconic.kernels.Kernels;
import dev.laconic.tokenize.EncodeOptions;
import dev.laconic.tokenize.Tokenizer;
import dev.laconic.tokenize.Tokenizers;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Runs the common commands once and prints nothing: the launcher does this after a build and keeps the classes that Java
 * loaded, so that later runs start faster.
 */
final class Trial {
    private static final String TEXT = "Once upon a time, in 1999, there was a café.";

    private Trial() {}

    /** @param arguments a model, or nothing */
    public static void main(String[] arguments) {
        Stderr.take();
        Optional<Path> model = arguments.length == 0 ? Optional.empty() : Optional.of(Path.of(arguments[0]));
        System.exit(run(model));
    }

    /** The highest exit code of the commands. */
    static int run(Optional<Path> model) {
        Kernels.load();
        arrays().forEach(array -> array.asSlice(0, array.byteSize()));
        tokenizer().ids(TEXT, EncodeOptions.PROMPT);
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        int code = 0;
        for (List<String> command : commands(model))
            code = Math.max(code, Main.run(command.toArray(String[]::new), nowhere, nowhere));
        return code;
    }

    /** Arrays of all types that files have, of which that of the model that comes with the program has a few. */
    private static List<MemorySegment> arrays() {
        return List.of(
                MemorySegment.ofArray(new byte[1]), MemorySegment.ofArray(new short[1]), MemorySegment.ofArray(new int[1]),
                MemorySegment.ofArray(new long[1]), MemorySegment.ofArray(new float[1]), MemorySegment.ofArray(new double[1]));
    }

    /** A SentencePiece tokenizer, since the model that comes with the program has another. */
    private static Tokenizer tokenizer() {
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        values.put("tokenizer.ggml.model", "llama");
        values.put("tokenizer.ggml.tokens", List.of("<unk>", "<s>", "</s>", "<0x41>", "▁", "a", "▁a"));
        values.put("tokenizer.ggml.scores", new float[] {0, 0, 0, 0, -1, -2, -3});
        values.put("tokenizer.ggml.token_type", new long[] {2, 3, 3, 6, 1, 1, 1});
        return Tokenizers.of(new Metadata("trial", values));
    }

    private static List<List<String>> commands(Optional<Path> model) {
        List<List<String>> commands = new ArrayList<>();
        commands.add(List.of("--help"));
        commands.add(List.of("techniques", "--json"));
        model.map(Path::toString).ifPresent(file -> {
            commands.add(List.of("inspect", file, "--json"));
            commands.add(List.of("tokenize", "--model", file, "--json", TEXT));
            commands.add(List.of("generate", "--model", file, "--prompt", TEXT, "--max-tokens", "32", "--json"));
            commands.add(List.of("generate", "--model", file, "--prompt", TEXT, "--max-tokens", "2"));
        });
        return commands;
    }
}
