package dev.laconic.tokenize;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.io.Quoted;
import dev.laconic.tokenize.text.CharsMap;
import dev.laconic.tokenize.text.LiteralPattern;
import dev.laconic.tokenize.text.Normalizer;
import dev.laconic.tokenize.text.Normalizers;
import dev.laconic.tokenize.text.Patterns;
import dev.laconic.tokenize.text.PreTokenizer;
import dev.laconic.tokenize.text.PreTokenizers;
import dev.laconic.tokenize.text.PreTokenizers.Prepend;
import dev.laconic.tokenize.text.Split;
import dev.laconic.tokenize.text.Split.Behaviour;
import dev.laconic.tokenize.text.TextPattern;
import dev.laconic.tokenize.text.UnicodeForm;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Builds the stages that a {@code tokenizer.json} describes. */
final class JsonStages {
    private static final List<String> NORMALIZERS = List.of(
            "BertNormalizer",
            "ByteLevel",
            "Lowercase",
            "NFC",
            "NFD",
            "NFKC",
            "NFKD",
            "Nmt",
            "Precompiled",
            "Prepend",
            "Replace",
            "Sequence",
            "Strip",
            "StripAccents");
    private static final List<String> PRE_TOKENIZERS = List.of(
            "BertPreTokenizer",
            "ByteLevel",
            "CharDelimiterSplit",
            "Delimiter",
            "Digits",
            "FixedLength",
            "Metaspace",
            "Punctuation",
            "Sequence",
            "Split",
            "UnicodeScripts",
            "Whitespace",
            "WhitespaceSplit");
    private static final List<String> DECODERS = List.of(
            "BPEDecoder",
            "ByteFallback",
            "ByteLevel",
            "CTC",
            "Fuse",
            "Metaspace",
            "Replace",
            "Sequence",
            "Strip",
            "WordPiece");

    /** What is put into a text again and again must be short. */
    private static final int LONGEST_TEXT = 4096;

    private final String source;

    JsonStages(String source) {
        this.source = source;
    }

    Optional<Normalizer> normalizer(JsonNode node) {
        return node.isNull() ? Optional.empty() : Optional.of(normalizer(node, "normalizer"));
    }

    private Normalizer normalizer(JsonNode node, String field) {
        String type = string(node, "type", field);
        return switch (type) {
            case "NFC" -> new UnicodeForm(Form.NFC);
            case "NFD" -> new UnicodeForm(Form.NFD);
            case "NFKC" -> new UnicodeForm(Form.NFKC);
            case "NFKD" -> new UnicodeForm(Form.NFKD);
            case "Lowercase" -> Normalizers.LOWER_CASE;
            case "StripAccents" -> Normalizers.STRIP_ACCENTS;
            case "Nmt" -> Normalizers.NMT;
            case "ByteLevel" -> Normalizers.BYTE_LEVEL;
            case "Prepend" -> Normalizers.prepend(string(node, "prepend", field));
            case "Strip" -> Normalizers.strip(flag(node, "strip_left", true), flag(node, "strip_right", true));
            case "Replace" -> replace(node, field);
            case "BertNormalizer" -> {
                boolean lowerCase = flag(node, "lowercase", true);
                yield Normalizers.bert(
                        flag(node, "clean_text", true),
                        flag(node, "handle_chinese_chars", true),
                        flag(node, "strip_accents", lowerCase),
                        lowerCase);
            }
            case "Precompiled" -> precompiled(node, field);
            case "Sequence" -> {
                List<Normalizer> stages = new ArrayList<>();
                for (JsonNode stage : array(node, "normalizers", field))
                    stages.add(normalizer(stage, field + ".normalizers[" + stages.size() + "]"));
                yield Normalizer.sequence(stages);
            }
            default -> throw unsupported(field, type, NORMALIZERS);
        };
    }

