package dev.laconic.tokenize;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.Metadata;
import dev.laconic.tokenize.PieceDetokenizer.LeadingSpace;
import dev.laconic.tokenize.subword.Bpe;
import dev.laconic.tokenize.subword.ByteTokens;
import dev.laconic.tokenize.subword.LineEnds;
import dev.laconic.tokenize.subword.LongestMatch;
import dev.laconic.tokenize.subword.MergeTable;
import dev.laconic.tokenize.subword.Plamo2;
import dev.laconic.tokenize.subword.ScoredBpe;
import dev.laconic.tokenize.subword.SubwordModel;
import dev.laconic.tokenize.subword.SymbolTable;
import dev.laconic.tokenize.subword.Unigram;
import dev.laconic.tokenize.subword.Unknown;
import dev.laconic.tokenize.subword.WordPiece;
import dev.laconic.tokenize.text.CharsMap;
import dev.laconic.tokenize.text.LlamaUnigramNormalizer;
import dev.laconic.tokenize.text.LlamaWords;
import dev.laconic.tokenize.text.Normalizer;
import dev.laconic.tokenize.text.PreTokenizer;
import dev.laconic.tokenize.text.SpacedWords;
import dev.laconic.tokenize.text.Text;
import dev.laconic.tokenize.text.Trie;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/** Builds the tokenizer that a GGUF file's metadata describes, to behave as llama.cpp does. */
final class GgufTokenizers {
    private static final String PREFIX = "tokenizer.ggml.";
    private static final float UNKNOWN_PENALTY = 10;
    private static final List<String> MODELS = List.of("llama", "gpt2", "gemma4", "whitespace", "bert", "t5", "rwkv", "plamo2");

    private final Metadata metadata;
    private final GgufVocabulary tokens;

    private GgufTokenizers(Metadata metadata) {
        this.metadata = metadata;
        this.tokens = GgufVocabulary.read(metadata);
    }

    static Tokenizer of(Metadata metadata) {
        String model = metadata.requireString(PREFIX + "model");
        return switch (model) {
            case "llama" -> new GgufTokenizers(metadata).sentencePiece();
            case "gpt2", "gemma4", "whitespace" -> new GgufTokenizers(metadata).bytePair(model);
            case "bert" -> new GgufTokenizers(metadata).wordPiece();
            case "t5" -> new GgufTokenizers(metadata).unigram();
            case "rwkv" -> new GgufTokenizers(metadata).rwkv();
            case "plamo2" -> new GgufTokenizers(metadata).plamo2();
            default -> throw new UnsupportedModelException(metadata.source(), PREFIX + "model", model, MODELS);
        };
    }

    private Tokenizer sentencePiece() {
        boolean spacePrefix = flag("add_space_prefix", true);
        GgufSpecials specials = GgufSpecials.read(metadata, tokens, GgufSpecials.Defaults.SENTENCE_PIECE);
        BitSet unmatched = tokens.of(GgufVocabulary.CONTROL, GgufVocabulary.UNKNOWN, GgufVocabulary.BYTE);
        ByteTokens bytes = ByteTokens.of(tokens.symbols()::find);
        SubwordModel model = new ScoredBpe(
                tokens.symbols(), tokens.scores(), unmatched, bytes, specials.special().unk(), new Trie(0), false);
        Normalizer normalizer = (in, from, to, out) -> escapeSpaces(in, from, to, spacePrefix, out);
        return assemble(specials, Optional.of(normalizer), PreTokenizer.NONE, model, new Decoding(spacePrefix, false, id -> tokens.piece(id, true)));
    }

    private Tokenizer wordPiece() {
        GgufSpecials specials = GgufSpecials.read(metadata, tokens, GgufSpecials.Defaults.WORD_PIECE);
        Trie trie = trie(GgufVocabulary.ANY);
        SubwordModel model = new WordPiece(trie, "▁", "", specials.special().unk(), Integer.MAX_VALUE);
        boolean lowerCase = flag("normalizer.lowercase", true);
        boolean stripAccents = flag("normalizer.strip_accents", lowerCase);
        return assemble(
                specials,
                Optional.empty(),
                new LlamaWords(lowerCase, stripAccents),
                model,
                new Decoding(flag("add_space_prefix", false), true, id -> tokens.piece(id, true)));
    }

