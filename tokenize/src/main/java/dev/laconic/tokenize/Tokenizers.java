package dev.laconic.tokenize;

import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.Metadata;
import dev.laconic.format.gguf.GgufFile;
import dev.laconic.format.io.Json;
import dev.laconic.format.io.MappedFile;
import dev.laconic.format.tokenizer.RwkvVocabulary;
import dev.laconic.format.tokenizer.SentencePieceModel;
import dev.laconic.format.tokenizer.TiktokenRanks;
import dev.laconic.format.tokenizer.TokenizerJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Where tokenizers come from. A file that contradicts itself is a {@link dev.laconic.core.error.MalformedInputException}
 * that names the field; a kind of tokenizer that is not known is an {@link UnsupportedModelException} that lists those that
 * are.
 */
public final class Tokenizers {
    private static final String HUGGING_FACE_KEY = "tokenizer.huggingface.json";
    private static final int HEAD = 256;
    private static final int PIECES_TAG = 0x0A;
    private static final List<String> FILES = List.of(
            "GGUF files",
            "tokenizer.json",
            "SentencePiece .model files",
            "tiktoken rank files",
            "RWKV vocabularies",
            "WordPiece vocab.txt");

    private Tokenizers() {}

    /**
     * The tokenizer of a model file, as its metadata under {@code tokenizer.ggml} describe it, or as the whole
     * tokenizer.json that stands under {@code tokenizer.huggingface.json} does.
     */
    public static Tokenizer of(Metadata metadata) {
        Optional<String> json = metadata.string(HUGGING_FACE_KEY).filter(_ -> !metadata.has("tokenizer.ggml.model"));
        return json.map(text -> JsonTokenizers.of(
                        TokenizerJson.parse(metadata.source(), text.getBytes(StandardCharsets.UTF_8)),
                        TokenRoles.of(metadata)))
                .orElseGet(() -> GgufTokenizers.of(metadata));
    }

    /** What a model file's metadata must say for {@link #of} to give a folder's tokenizer; empty without tokenizer.json. */
    public static SequencedMap<String, Object> metadata(Path folder) {
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        Json.bytes(folder.resolve("tokenizer.json")).ifPresent(utf8 -> {
            values.put(HUGGING_FACE_KEY, new String(utf8, StandardCharsets.UTF_8));
            TokenRoles.describe(ofDirectory(folder).special(), values);
        });
        return values;
    }

    /** The tokenizer of a Hugging Face folder, from whichever of the usual files it has. */
    public static Tokenizer ofDirectory(Path folder) {
        return FolderTokenizers.of(folder);
    }

    /**
     * The tokenizer in a file, its kind told by its content. Files beside it say which tokens have a role. A tiktoken file
     * is taken for the known encoding with as many ranks.
     */
    public static Tokenizer ofFile(Path file) {
        if (Files.isDirectory(file)) return ofDirectory(file);
        return switch (kind(file)) {
            case GGUF -> ofGguf(file);
            case JSON ->
                JsonTokenizers.of(
                        TokenizerJson.read(file), TokenRoles.beside(file.toAbsolutePath().getParent()));
            case TIKTOKEN -> ofTiktoken(file, Optional.empty());
            case RWKV -> RwkvTokenizers.of(RwkvVocabulary.read(file));
            case SENTENCE_PIECE -> SentencePieceTokenizers.of(SentencePieceModel.read(file));
            case WORD_PIECE -> FolderTokenizers.wordPiece(file.toAbsolutePath().getParent(), file);
            case OTHER -> throw new UnsupportedModelException(file.toString(), "content", "of another kind", FILES);
        };
    }

    /** Whether a file holds a tokenizer and no model, by its name and its first bytes. */
    public static boolean isTokenizer(Path file) {
        String name = file.getFileName() == null ? "" : file.getFileName().toString();
        boolean model = name.endsWith(".bin") || name.endsWith(".safetensors") || name.endsWith(".index.json");
        if (model || !Files.isRegularFile(file)) return false;
        Kind kind = kind(file);
        return kind != Kind.GGUF && kind != Kind.OTHER;
    }

    private enum Kind {
        GGUF,
        JSON,
        TIKTOKEN,
        RWKV,
        SENTENCE_PIECE,
        WORD_PIECE,
        OTHER
    }

    private static Kind kind(Path file) {
        byte[] head = head(file);
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("GGUF")) return Kind.GGUF;
        if (text.stripLeading().startsWith("{")) return Kind.JSON;
        String line = text.lines().findFirst().orElse("");
        if (line.matches("[A-Za-z0-9+/]+={0,2} \\d+")) return Kind.TIKTOKEN;
        if (line.matches("\\d+ b?['\"].*")) return Kind.RWKV;
        if (head.length > 0 && head[0] == PIECES_TAG) return Kind.SENTENCE_PIECE;
        return file.getFileName().toString().endsWith("vocab.txt") ? Kind.WORD_PIECE : Kind.OTHER;
    }

    private static Tokenizer ofGguf(Path file) {
        try (GgufFile gguf = GgufFile.open(file)) {
            return of(gguf.metadata());
        }
    }

    /**
     * The tokenizer of a tiktoken rank file.
     *
     * @param encoding its name, as in {@code cl100k_base}; if empty, the known one with as many ranks
     */
    public static Tokenizer ofTiktoken(Path file, Optional<String> encoding) {
        return TiktokenTokenizers.of(TiktokenRanks.read(file), encoding);
    }

    /**
     * The byte-level byte-pair tokenizer of a vocabulary and its merges.
     *
     * @param vocabulary a JSON object of ids by token
     * @param merges one merge a line
     * @param pattern cuts words, in Oniguruma's syntax; GPT-2's if empty
     */
    public static Tokenizer ofVocabulary(Path vocabulary, Path merges, Optional<String> pattern) {
        return FolderTokenizers.bytePair(vocabulary.toAbsolutePath().getParent(), vocabulary, merges, pattern);
    }

    private static byte[] head(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(HEAD);
        } catch (IOException e) {
            throw MappedFile.unreadable(file, e);
        }
    }
}
