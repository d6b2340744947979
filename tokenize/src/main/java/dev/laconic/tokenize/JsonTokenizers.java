package dev.laconic.tokenize;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.io.Quoted;
import dev.laconic.format.tokenizer.AddedToken;
import dev.laconic.format.tokenizer.TokenizerJson;
import dev.laconic.tokenize.PieceDetokenizer.LeadingSpace;
import dev.laconic.tokenize.subword.Bpe;
import dev.laconic.tokenize.subword.ByteTokens;
import dev.laconic.tokenize.subword.MergeTable;
import dev.laconic.tokenize.subword.SubwordModel;
import dev.laconic.tokenize.subword.SymbolTable;
import dev.laconic.tokenize.subword.Unigram;
import dev.laconic.tokenize.subword.Unknown;
import dev.laconic.tokenize.subword.WordLevel;
import dev.laconic.tokenize.subword.WordPiece;
import dev.laconic.tokenize.text.Normalizer;
import dev.laconic.tokenize.text.Text;
import dev.laconic.tokenize.text.Trie;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/** Builds the tokenizer that a {@code tokenizer.json} describes, to behave as Hugging Face's library does. */
final class JsonTokenizers {
    private static final double UNKNOWN_PENALTY = 10;
    private static final int LONGEST_WORD = 100;
    private static final List<String> MODELS = List.of("BPE", "Unigram", "WordLevel", "WordPiece");

    private final TokenizerJson json;
    private final JsonStages stages;
    private final SymbolTable symbols;
    private final List<AddedToken> added;
    private final Map<String, Integer> addedIds = new HashMap<>();

    private JsonTokenizers(TokenizerJson json) {
        this.json = json;
        this.stages = new JsonStages(json.source());
        this.added = added(json);
        for (AddedToken token : added) addedIds.put(token.content(), token.id());
        this.symbols = symbols();
    }

    /** @param roles which tokens have a role, as the files beside it say */
    static Tokenizer of(TokenizerJson json, TokenRoles roles) {
        return new JsonTokenizers(json).build(roles);
    }

    /**
     * A token that the model has keeps the model's id; the others are numbered from the model's size on, whatever ids the
     * file gives them. Of several with one spelling the last counts.
     */
    private static List<AddedToken> added(TokenizerJson json) {
        Map<String, AddedToken> tokens = new LinkedHashMap<>();
        int next = json.model().vocabulary().size();
        for (AddedToken token : json.addedTokens()) {
            if (token.content().isEmpty()) continue;
            AddedToken earlier = tokens.get(token.content());
            Integer known = earlier != null ? Integer.valueOf(earlier.id()) : json.model().vocabulary().get(token.content());
            int id = known != null ? known : next++;
            tokens.put(
                    token.content(),
                    new AddedToken(
                            id,
                            token.content(),
                            token.singleWord(),
                            token.stripLeft(),
                            token.stripRight(),
                            token.normalized(),
                            token.special()));
        }
        return new ArrayList<>(tokens.values());
    }

    private SymbolTable symbols() {
        Map<String, Integer> vocabulary = json.model().vocabulary();
        int size = 0;
        for (int id : vocabulary.values()) size = Math.max(size, id + 1);
        for (AddedToken token : added) size = Math.max(size, token.id() + 1);
        if (size == 0) throw malformed("model.vocab", "no token", "at least one");
        String[] spellings = new String[size];
        vocabulary.forEach((token, id) -> {
            if (spellings[id] != null)
                throw malformed(
                        "model.vocab[" + Quoted.of(token) + "]", id, "another id than " + Quoted.of(spellings[id]) + " has");
            spellings[id] = token;
        });
        BitSet model = new BitSet();
        for (int id : vocabulary.values()) model.set(id);
        for (AddedToken token : added) if (spellings[token.id()] == null) spellings[token.id()] = token.content();
        SymbolTable table = new SymbolTable(size);
        for (int id = 0; id < size; id++) {
            if (model.get(id)) table.add(spellings[id]);
            else table.addHidden(spellings[id] == null ? "" : spellings[id]);
        }
        return table;
    }

    private Tokenizer build(TokenRoles roles) {
        int size = symbols.size();
        BitSet special = new BitSet();
        for (AddedToken token : added) if (token.special()) special.set(token.id());
        Optional<Normalizer> normalizer = stages.normalizer(json.normalizer());
        SubwordModel model = model();
        JsonPostProcessor post = JsonPostProcessor.read(json.source(), json.postProcessor(), size);
        Vocabulary vocabulary = new Vocabulary(symbols, size, addedIds, special);
        return new PipelineTokenizer(
                vocabulary,
                partition(false, Optional.empty()),
                normalizer,
                partition(true, normalizer),
                stages.preTokenizer(json.preTokenizer()),
                model,
                post.before(),
                post.after(),
                detokenizer(special),
                roles.resolve(vocabulary, post, unknown()));
    }