    private Normalizer precompiled(JsonNode node, String field) {
        JsonNode map = node.path("precompiled_charsmap");
        if (map.isMissingNode() || map.isNull() || map.asString("").isEmpty()) return Normalizer.sequence(List.of());
        byte[] blob;
        try {
            blob = Base64.getDecoder().decode(map.asString());
        } catch (IllegalArgumentException e) {
            throw malformed(field + ".precompiled_charsmap", e.getMessage(), "base64");
        }
        return Normalizers.precompiled(CharsMap.parse(source, field + ".precompiled_charsmap", blob));
    }

    private Normalizer replace(JsonNode node, String field) {
        return Normalizers.replace(pattern(node, field), string(node, "content", field));
    }

    /** A pattern given as {@code {"String": ...}} or {@code {"Regex": ...}}. */
    private TextPattern pattern(JsonNode node, String field) {
        JsonNode pattern = node.path("pattern");
        if (pattern.path("Regex").isString())
            return Patterns.compile(source, field + ".pattern.Regex", pattern.get("Regex").asString());
        String literal = pattern.isString() ? pattern.asString() : pattern.path("String").asString("");
        if (literal.isEmpty()) throw malformed(field + ".pattern", "none", "a String or a Regex");
        return new LiteralPattern(literal);
    }

    PreTokenizer preTokenizer(JsonNode node) {
        return node.isNull() ? PreTokenizer.NONE : preTokenizer(node, "pre_tokenizer");
    }

    private PreTokenizer preTokenizer(JsonNode node, String field) {
        String type = string(node, "type", field);
        return switch (type) {
            case "BertPreTokenizer" -> PreTokenizers.BERT;
            case "Whitespace" -> PreTokenizers.WHITESPACE;
            case "WhitespaceSplit" -> PreTokenizers.WHITESPACE_SPLIT;
            case "UnicodeScripts" -> PreTokenizers.UNICODE_SCRIPTS;
            case "ByteLevel" ->
                PreTokenizers.byteLevel(flag(node, "add_prefix_space", true), flag(node, "use_regex", true));
            case "Digits" -> PreTokenizers.digits(flag(node, "individual_digits", false));
            case "Punctuation" -> PreTokenizers.punctuation(behaviour(node, field, Behaviour.ISOLATED));
            case "FixedLength" -> PreTokenizers.fixedLength(count(node, "length", 5, field));
            case "CharDelimiterSplit", "Delimiter" ->
                PreTokenizers.delimiter(character(string(node, "delimiter", field), field + ".delimiter"));
            case "Split" ->
                Split.at(pattern(node, field), behaviour(node, field, Behaviour.ISOLATED), flag(node, "invert", false));
            case "Metaspace" -> PreTokenizers.metaspace(mark(node, field), prepend(node, field), flag(node, "split", true));
            case "Sequence" -> {
                List<PreTokenizer> stages = new ArrayList<>();
                for (JsonNode stage : array(node, "pretokenizers", field))
                    stages.add(preTokenizer(stage, field + ".pretokenizers[" + stages.size() + "]"));
                yield PreTokenizer.sequence(stages);
            }
            default -> throw unsupported(field, type, PRE_TOKENIZERS);
        };
    }

    private Behaviour behaviour(JsonNode node, String field, Behaviour otherwise) {
        JsonNode name = node.path("behavior");
        if (name.isMissingNode() || name.isNull()) return otherwise;
        return switch (name.asString("")) {
            case "Removed" -> Behaviour.REMOVED;
            case "Isolated" -> Behaviour.ISOLATED;
            case "MergedWithPrevious" -> Behaviour.MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> Behaviour.MERGED_WITH_NEXT;
            case "Contiguous" -> Behaviour.CONTIGUOUS;
            default -> throw malformed(
                    field + ".behavior",
                    Quoted.of(name.asString("")),
                    "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
        };
    }

    private Prepend prepend(JsonNode node, String field) {
        if (!flag(node, "add_prefix_space", true)) return Prepend.NEVER;
        String scheme = node.path("prepend_scheme").asString("always").toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case "always" -> Prepend.ALWAYS;
            case "first" -> Prepend.FIRST;
            case "never" -> Prepend.NEVER;
            default -> throw malformed(field + ".prepend_scheme", Quoted.of(scheme), "always, first or never");
        };
    }

