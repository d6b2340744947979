package dev.laconic.tokenize;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.Metadata;
import dev.laconic.tokenize.subword.Bpe;
import dev.laconic.tokenize.subword.ByteTokens;
import dev.laconic.tokenize.subword.MergeTable;
import dev.laconic.tokenize.subword.ScoredBpe;
import dev.laconic.tokenize.subword.SubwordModel;
import dev.laconic.tokenize.subword.SymbolTable;
import dev.laconic.tokenize.subword.Unknown;
import dev.laconic.tokenize.text.Normalizer;
import dev.laconic.tokenize.text.PreTokenizer;
import dev.laconic.tokenize.text.Text;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Builds the tokenizer that a GGUF file's metadata describes, to behave as llama.cpp does. */
final class GgufTokenizers {
    private static final String PREFIX = "tokenizer.ggml.";
    private static final List<String> MODELS = List.of("llama", "gpt2");

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
            case "gpt2", "gemma4" -> new GgufTokenizers(metadata).bytePair(model);
            default -> throw new UnsupportedModelException(metadata.source(), PREFIX + "model", model, MODELS);
        };
    }

    private Tokenizer sentencePiece() {
        boolean spacePrefix = flag("add_space_prefix", true);
        GgufSpecials specials = GgufSpecials.read(metadata, tokens, GgufSpecials.Defaults.SENTENCE_PIECE);
        BitSet unmatched = tokens.of(GgufVocabulary.CONTROL, GgufVocabulary.UNKNOWN, GgufVocabulary.BYTE);
        ByteTokens bytes = ByteTokens.of(tokens.symbols()::find);
        SubwordModel model = new ScoredBpe(
                tokens.symbols(), tokens.scores(), unmatched, bytes, specials.special().unk());
        Normalizer normalizer = (in, from, to, out) -> escapeSpaces(in, from, to, spacePrefix, out);
        return assemble(specials, Optional.of(normalizer), PreTokenizer.NONE, model, spacePrefix, true, false);
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
        Bpe bpe = new Bpe(symbols, size, merges, named.ignoreMerges(), unknown, Optional.empty());
        boolean spacePrefix = flag("add_space_prefix", false);
        return assemble(
                specials,
                normalizer,
                named.preTokenizer(),
                bpe,
                spacePrefix,
                named.escapeSpaces(),
                named.cleanSpaces());
    }

    private Tokenizer assemble(
            GgufSpecials specials,
            Optional<Normalizer> normalizer,
            PreTokenizer preTokenizer,
            SubwordModel model,
            boolean stripFirstSpace,
            boolean escapedSpaces,
            boolean cleanSpaces) {
        Vocabulary vocabulary = new Vocabulary(tokens.symbols(), tokens.size(), tokens.control());
        boolean unescape = escapedSpaces;
        Detokenizer detokenizer = new PieceDetokenizer(
                tokens.size(),
                id -> tokens.piece(id, unescape),
                tokens.of(GgufVocabulary.CONTROL, GgufVocabulary.UNKNOWN),
                stripFirstSpace,
                cleanSpaces);
        return new PipelineTokenizer(
                vocabulary,
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