    /** The added tokens that are looked for in the text as it is, or in its normal form. */
    private Partition partition(boolean normalized, Optional<Normalizer> normalizer) {
        List<AddedToken> tokens = new ArrayList<>();
        List<String> spellings = new ArrayList<>();
        for (AddedToken token : added) {
            if (token.normalized() != normalized) continue;
            String spelling = normalizer.map(n -> normalize(n, token.content())).orElse(token.content());
            if (spelling.isEmpty()) continue;
            tokens.add(token);
            spellings.add(spelling);
        }
        return tokens.isEmpty() ? Partition.NONE : new AddedTokens(tokens, spellings);
    }

    private static String normalize(Normalizer normalizer, String text) {
        Text in = new Text();
        in.set(text);
        Text out = new Text();
        out.clear();
        normalizer.working().normalize(in, 0, in.length(), out);
        return out.toString();
    }

    private SubwordModel model() {
        return switch (json.model().type()) {
            case "BPE" -> bytePair();
            case "Unigram" -> unigram();
            case "WordPiece" ->
                new WordPiece(trie(), "", setting("continuing_subword_prefix", "##"), unknown(), longestWord());
            case "WordLevel" -> new WordLevel(symbols, unknown());
            default -> throw new UnsupportedModelException(
                    json.source(), "model.type", Quoted.of(json.model().type()), MODELS);
        };
    }

    private SubwordModel bytePair() {
        JsonNode settings = json.model().settings();
        String prefix = setting("continuing_subword_prefix", "");
        String suffix = setting("end_of_word_suffix", "");
        List<String> halves = json.model().merges();
        MergeTable merges = new MergeTable(halves.size() / 2);
        for (int i = 0; i < halves.size(); i += 2) {
            String left = halves.get(i);
            String right = halves.get(i + 1);
            String field = "model.merges[" + i / 2 + "]";
            String rest = right.startsWith(prefix) ? right.substring(prefix.length()) : right;
            merges.set(require(left, field), require(right, field), i / 2, require(left + rest, field));
        }
        ByteTokens bytes =
                JsonStages.flag(settings, "byte_fallback", false) ? ByteTokens.of(symbols::find) : ByteTokens.NONE;
        Unknown unknown = Unknown.replaced(bytes, unknown(), JsonStages.flag(settings, "fuse_unk", false));
        Optional<Bpe.Affixes> affixes = prefix.isEmpty() && suffix.isEmpty()
                ? Optional.empty()
                : Optional.of(new Bpe.Affixes(prefix, suffix));
        boolean ignoreMerges = JsonStages.flag(settings, "ignore_merges", false);
        return new Bpe(symbols, symbols.size(), merges, ignoreMerges, unknown, affixes);
    }

    private int require(String token, String field) {
        int id = symbols.find(token);
        if (id < 0) throw malformed(field, Quoted.of(token), "tokens of the vocabulary that merge into one of it");
        return id;
    }

    private SubwordModel unigram() {
        double[] scores = json.model().scores().orElseThrow(() -> malformed("model.vocab", "an object", "an array"));
        double lowest = Double.POSITIVE_INFINITY;
        for (double score : scores) lowest = Math.min(lowest, score);
        ByteTokens bytes = JsonStages.flag(json.model().settings(), "byte_fallback", false)
                ? ByteTokens.of(symbols::find)
                : ByteTokens.NONE;
        return new Unigram(trie(), scores, lowest - UNKNOWN_PENALTY, unknown(), false, bytes);
    }

    /** The model's tokens. */
    private Trie trie() {
        Trie trie = new Trie(json.model().vocabulary().size() * 4);
        json.model().vocabulary().forEach((token, id) -> {
            if (!token.isEmpty()) trie.add(token, id);
        });
        return trie;
    }

    private int longestWord() {
        JsonNode longest = json.model().settings().path("max_input_chars_per_word");
        if (longest.isMissingNode()) return LONGEST_WORD;
        if (!longest.isInt() || longest.asInt() < 0)
            throw malformed("model.max_input_chars_per_word", longest, "an integer from 0");
        return longest.asInt();
    }

    private OptionalInt unknown() {
        JsonNode id = json.model().settings().path("unk_id");
        if (json.model().scores().isPresent()) {
            if (id.isMissingNode() || id.isNull()) return OptionalInt.empty();
            int size = json.model().scores().get().length;
            if (!id.isInt() || id.asInt() < 0 || id.asInt() >= size)
                throw malformed("model.unk_id", id, "an id below " + size);
            return OptionalInt.of(id.asInt());
        }
        String otherwise = json.model().type().equals("WordPiece") ? "[UNK]" : "";
        int found = symbols.find(setting("unk_token", otherwise));
        return found < 0 ? OptionalInt.empty() : OptionalInt.of(found);
    }

    private String setting(String name, String otherwise) {
        JsonNode value = json.model().settings().path(name);
        return value.isString() ? value.asString() : otherwise;
    }

    private Detokenizer detokenizer(BitSet special) {
        if (json.decoder().path("type").asString("").equals("ByteLevel"))
            return new PieceDetokenizer(
                    symbols.size(), id -> TokenDecoder.spelt(symbols.string(id)), special, LeadingSpace.KEPT, -1, false);
        return new ChainDetokenizer(symbols.size(), symbols::string, special, stages.decoder(json.decoder()));
    }

    private MalformedInputException malformed(String field, Object found, String expected) {
        return new MalformedInputException(json.source(), field, found, expected);
    }
}