    private char mark(JsonNode node, String field) {
        int mark = character(node.path("replacement").asString("▁"), field + ".replacement");
        if (mark > Character.MAX_VALUE)
            throw malformed(field + ".replacement", Character.toString(mark), "a character below U+10000");
        return (char) mark;
    }

    /** Joins tokens with spaces if the file names no decoder. */
    TokenDecoder decoder(JsonNode node) {
        return node.isNull() ? tokens -> List.of(String.join(" ", tokens)) : decoder(node, "decoder");
    }

    private TokenDecoder decoder(JsonNode node, String field) {
        String type = string(node, "type", field);
        return switch (type) {
            case "ByteLevel" -> TokenDecoder.BYTE_LEVEL;
            case "ByteFallback" -> TokenDecoder.BYTE_FALLBACK;
            case "Fuse" -> TokenDecoder.FUSE;
            case "Replace" -> TokenDecoder.each(replace(node, field));
            case "Strip" ->
                TokenDecoder.strip(
                        character(string(node, "content", field), field + ".content"),
                        count(node, "start", 0, field),
                        count(node, "stop", 0, field));
            case "Metaspace" -> TokenDecoder.metaspace(mark(node, field), prepend(node, field) != Prepend.NEVER);
            case "WordPiece" ->
                TokenDecoder.wordPiece(node.path("prefix").asString("##"), flag(node, "cleanup", true));
            case "BPEDecoder" -> TokenDecoder.wordEnds(node.path("suffix").asString("</w>"));
            case "CTC" ->
                TokenDecoder.connectionist(
                        node.path("pad_token").asString("<pad>"),
                        node.path("word_delimiter_token").asString("|"),
                        flag(node, "cleanup", true));
            case "Sequence" -> {
                List<TokenDecoder> steps = new ArrayList<>();
                for (JsonNode step : array(node, "decoders", field))
                    steps.add(decoder(step, field + ".decoders[" + steps.size() + "]"));
                yield TokenDecoder.sequence(steps);
            }
            default -> throw unsupported(field, type, DECODERS);
        };
    }

    private JsonNode array(JsonNode node, String name, String field) {
        JsonNode array = node.path(name);
        if (!array.isArray()) throw malformed(field + "." + name, array.getNodeType(), "an array");
        return array;
    }

    private String string(JsonNode node, String name, String field) {
        JsonNode value = node.path(name);
        if (!value.isString()) throw malformed(field + "." + name, value.getNodeType(), "a string");
        String text = value.asString();
        if (text.length() > LONGEST_TEXT)
            throw malformed(field + "." + name, text.length() + " characters", "at most " + LONGEST_TEXT);
        return text;
    }

    private int character(String text, String field) {
        if (text.isEmpty() || text.codePointCount(0, text.length()) != 1)
            throw malformed(field, Quoted.of(text), "one character");
        return text.codePointAt(0);
    }

    private int count(JsonNode node, String name, int otherwise, String field) {
        JsonNode value = node.path(name);
        if (value.isMissingNode()) return otherwise;
        int least = name.equals("length") ? 1 : 0;
        if (!value.isInt() || value.asInt() < least)
            throw malformed(field + "." + name, value, "an integer from " + least);
        return value.asInt();
    }

    /** A flag that is missing or null is {@code otherwise}. */
    static boolean flag(JsonNode node, String name, boolean otherwise) {
        JsonNode value = node.path(name);
        return value.isBoolean() ? value.asBoolean() : otherwise;
    }

    private UnsupportedModelException unsupported(String field, String type, List<String> known) {
        return new UnsupportedModelException(source, field + ".type", Quoted.of(type), known);
    }

    private MalformedInputException malformed(String field, Object found, String expected) {
        return new MalformedInputException(source, field, found, expected);
    }
}
