package dev.laconic.cli;

import dev.laconic.format.Metadata;
import dev.laconic.kernels.Kernels;
import dev.laconic.tokenize.EncodeOptions;
import dev.laconic.tokenize.Tokenizer;
import dev.laconic.tokenize.Tokenizers;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Runs commands once, whatever they print: the launcher does this after a build and keeps the classes that Java loaded, so that
 * later runs start faster. Since Java loads all that are kept, those of the plainest run are kept apart.
 */
final class Trial {
    private static final String TEXT = "Once upon a time, in 1999, there was a café.";

    private Trial() {}

    /** What is tried. */
    enum Kind {
        /** A text that goes on, with no technique. */
        TEXT,
        /** All common commands. */
        ALL
    }

    /** @param arguments {@code text} or {@code all}, and perhaps a model */
    public static void main(String[] arguments) {
        Stderr.take();
        Kind kind = Kind.valueOf(arguments[0].toUpperCase(Locale.ROOT));
        Optional<Path> model = arguments.length < 2 ? Optional.empty() : Optional.of(Path.of(arguments[1]));
        int code = run(kind, model, Main.out(), Main.err());
        // The launcher says nothing on standard input, so that these end at once; how, depends on where they run.
        if (kind == Kind.ALL && model.isPresent()) {
            String file = model.get().toString();
            Main.run(new String[] {"ask", "-", TEXT, "--model", file, "--max-tokens", "2"}, Main.out(), Main.err());
            Main.run(new String[] {"chat", "--model", file}, Main.out(), Main.err());
        }
        if (code != 0) System.exit(code);
    }

    /** The highest exit code of the commands. */
    static int run(Kind kind, Optional<Path> model, PrintWriter out, PrintWriter err) {
        Kernels.load();
        arrays().forEach(array -> array.asSlice(0, array.byteSize()));
        tokenizer().ids(TEXT, EncodeOptions.PROMPT);
        int code = 0;
        for (List<String> command : commands(kind, model))
            code = Math.max(code, Main.run(command.toArray(String[]::new), out, err));
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

    private static List<List<String>> commands(Kind kind, Optional<Path> model) {
        List<List<String>> commands = new ArrayList<>();
        model.map(Path::toString).ifPresent(file -> {
            commands.add(List.of("generate", "--model", file, "--prompt", TEXT, "--max-tokens", "32"));
            if (kind == Kind.TEXT) return;
            commands.add(List.of("generate", "--model", file, "--prompt", TEXT, "--max-tokens", "2", "--json"));
            commands.add(List.of("generate", "--model", file, "--prompt", TEXT, "--max-tokens", "2", "--cache", "snapkv"));
            commands.add(List.of("inspect", file, "--json"));
            commands.add(List.of("tokenize", "--model", file, "--json", TEXT));
        });
        if (kind == Kind.TEXT) return commands;
        commands.add(List.of("--help"));
        commands.add(List.of("techniques", "--json"));
        return commands;
    }
}
