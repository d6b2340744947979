package dev.laconic.format.tokenizer;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.io.Json;
import dev.laconic.format.io.Quoted;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Vocabularies that lie in files of their own, as tokenizers had them before {@code tokenizer.json}. */
public final class VocabularyFiles {
    private VocabularyFiles() {}

    /**
     * A byte-pair model of {@code vocab.json}, ids by token, and {@code merges.txt}, one merge a line.
     *
     * @throws MalformedInputException if a file is not what it should be
     */
    public static TokenizerJson.Model bytePair(Path vocabulary, Path merges) {
        return new TokenizerJson.Model(
                "BPE", ids(vocabulary), Optional.empty(), merges(merges), JsonNodeFactory.instance.objectNode());
    }

    /** Ids by token, from a JSON object. */
    public static Map<String, Integer> ids(Path file) {
        JsonNode tree = Json.read(file).orElseThrow(() -> missing(file));
        if (!tree.isObject()) throw new MalformedInputException(file.toString(), "the document", "no object", "an object");
        int limit = tree.size() + TokenizerJson.MAX_GAPS;
        Map<String, Integer> ids = new LinkedHashMap<>();
        tree.forEachEntry((token, id) -> {
            if (!id.isInt() || id.asInt() < 0 || id.asInt() >= limit)
                throw new MalformedInputException(file.toString(), Quoted.of(token), id, "an id below " + limit);
            ids.put(token, id.asInt());
        });
        return ids;
    }

    private static List<String> merges(Path file) {
        List<String> halves = new ArrayList<>();
        int number = 0;
        for (String line : lines(file)) {
            number++;
            if (line.isBlank() || line.startsWith("#version")) continue;
            int space = line.indexOf(' ');
            if (space <= 0 || line.indexOf(' ', space + 1) >= 0)
                throw new MalformedInputException(
                        file.toString(), "line " + number, Quoted.of(line), "two tokens with one space between them");
            halves.add(line.substring(0, space));
            halves.add(line.substring(space + 1));
        }
        return halves;
    }

    /** A WordPiece model of {@code vocab.txt}, one token a line in the order of ids. */
    public static TokenizerJson.Model wordPiece(Path vocabulary) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        int id = 0;
        for (String line : lines(vocabulary)) ids.put(line.stripTrailing(), id++);
        return new TokenizerJson.Model(
                "WordPiece", ids, Optional.empty(), List.of(), JsonNodeFactory.instance.objectNode());
    }

    private static List<String> lines(Path file) {
        String content = new String(Json.bytes(file).orElseThrow(() -> missing(file)), StandardCharsets.UTF_8);
        List<String> lines = new ArrayList<>(List.of(content.split("\r?\n", -1)));
        if (lines.getLast().isEmpty()) lines.removeLast();
        return lines;
    }

    private static LaconicException missing(Path file) {
        return new LaconicException(file + ": no such file");
    }
}
