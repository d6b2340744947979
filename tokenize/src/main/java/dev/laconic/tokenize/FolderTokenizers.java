package dev.laconic.tokenize;

import dev.laconic.core.error.LaconicException;
import dev.laconic.format.io.Json;
import dev.laconic.format.tokenizer.AddedToken;
import dev.laconic.format.tokenizer.TokenizerJson;
import dev.laconic.format.tokenizer.VocabularyFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Builds the tokenizer of a Hugging Face folder from whichever of its files there are. */
final class FolderTokenizers {
    private static final String QWEN2 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String LLAMA3 = QWEN2.replace("\\p{N}|", "\\p{N}{1,3}|");
    private static final List<String> MODELS =
            List.of("tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "spm.model", "source.spm");
    private static final String EXPECTED = "tokenizer.json, tokenizer.model, vocab.json with merges.txt, vocab.txt,"
            + " a .tiktoken file or an rwkv_vocab*.txt";

    private FolderTokenizers() {}

    static Tokenizer of(Path folder) {
        if (Files.exists(folder.resolve("tokenizer.json"))) return Tokenizers.ofFile(folder.resolve("tokenizer.json"));
        for (String model : MODELS)
            if (Files.exists(folder.resolve(model))) return Tokenizers.ofFile(folder.resolve(model));
        Path vocabulary = folder.resolve("vocab.json");
        if (Files.exists(vocabulary) && Files.exists(folder.resolve("merges.txt")))
            return bytePair(folder, vocabulary, folder.resolve("merges.txt"), pattern(folder, vocabulary));
        if (Files.exists(folder.resolve("vocab.txt"))) return wordPiece(folder, folder.resolve("vocab.txt"));
        return Tokenizers.ofFile(byName(folder));
    }

    private static Path byName(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(FolderTokenizers::isTokenizer)
                    .sorted()
                    .findFirst()
                    .orElseThrow(() -> new LaconicException(folder + ": no tokenizer here, expected " + EXPECTED));
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be listed", e);
        }
    }

    private static boolean isTokenizer(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".tiktoken") || name.startsWith("rwkv_vocab") && name.endsWith(".txt");
    }

    /**
     * Which pattern cuts words, empty for GPT-2's. Where the configuration does not tell, the vocabulary does: its longest
     * token of digits is as long as the pattern lets numbers be.
     */
    private static Optional<String> pattern(Path folder, Path vocabulary) {
        String tokenizer = text(folder, "tokenizer_config.json", "tokenizer_class");
        String model = text(folder, "config.json", "model_type");
        if (tokenizer.startsWith("Qwen2") || model.startsWith("qwen")) return Optional.of(QWEN2);
        if (!tokenizer.isEmpty() || !model.isEmpty()) return Optional.empty();
        int digits = VocabularyFiles.ids(vocabulary).keySet().stream()
                .filter(token -> token.chars().allMatch(c -> c >= '0' && c <= '9'))
                .mapToInt(String::length)
                .max()
                .orElse(0);
        return switch (digits) {
            case 1 -> Optional.of(QWEN2);
            case 2, 3 -> Optional.of(LLAMA3);
            default -> Optional.empty();
        };
    }

    private static String text(Path folder, String file, String name) {
        return Json.read(folder.resolve(file))
                .map(config -> config.path(name).asString(""))
                .orElse("");
    }

    /** @param pattern cuts words, in Oniguruma's syntax; GPT-2's otherwise */
    static Tokenizer bytePair(Path folder, Path vocabulary, Path merges, Optional<String> pattern) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        JsonNode byteLevel = json.objectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("use_regex", pattern.isEmpty());
        JsonNode cut = pattern.<JsonNode>map(regex -> json.objectNode()
                        .put("type", "Sequence")
                        .set(
                                "pretokenizers",
                                json.arrayNode()
                                        .add(json.objectNode()
                                                .put("type", "Split")
                                                .put("behavior", "Isolated")
                                                .set("pattern", json.objectNode().put("Regex", regex)))
                                        .add(byteLevel)))
                .orElse(byteLevel);
        boolean composed = pattern.filter(QWEN2::equals).isPresent();
        TokenizerJson file = new TokenizerJson(
                vocabulary.toString(),
                VocabularyFiles.bytePair(vocabulary, merges),
                added(folder),
                composed ? json.objectNode().put("type", "NFC") : json.nullNode(),
                cut,
                json.nullNode(),
                byteLevel);
        return JsonTokenizers.of(file, TokenRoles.beside(folder));
    }

    static Tokenizer wordPiece(Path folder, Path vocabulary) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        JsonNode config = Json.read(folder.resolve("tokenizer_config.json")).orElseGet(json::objectNode);
        TokenizerJson.Model model = VocabularyFiles.wordPiece(vocabulary);
        boolean lowerCase = JsonStages.flag(config, "do_lower_case", true);
        JsonNode normalizer = json.objectNode()
                .put("type", "BertNormalizer")
                .put("lowercase", lowerCase)
                .put("strip_accents", JsonStages.flag(config, "strip_accents", lowerCase))
                .put("handle_chinese_chars", JsonStages.flag(config, "tokenize_chinese_chars", true));
        List<AddedToken> special = new ArrayList<>();
        for (String spelling : List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")) {
            Integer id = model.vocabulary().get(spelling);
            if (id != null) special.add(new AddedToken(id, spelling, false, false, false, false, true));
        }
        Integer cls = model.vocabulary().get("[CLS]");
        Integer sep = model.vocabulary().get("[SEP]");
        JsonNode post = cls == null || sep == null
                ? json.nullNode()
                : json.objectNode()
                        .put("type", "BertProcessing")
                        .<tools.jackson.databind.node.ObjectNode>set("cls", json.arrayNode().add("[CLS]").add(cls))
                        .set("sep", json.arrayNode().add("[SEP]").add(sep));
        TokenizerJson file = new TokenizerJson(
                vocabulary.toString(),
                model,
                special,
                normalizer,
                json.objectNode().put("type", "BertPreTokenizer"),
                post,
                json.objectNode().put("type", "WordPiece"));
        return JsonTokenizers.of(file, TokenRoles.beside(folder));
    }

    /** The tokens that {@code tokenizer_config.json} and {@code added_tokens.json} add. */
    private static List<AddedToken> added(Path folder) {
        Map<String, AddedToken> tokens = new LinkedHashMap<>();
        Json.read(folder.resolve("added_tokens.json"))
                .ifPresent(ids -> ids.forEachEntry((spelling, id) -> tokens.put(
                        spelling, new AddedToken(id.asInt(0), spelling, false, false, false, false, true))));
        Json.read(folder.resolve("tokenizer_config.json"))
                .ifPresent(config -> config.path("added_tokens_decoder").forEachEntry((id, token) -> {
                    String spelling = token.path("content").asString("");
                    boolean special = token.path("special").asBoolean(false);
                    tokens.put(
                            spelling,
                            new AddedToken(
                                    Math.max(0, parse(id)),
                                    spelling,
                                    token.path("single_word").asBoolean(false),
                                    token.path("lstrip").asBoolean(false),
                                    token.path("rstrip").asBoolean(false),
                                    token.path("normalized").asBoolean(!special),
                                    special));
                }));
        return tokens.values().stream()
                .sorted((a, b) -> Integer.compare(a.id(), b.id()))
                .toList();
    }

    private static int parse(String id) {
        try {
            return Integer.parseInt(id);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
