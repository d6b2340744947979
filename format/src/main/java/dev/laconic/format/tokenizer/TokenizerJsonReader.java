package dev.laconic.format.tokenizer;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.io.Json;
import dev.laconic.format.io.Quoted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads {@code tokenizer.json} as a stream, for vocabularies are long. */
final class TokenizerJsonReader {
    private static final List<String> STAGES = List.of("normalizer", "pre_tokenizer", "post_processor", "decoder");

    private static final int MAX_DIGITS = 18;
    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18
    };

    private final String source;
    private final Map<String, JsonNode> stages = new HashMap<>();
    private final ObjectNode settings = JsonNodeFactory.instance.objectNode();
    private Map<String, Integer> vocabulary = Map.of();
    private Optional<double[]> scores = Optional.empty();
    private Optional<List<String>> merges = Optional.empty();
    private List<AddedToken> addedTokens = List.of();
    private boolean hasModel;

    TokenizerJsonReader(String source) {
        this.source = source;
    }

    static TokenizerJson read(Path file) {
        byte[] utf8 = Json.bytes(file).orElseThrow(() -> new LaconicException(file + ": no such file"));
        return new TokenizerJsonReader(file.toString()).read(utf8);
    }

    TokenizerJson read(byte[] utf8) {
        try (JsonParser in = Json.mapper().createParser(utf8)) {
            expect(in.nextToken(), JsonToken.START_OBJECT, "the document", "an object");
            while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = in.currentName();
                in.nextToken();
                if (name.equals("model")) model(in);
                else if (name.equals("added_tokens")) addedTokens(in.readValueAsTree());
                else if (STAGES.contains(name)) stages.put(name, in.readValueAsTree());
                else in.skipChildren();
            }
            if (in.nextToken() != null) throw malformed("the document", "more after its end", "its end");
        } catch (JacksonException e) {
            throw Json.malformed(source, "JSON", e);
        }
        if (!hasModel) throw malformed("model", "nothing", "an object");
        checkIds();
        TokenizerJson.Model model =
                new TokenizerJson.Model(type(), vocabulary, scores, merges.orElse(List.of()), settings);
        return new TokenizerJson(
                source,
                model,
                addedTokens,
                stage("normalizer"),
                stage("pre_tokenizer"),
                stage("post_processor"),
                stage("decoder"));
    }

    private JsonNode stage(String name) {
        return stages.getOrDefault(name, JsonNodeFactory.instance.nullNode());
    }

    private void model(JsonParser in) {
        expect(in.currentToken(), JsonToken.START_OBJECT, "model", "an object");
        hasModel = true;
        while (in.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = in.currentName();
            JsonToken token = in.nextToken();
            if (name.equals("vocab") && token == JsonToken.START_OBJECT) vocabulary(in);
            else if (name.equals("vocab") && token == JsonToken.START_ARRAY) pieces(in);
            else if (name.equals("vocab")) throw malformed("model.vocab", token, "an object or an array");
            else if (name.equals("merges")) merges(in);
            else settings.set(name, in.readValueAsTree());
        }
    }

    private void vocabulary(JsonParser in) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        while (in.nextToken() == JsonToken.PROPERTY_NAME) {
            String token = in.currentName();
            if (in.nextToken() != JsonToken.VALUE_NUMBER_INT)
                throw malformed("model.vocab[" + Quoted.of(token) + "]", in.currentToken(), "an integer");
            ids.put(token, id(in.getLongValue(), "model.vocab[" + Quoted.of(token) + "]"));
        }
        vocabulary = ids;
    }

    private void pieces(JsonParser in) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        double[] values = new double[1024];
        int count = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            String field = "model.vocab[" + count + "]";
            expect(in.currentToken(), JsonToken.START_ARRAY, field, "a pair of token and score");
            expect(in.nextToken(), JsonToken.VALUE_STRING, field + "[0]", "a string");
            String token = in.getString();
            if (!in.nextToken().isNumeric()) throw malformed(field + "[1]", in.currentToken(), "a number");
            if (count == values.length) values = Arrays.copyOf(values, count * 2);
            values[count] = score(in.getString(), in.getDoubleValue());
            if (Double.isNaN(values[count])) throw malformed(field + "[1]", "NaN", "a number");
            expect(in.nextToken(), JsonToken.END_ARRAY, field, "a pair of token and score");
            ids.put(token, count++);
        }
        vocabulary = ids;
        scores = Optional.of(Arrays.copyOf(values, count));
    }

    /**
     * The score as the library reads it: all digits as one number, over a power of ten. That can be one unit in the last
     * place off, and between ways to cut a text that add up to the same, such a unit decides.
     */
    private static double score(String number, double exact) {
        int point = number.indexOf('.');
        String digits = number.replace("-", "").replace(".", "");
        int decimals = point < 0 ? 0 : number.length() - point - 1;
        boolean plain = digits.length() <= MAX_DIGITS && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!plain || digits.isEmpty()) return exact;
        double value = Long.parseLong(digits) / POWERS[decimals];
        return number.startsWith("-") ? -value : value;
    }

    private void merges(JsonParser in) {
        if (in.currentToken() == JsonToken.VALUE_NULL) return;
        expect(in.currentToken(), JsonToken.START_ARRAY, "model.merges", "an array");
        List<String> halves = new ArrayList<>();
        for (int i = 0; in.nextToken() != JsonToken.END_ARRAY; i++) {
            String field = "model.merges[" + i + "]";
            if (in.currentToken() == JsonToken.START_ARRAY) {
                for (int half = 0; half < 2; half++) {
                    expect(in.nextToken(), JsonToken.VALUE_STRING, field + "[" + half + "]", "a string");
                    halves.add(in.getString());
                }
                expect(in.nextToken(), JsonToken.END_ARRAY, field, "two strings");
                continue;
            }
            expect(in.currentToken(), JsonToken.VALUE_STRING, field, "a string or two");
            String merge = in.getString();
            if (merge.startsWith("#version")) continue;
            int space = merge.indexOf(' ');
            if (space < 0 || merge.indexOf(' ', space + 1) >= 0)
                throw malformed(field, Quoted.of(merge), "two tokens with one space between them");
            halves.add(merge.substring(0, space));
            halves.add(merge.substring(space + 1));
        }
        merges = Optional.of(halves);
    }

    private void addedTokens(JsonNode array) {
        if (array.isNull()) return;
        if (!array.isArray()) throw malformed("added_tokens", array.getNodeType(), "an array");
        addedTokens = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            JsonNode token = array.get(i);
            String field = "added_tokens[" + i + "]";
            if (!token.path("content").isString()) throw malformed(field + ".content", "no string", "a string");
            if (!token.path("id").isIntegralNumber()) throw malformed(field + ".id", "no integer", "an integer");
            boolean special = token.path("special").asBoolean(false);
            addedTokens.add(new AddedToken(
                    id(token.get("id").asLong(), field + ".id"),
                    token.get("content").asString(),
                    token.path("single_word").asBoolean(false),
                    token.path("lstrip").asBoolean(false),
                    token.path("rstrip").asBoolean(false),
                    token.path("normalized").asBoolean(!special),
                    special));
        }
    }

    /** Ids may leave gaps, but none so wide that a small file asks for a large table. */
    private void checkIds() {
        int limit = vocabulary.size() + addedTokens.size() + TokenizerJson.MAX_GAPS;
        vocabulary.forEach((token, id) -> {
            if (id >= limit) throw malformed("model.vocab[" + Quoted.of(token) + "]", id, "an id below " + limit);
        });
        for (int i = 0; i < addedTokens.size(); i++)
            if (addedTokens.get(i).id() >= limit)
                throw malformed("added_tokens[" + i + "].id", addedTokens.get(i).id(), "an id below " + limit);
    }

    /** Old files do not say which kind of model theirs is. */
    private String type() {
        if (settings.path("type").isString()) return settings.get("type").asString();
        if (scores.isPresent()) return "Unigram";
        if (merges.isPresent()) return "BPE";
        return settings.has("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
    }

    private int id(long value, String field) {
        if (value < 0 || value > Integer.MAX_VALUE) throw malformed(field, value, "an id from 0 to 2147483647");
        return (int) value;
    }

    private void expect(JsonToken found, JsonToken token, String field, String expected) {
        if (found != token) throw malformed(field, found, expected);
    }

    private MalformedInputException malformed(String field, Object found, String expected) {
        return new MalformedInputException(source, field, found == null ? "the end" : found, expected);
    }
}
