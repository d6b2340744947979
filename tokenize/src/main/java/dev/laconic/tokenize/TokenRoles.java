package dev.laconic.tokenize;

import dev.laconic.format.Metadata;
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
 * @param ids the same, where a model's metadata say it by number
 * @param ends ids that end generation
 */
record TokenRoles(Map<String, String> spellings, Map<String, Integer> ids, Set<Integer> ends) {
    static final TokenRoles NONE = new TokenRoles(Map.of(), Map.of(), Set.of());

    /** Metadata key of the ids that end generation, of which GGUF itself can name only two. */
    private static final String ENDS_KEY = "laconic.tokenizer.end_token_ids";

    private static final Map<String, String> GGUF_KEYS = Map.of(
            "bos_token", "bos_token_id",
            "eos_token", "eos_token_id",
            "unk_token", "unknown_token_id",
            "sep_token", "seperator_token_id",
            "pad_token", "padding_token_id",
            "mask_token", "mask_token_id");

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
        return new TokenRoles(spellings, Map.of(), ends);
    }

    /** What a model's metadata say under {@code tokenizer.ggml}. */
    static TokenRoles of(Metadata metadata) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        GGUF_KEYS.forEach((role, key) ->
                metadata.integer("tokenizer.ggml." + key, 0, Integer.MAX_VALUE).ifPresent(id -> ids.put(role, id)));
        Set<Integer> ends = new LinkedHashSet<>();
        metadata.integers(ENDS_KEY).ifPresent(all -> {
            for (long id : all) if (id == (int) id) ends.add((int) id);
        });
        metadata.integer("tokenizer.ggml.eot_token_id", 0, Integer.MAX_VALUE).ifPresent(ends::add);
        return new TokenRoles(Map.of(), ids, ends);
    }

    /** Adds to metadata what {@link #of} reads. */
    static void describe(SpecialTokens special, Map<String, Object> values) {
        Map<String, OptionalInt> roles = Map.of(
                "bos_token", special.bos(),
                "eos_token", special.eos(),
                "unk_token", special.unk(),
                "sep_token", special.sep(),
                "pad_token", special.pad(),
                "mask_token", special.mask());
        roles.forEach((role, id) ->
                id.ifPresent(token -> values.put("tokenizer.ggml." + GGUF_KEYS.get(role), (long) token)));
        special.eot().ifPresent(token -> values.put("tokenizer.ggml.eot_token_id", (long) token));
        values.put(ENDS_KEY, special.endOfGeneration().stream().mapToLong(Integer::longValue).sorted().toArray());
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
            Integer id = ids.get(name);
            if (id != null && id < vocabulary.size()) return OptionalInt.of(id);
        }
        return OptionalInt.empty();
    }
}
