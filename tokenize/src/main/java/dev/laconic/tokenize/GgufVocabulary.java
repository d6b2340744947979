package dev.laconic.tokenize;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.Metadata;
import dev.laconic.format.PackedStrings;
import dev.laconic.tokenize.subword.ByteTokens;
import dev.laconic.tokenize.subword.SymbolTable;
import dev.laconic.tokenize.text.ByteAlphabet;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** The tokens of a GGUF file with their scores and attributes, checked. */
final class GgufVocabulary {
    static final int UNKNOWN = 1;
    static final int NORMAL = 2;
    static final int CONTROL = 4;
    static final int USER_DEFINED = 8;
    static final int BYTE = 16;
    static final int UNUSED = 32;
    /** Every token, also one without attributes. */
    static final int ANY = 63;

    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String SCORES = "tokenizer.ggml.scores";
    private static final String TYPES = "tokenizer.ggml.token_type";
    /** All tokens are of the normal type. */
    private static final long[] NO_TYPES = {};

    private static final int NORMAL_TYPE = 1;

    /** Tokens in one call, since Java compiles sooner what is called often than what loops long. */
    private static final int SOME = 16;

    /** Attributes by the file's numbers 0 to 6. */
    private static final int[] ATTRIBUTES = {0, NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE};

    private final SymbolTable symbols;
    private final float[] scores;
    private final byte[] attributes;
    /** Tokens with attributes other than {@link #NORMAL}, which few have. */
    private final BitSet unusual;

    private GgufVocabulary(SymbolTable symbols, float[] scores, byte[] attributes, BitSet unusual) {
        this.symbols = symbols;
        this.scores = scores;
        this.attributes = attributes;
        this.unusual = unusual;
    }

    static GgufVocabulary read(Metadata metadata) {
        String source = metadata.source();
        List<String> tokens = metadata.strings(TOKENS)
                .orElseThrow(() -> new MalformedInputException(source, TOKENS, "nothing", "an array of strings"));
        int size = tokens.size();
        if (size == 0) throw new MalformedInputException(source, TOKENS, "an empty array", "at least one token");
        SymbolTable symbols = new SymbolTable(size);
        for (int id = 0; id < size; ) {
            if (tokens instanceof PackedStrings packed) {
                int added = symbols.addNew(packed, id, Math.min(size, id + SOME));
                id += added;
                if (added > 0) continue;
            }
            int first = symbols.addAndFind(token(tokens, id));
            if (first != id)
                throw new MalformedInputException(
                        source,
                        TOKENS + "[" + id + "]",
                        "\"" + token(tokens, id) + "\" again",
                        "a token other than number " + first);
            id++;
        }
        BitSet unusual = new BitSet(size);
        return new GgufVocabulary(symbols, scores(metadata, size), attributes(metadata, tokens, unusual), unusual);
    }

    private static String token(List<String> tokens, int id) {
        String spelling = tokens.get(id);
        return spelling.isEmpty() ? "[EMPTY_" + id + "]" : spelling;
    }

    private static float[] scores(Metadata metadata, int size) {
        float[] scores;
        if (metadata.asMap().get(SCORES) instanceof long[] integers) {
            scores = new float[integers.length];
            for (int i = 0; i < scores.length; i++) scores[i] = integers[i];
        } else {
            scores = metadata.floats(SCORES).orElseGet(() -> new float[size]);
        }
        requireOnePerToken(metadata, SCORES, scores.length, size);
        for (int id = 0; id < size; id++)
            if (scores[id] != scores[id]) // NaN; a call for each token takes longer until it is compiled
                throw new MalformedInputException(metadata.source(), SCORES + "[" + id + "]", "NaN", "a number");
        return scores;
    }

    private static byte[] attributes(Metadata metadata, List<String> tokens, BitSet unusual) {
        byte[] attributes = new byte[tokens.size()];
        Arrays.fill(attributes, (byte) NORMAL);
        long[] types = metadata.integers(TYPES).orElse(NO_TYPES);
        if (types == NO_TYPES) return attributes;
        requireOnePerToken(metadata, TYPES, types.length, attributes.length);
        for (int id = 0; id < attributes.length; id++) {
            long type = types[id];
            if (type == NORMAL_TYPE) continue;
            unusual.set(id);
            attributes[id] = (byte) (type >= 0 && type < ATTRIBUTES.length ? ATTRIBUTES[(int) type] : 0);
            if (attributes[id] == BYTE && ByteTokens.parse(tokens.get(id)) < 0)
                throw new MalformedInputException(
                        metadata.source(),
                        TOKENS + "[" + id + "]",
                        "the byte token \"" + tokens.get(id) + "\"",
                        "<0x and two hexadecimal digits and >");
        }
        return attributes;
    }

    private static void requireOnePerToken(Metadata metadata, String key, int found, int size) {
        if (found < size)
            throw new MalformedInputException(metadata.source(), key, found + " elements", size + ", one per token");
    }

    SymbolTable symbols() {
        return symbols;
    }

    int size() {
        return attributes.length;
    }

    float[] scores() {
        return scores;
    }

    boolean has(int id, int anyAttribute) {
        return (attributes[id] & anyAttribute) != 0;
    }

    void set(int id, int attributes) {
        this.attributes[id] = (byte) attributes;
        unusual.set(id);
    }

    void add(int id, int attribute) {
        attributes[id] |= (byte) attribute;
        unusual.set(id);
    }

    /** The id of a token, or negative. */
    int find(String token) {
        int id = symbols.find(token);
        return id < attributes.length ? id : SymbolTable.MISSING;
    }

    /** The tokens with any of the attributes, other than {@link #NORMAL}. */
    BitSet of(int... anyAttribute) {
        int mask = 0;
        for (int attribute : anyAttribute) mask |= attribute;
        BitSet ids = new BitSet(attributes.length);
        for (int id = unusual.nextSetBit(0); id >= 0; id = unusual.nextSetBit(id + 1)) if (has(id, mask)) ids.set(id);
        return ids;
    }

    BitSet control() {
        return of(CONTROL, UNKNOWN);
    }

    /** The bytes a token stands for; none for unused tokens. */
    byte[] piece(int id, boolean escapedSpaces) {
        String token = symbols.string(id);
        if (has(id, CONTROL | UNKNOWN | USER_DEFINED)) return token.getBytes(StandardCharsets.UTF_8);
        if (has(id, NORMAL))
            return escapedSpaces ? token.replace('▁', ' ').getBytes(StandardCharsets.UTF_8) : spelt(token);
        if (has(id, BYTE)) return new byte[] {(byte) ByteTokens.parse(token)};
        return new byte[0];
    }

    /** The bytes that a token spells in GPT-2's alphabet; characters outside it stand for themselves. */
    private static byte[] spelt(String token) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        token.codePoints().forEach(c -> {
            int b = c < 0x10000 ? ByteAlphabet.toByte((char) c) : -1;
            if (b >= 0) bytes.write(b);
            else bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
        });
        return bytes.toByteArray();
    }
}
