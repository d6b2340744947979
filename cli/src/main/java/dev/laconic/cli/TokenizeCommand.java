package dev.laconic.cli;

import dev.laconic.model.load.ModelLoader;
import dev.laconic.tokenize.EncodeOptions;
import dev.laconic.tokenize.Encoding;
import dev.laconic.tokenize.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "tokenize",
        description = "Shows the tokens of a text.",
        footer = {
            "", "Examples:",
            "  laconic tokenize --model model.gguf \"Hello, world\"",
            "  laconic tokenize --model model.gguf --count - < book.txt"
        })
final class TokenizeCommand extends ProgramCommand {
    @Mixin
    ModelOptions models;

    @Option(names = "--no-special", description = "Leave out the tokens that the model wants around a text.")
    boolean noSpecial;

    @Option(names = "--parse-special", description = "Special tokens spelt in the text count as such.")
    boolean parseSpecial;

    @Option(names = "--count", description = "Print only how many tokens there are.")
    boolean count;

    @Option(names = "--json", description = "Print ids, tokens and offsets as JSON.")
    boolean json;

    @Parameters(paramLabel = "TEXT|-", description = "The text, or - for standard input.")
    String text;

    @Override
    public Integer call() {
        Tokenizer tokenizer = ModelLoader.tokenizer(models.path(), Optional.ofNullable(models.tokenizer));
        EncodeOptions options = new EncodeOptions(!noSpecial, parseSpecial);
        String input = text.equals("-") ? standardInput() : text;
        if (count) {
            int tokens = tokenizer.count(input, options);
            if (json) json(Map.of("count", tokens));
            else out().println(tokens);
            return 0;
        }
        Encoding encoding = tokenizer.encode(input, options);
        if (json) json(toMap(tokenizer, encoding));
        else
            for (int i = 0; i < encoding.size(); i++)
                out().println(encoding.ids()[i] + "\t" + encoding.starts()[i] + "-" + encoding.ends()[i] + "\t"
                        + tokenizer.token(encoding.ids()[i]));
        return 0;
    }

    private static Map<String, Object> toMap(Tokenizer tokenizer, Encoding encoding) {
        List<String> tokens = new ArrayList<>();
        List<int[]> offsets = new ArrayList<>();
        for (int i = 0; i < encoding.size(); i++) {
            tokens.add(tokenizer.token(encoding.ids()[i]));
            offsets.add(new int[] {encoding.starts()[i], encoding.ends()[i]});
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("ids", encoding.ids());
        map.put("tokens", tokens);
        map.put("offsets", offsets);
        return map;
    }

    static String standardInput() {
        try {
            return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
