package dev.laconic.tokenize;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.io.Quoted;
import dev.laconic.format.tokenizer.AddedToken;
import dev.laconic.format.tokenizer.SentencePieceModel;
import dev.laconic.format.tokenizer.SentencePieceModel.Type;
import dev.laconic.tokenize.PieceDetokenizer.LeadingSpace;
import dev.laconic.tokenize.subword.ByteTokens;
import dev.laconic.tokenize.subword.ScoredBpe;
import dev.laconic.tokenize.subword.SubwordModel;
import dev.laconic.tokenize.subword.SymbolTable;
import dev.laconic.tokenize.subword.Unigram;
import dev.laconic.tokenize.subword.WordLevel;
import dev.laconic.tokenize.text.CharsMap;
import dev.laconic.tokenize.text.Normalizer;
import dev.laconic.tokenize.text.PreTokenizer;
import dev.laconic.tokenize.text.PreTokenizers;
import dev.laconic.tokenize.text.SentencePieceNormalizer;
import dev.laconic.tokenize.text.SpacedPieces;
import dev.laconic.tokenize.text.Trie;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Builds the tokenizer of a SentencePiece {@code .model} file, to behave as the SentencePiece library does. The file does not
 * say what a model wants around a text: it is BOS before it where there is one, else EOS behind it.
 */
final class SentencePieceTokenizers {
    private static final float UNKNOWN_PENALTY = 10;
    private static final char SPACE = '▁';

    private final SentencePieceModel file;
    private final SymbolTable symbols;

    private SentencePieceTokenizers(SentencePieceModel file) {
        this.file = file;
        this.symbols = new SymbolTable(file.pieces().size());
        for (String piece : file.pieces()) {
            if (symbols.find(piece) != SymbolTable.MISSING)
                throw new MalformedInputException(
                        file.source(), "pieces[" + symbols.size() + "]", Quoted.of(piece) + " again", "another piece");
            symbols.add(piece);
        }
    }

    static Tokenizer of(SentencePieceModel file) {
        return new SentencePieceTokenizers(file).build();
    }

    private Tokenizer build() {
        BitSet control = of(Type.CONTROL);
        Optional<CharsMap> rules = file.rules().length == 0
                ? Optional.empty()
                : Optional.of(CharsMap.parse(file.source(), "normalizer_spec.precompiled_charsmap", file.rules()));
        char space = file.escapeSpaces() ? SPACE : ' ';
        Normalizer normalizer = new SentencePieceNormalizer(
                rules, trie(of(Type.USER_DEFINED)), file.addSpace(), file.suffixSpace(), file.mergeSpaces(), space);
        PreTokenizer preTokenizer =
                switch (file.algorithm()) {
                    case UNIGRAM, BPE -> PreTokenizer.NONE;
                    case WORD -> new SpacedPieces(space, file.suffixSpace());
                    case CHAR -> PreTokenizers.fixedLength(1);
                };
        return new PipelineTokenizer(
                new Vocabulary(symbols, symbols.size(), Map.of(), control),
                controlTokens(control),
                Optional.of(normalizer),
                Partition.NONE,
                preTokenizer,
                model(),
                file.bos() >= 0 ? new int[] {file.bos()} : new int[0],
                file.bos() < 0 && file.eos() >= 0 ? new int[] {file.eos()} : new int[0],
                new PieceDetokenizer(
                        symbols.size(),
                        this::bytes,
                        control,
                        file.mergeSpaces()
                                ? LeadingSpace.ALL
                                : file.addSpace() ? LeadingSpace.FIRST : LeadingSpace.KEPT,
                        file.unknown(),
                        false),
                special());
    }

    private SubwordModel model() {
        OptionalInt unknown = OptionalInt.of(file.unknown());
        ByteTokens bytes = file.byteFallback() ? ByteTokens.of(symbols::find) : ByteTokens.NONE;
        BitSet unmatched = of(Type.CONTROL, Type.UNKNOWN, Type.BYTE);
        return switch (file.algorithm()) {
            case BPE ->
                new ScoredBpe(symbols, file.scores(), unmatched, bytes, unknown, trie(of(Type.USER_DEFINED)), false);
            case UNIGRAM -> unigram(bytes, unknown);
            case WORD, CHAR -> new WordLevel(symbols, unknown);
        };
    }

    private SubwordModel unigram(ByteTokens bytes, OptionalInt unknown) {
        float lowest = Float.MAX_VALUE;
        float highest = -Float.MAX_VALUE;
        double[] scores = new double[symbols.size()];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = file.scores()[id];
            if (file.types()[id] != Type.NORMAL) continue;
            lowest = Math.min(lowest, file.scores()[id]);
            highest = Math.max(highest, file.scores()[id]);
        }
        for (int id = 0; id < scores.length; id++) {
            int length = symbols.string(id).getBytes(StandardCharsets.UTF_8).length;
            if (file.types()[id] == Type.USER_DEFINED) scores[id] = length * highest - 0.1;
        }
        Trie trie = trie(of(Type.NORMAL, Type.USER_DEFINED));
        return new Unigram(trie, scores, lowest - UNKNOWN_PENALTY, unknown, true, bytes);
    }

    private BitSet of(Type... types) {
        Set<Type> wanted = Set.of(types);
        BitSet ids = new BitSet();
        for (int id = 0; id < file.types().length; id++) if (wanted.contains(file.types()[id])) ids.set(id);
        return ids;
    }

    private Trie trie(BitSet ids) {
        Trie trie = new Trie(ids.cardinality() * 4);
        ids.stream().forEach(id -> trie.add(symbols.string(id), id));
        return trie;
    }

    private Partition controlTokens(BitSet control) {
        List<AddedToken> tokens = new ArrayList<>();
        control.stream()
                .forEach(id -> tokens.add(new AddedToken(id, symbols.string(id), false, false, false, false, true)));
        return new AddedTokens(tokens, tokens.stream().map(AddedToken::content).toList());
    }

    private byte[] bytes(int id) {
        String piece = symbols.string(id);
        return switch (file.types()[id]) {
            case UNKNOWN -> file.unknownSurface().getBytes(StandardCharsets.UTF_8);
            case BYTE -> ByteTokens.parse(piece) < 0 ? new byte[0] : new byte[] {(byte) ByteTokens.parse(piece)};
            case CONTROL -> piece.getBytes(StandardCharsets.UTF_8);
            default -> piece.replace(SPACE, ' ').getBytes(StandardCharsets.UTF_8);
        };
    }

    private SpecialTokens special() {
        Set<Integer> ends = file.eos() >= 0 ? Set.of(file.eos()) : Set.of();
        return new SpecialTokens(
                optional(file.bos()),
                optional(file.eos()),
                OptionalInt.empty(),
                OptionalInt.of(file.unknown()),
                OptionalInt.empty(),
                optional(file.pad()),
                OptionalInt.empty(),
                ends);
    }

    private static OptionalInt optional(int id) {
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