    private Tokenizer unigram() {
        Trie trie = trie(GgufVocabulary.NORMAL | GgufVocabulary.USER_DEFINED | GgufVocabulary.UNUSED);
        Trie kept = trie(GgufVocabulary.USER_DEFINED);
        float lowest = Float.MAX_VALUE;
        double[] scores = new double[tokens.size()];
        for (int id = 0; id < scores.length; id++) {
            if (tokens.has(id, GgufVocabulary.NORMAL)) lowest = Math.min(lowest, tokens.scores()[id]);
            scores[id] = tokens.has(id, GgufVocabulary.USER_DEFINED) ? 0 : tokens.scores()[id];
        }
        GgufSpecials specials = GgufSpecials.read(metadata, tokens, GgufSpecials.Defaults.UNIGRAM);
        SubwordModel model = new Unigram(
                trie, scores, lowest - UNKNOWN_PENALTY, specials.special().unk(), false, ByteTokens.NONE);
        boolean spacePrefix = flag("add_space_prefix", false);
        Normalizer normalizer = new LlamaUnigramNormalizer(
                charsMap(), kept, spacePrefix, flag("remove_extra_whitespaces", false));
        return assemble(
                specials,
                Optional.of(normalizer),
                PreTokenizer.NONE,
                model,
                new Decoding(spacePrefix, false, id -> tokens.piece(id, true)));
    }

    private Optional<CharsMap> charsMap() {
        String key = PREFIX + "precompiled_charsmap";
        return metadata.integers(key).map(units -> {
            byte[] blob = new byte[units.length];
            for (int i = 0; i < blob.length; i++) blob[i] = (byte) units[i];
            return CharsMap.parse(metadata.source(), key, blob);
        });
    }

    private Tokenizer rwkv() {
        GgufSpecials specials = GgufSpecials.read(metadata, tokens, GgufSpecials.Defaults.RWKV);
        Trie trie = new Trie(tokens.size() * 4);
        byte[][] pieces = new byte[tokens.size()][];
        for (int id = 0; id < pieces.length; id++) {
            pieces[id] = RwkvSpelling.bytes(tokens.symbols().string(id));
            if (pieces[id].length > 0) trie.add(new String(pieces[id], StandardCharsets.ISO_8859_1), id);
        }
        SubwordModel model = new LongestMatch(trie, specials.special().unk());
        return assemble(
                specials, Optional.empty(), PreTokenizer.NONE, model, new Decoding(false, false, id -> pieces[id]));
    }

    private Tokenizer plamo2() {
        GgufSpecials specials = GgufSpecials.read(metadata, tokens, GgufSpecials.Defaults.PLAMO2);
        ByteTokens bytes = ByteTokens.of(tokens.symbols()::find);
        for (int b = 0; b < 256; b++)
            if (bytes.id(b) < 0)
                throw new MalformedInputException(
                        metadata.source(), PREFIX + "tokens", "no " + ByteTokens.spelling(b), "a token for each byte");
        SubwordModel model = new Plamo2(trie(GgufVocabulary.ANY & ~GgufVocabulary.BYTE), tokens.scores(), bytes);
        return assemble(
                specials,
                Optional.empty(),
                PreTokenizer.NONE,
                model,
                new Decoding(flag("add_space_prefix", false), false, id -> {
                    String token = tokens.symbols().string(id);
                    return tokens.has(id, GgufVocabulary.BYTE)
                            ? new byte[] {(byte) ByteTokens.parse(token)}
                            : token.getBytes(StandardCharsets.UTF_8);
                }));
    }

    private Trie trie(int attributes) {
        Trie trie = new Trie(tokens.size() * 4);
        for (int id = 0; id < tokens.size(); id++)
            if (tokens.has(id, attributes) || attributes == GgufVocabulary.ANY) trie.add(tokens.symbols().string(id), id);
        return trie;
    }

