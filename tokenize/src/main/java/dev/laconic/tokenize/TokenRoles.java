package dev.laconic.tokenize;

import dev.laconic.format.io.Json;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Which tokens have a role, as the files beside a tokenizer say.
 *
 * @param spellings by the name of the role, as in {@code bos_token}
 * @param ends ids that end generation
 */
record TokenRoles(Map<String, String> spellings, Set<Integer> ends) {
    static final TokenRoles NONE = new TokenRoles(Map.of(), Set.of());

    private static final List<String> NAMES = List.of(
            "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    /** What the configuration files in {@code folder} say, as far as there are any. */
    static TokenRoles beside(Path folder) {
        Map<String, String> spellings = new LinkedHashMap<>();
        for (String file : List.of("special_tokens_map.json", "tokenizer_config.json")) {
            Optional<JsonNode> config = Json.read(folder.resolve(file));
            for (String name : NAMES)
                config.flatMap(node -> spelling(node.path(name))).ifPresent(token -> spellings.put(name, token));
        }
        Set<Integer> ends = new LinkedHashSet<>();
        for (String file : List.of("generation_config.json", "config.json"))
            Json.read(folder.resolve(file)).ifPresent(config -> addIds(config.path("eos_token_id"), ends));
        return new TokenRoles(spellings, ends);
    }

    private static Optional<String> spelling(JsonNode node) {
        JsonNode content = node.isObject() ? node.path("content") : node;
        return content.isString() ? Optional.of(content.asString()) : Optional.empty();
    }

    private static void addIds(JsonNode node, Set<Integer> ids) {
        if (node.isInt()) ids.add(node.asInt());
        if (node.isArray()) for (JsonNode id : node) if (id.isInt()) ids.add(id.asInt());
    }

    /**
     * Looks the roles up; where the files name none, what a text begins and ends with and common spellings decide.
     *
     * @param unknown the model's unknown token
     */
    SpecialTokens resolve(Vocabulary vocabulary, JsonPostProcessor post, OptionalInt unknown) {
        OptionalInt bos = first(vocabulary, "bos_token", "cls_token");
        if (bos.isEmpty() && post.before().length > 0) bos = OptionalInt.of(post.before()[0]);
        OptionalInt eos = first(vocabulary, "eos_token");
        if (eos.isEmpty() && post.after().length > 0 && first(vocabulary, "sep_token").isEmpty())
            eos = OptionalInt.of(post.after()[0]);
        OptionalInt unk = first(vocabulary, "unk_token");
        Set<Integer> all = new LinkedHashSet<>();
        for (int id : ends) if (id >= 0 && id < vocabulary.size()) all.add(id);
        eos.ifPresent(all::add);
        OptionalInt eot = OptionalInt.empty();
        for (String spelling : GgufSpecials.END_OF_TURN) {
            OptionalInt id = vocabulary.id(spelling);
            if (id.isEmpty() || !vocabulary.isControl(id.getAsInt())) continue;
            all.add(id.getAsInt());
            if (eot.isEmpty()) eot = id;
        }
        return new SpecialTokens(
                bos,
                eos,
                eot,
                unk.isPresent() ? unk : unknown,
                first(vocabulary, "sep_token"),
                first(vocabulary, "pad_token"),
                first(vocabulary, "mask_token"),
                all);
    }

    private OptionalInt first(Vocabulary vocabulary, String... names) {
        for (String name : names) {
            String spelling = spellings.get(name);
            if (spelling != null && vocabulary.id(spelling).isPresent()) return vocabulary.id(spelling);
        }
        return OptionalInt.empty();
    }
}