    private Tokenizer bytePair(String model) {
        String name = model.equals("gemma4") ? model : metadata.string(PREFIX + "pre").orElse("default");
        LlamaPreTokenizers.Named named = LlamaPreTokenizers.byName(name)
                .orElseThrow(() -> new UnsupportedModelException(
                        metadata.source(), PREFIX + "pre", name, LlamaPreTokenizers.names()));
        GgufSpecials specials = GgufSpecials.read(metadata, tokens, GgufSpecials.Defaults.bytePair(name, named.addBos()));
        int size = tokens.size();
        SymbolTable symbols = tokens.symbols();
        MergeTable merges = merges(symbols, name);
        Unknown unknown = named.spellBytes()
                ? Unknown.dropped(symbols, size)
                : Unknown.bytes(ByteTokens.of(symbols::find));
        Optional<Normalizer> normalizer = named.escapeSpaces()
                ? Optional.of((in, from, to, out) -> escapeSpaces(in, from, to, false, out))
                : Optional.empty();
        PreTokenizer preTokenizer = name.equals("whitespace")
                ? new SpacedWords(flag("normalizer.lowercase", false))
                : named.preTokenizer();
        SubwordModel bpe = new Bpe(symbols, size, merges, named.ignoreMerges(), unknown, Optional.empty());
        if (name.equals("gemma4") || name.equals("granite-embed-multi-311m")) bpe = new LineEnds(symbols, size, bpe);
        Decoding decoding = new Decoding(
                flag("add_space_prefix", false), named.cleanSpaces(), id -> tokens.piece(id, named.escapeSpaces()));
        return assemble(specials, normalizer, preTokenizer, bpe, decoding);
    }

    /**
     * How tokens become text.
     *
     * @param stripFirstSpace the first token loses one leading space
     * @param cleanSpaces spaces before punctuation go
     * @param pieces the bytes of a token
     */
    private record Decoding(boolean stripFirstSpace, boolean cleanSpaces, IntFunction<byte[]> pieces) {}

    private Tokenizer assemble(
            GgufSpecials specials,
            Optional<Normalizer> normalizer,
            PreTokenizer preTokenizer,
            SubwordModel model,
            Decoding decoding) {
        BitSet control = tokens.control();
        Detokenizer detokenizer = new PieceDetokenizer(
                tokens.size(),
                decoding.pieces(),
                control,
                decoding.stripFirstSpace() ? LeadingSpace.OF_FIRST_TOKEN : LeadingSpace.KEPT,
                -1,
                decoding.cleanSpaces());
        return new PipelineTokenizer(
                new Vocabulary(tokens.symbols(), tokens.size(), Map.of(), control),
                specials.partition(tokens),
                normalizer,
                Partition.NONE,
                preTokenizer,
                model,
                specials.before(),
                specials.after(),
                detokenizer,
                specials.special());
    }

    private MergeTable merges(SymbolTable symbols, String pre) {
        Optional<List<String>> lines = metadata.strings(PREFIX + "merges");
        if (lines.isEmpty() && !pre.equals("kimi-k2"))
            throw new MalformedInputException(metadata.source(), PREFIX + "merges", "nothing", "an array of strings");
        List<String> merges = lines.orElse(List.of());
        MergeTable table = new MergeTable(merges.size());
        for (int rank = 0; rank < merges.size(); rank++) {
            String merge = merges.get(rank);
            int space = merge.indexOf(' ', 1);
            if (space < 0) continue;
            String left = merge.substring(0, space);
            String right = merge.substring(space + 1);
            table.add(symbols.intern(left), symbols.intern(right), rank, symbols.intern(left + right));
        }
        return table;
    }

    private boolean flag(String key, boolean otherwise) {
        return metadata.bool(PREFIX + key).orElse(otherwise);
    }

    /** Spells spaces U+2581 and puts one before the text if it is to begin with one. */
    private static void escapeSpaces(Text in, int from, int to, boolean prefix, Text out) {
        if (prefix) out.append('▁', in.start(from), in.start(from));
        for (int i = from; i < to; i++) {
            char c = in.charAt(i);
            out.append(c == ' ' ? '▁' : c, in.start(i), in.end(i));
        }
    }
}
