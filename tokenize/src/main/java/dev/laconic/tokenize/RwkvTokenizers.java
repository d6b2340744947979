package dev.laconic.tokenize;

import dev.laconic.format.tokenizer.RwkvVocabulary;
import dev.laconic.tokenize.PieceDetokenizer.LeadingSpace;
import dev.laconic.tokenize.subword.LongestMatch;
import dev.laconic.tokenize.subword.SymbolTable;
import dev.laconic.tokenize.text.ByteAlphabet;
import dev.laconic.tokenize.text.PreTokenizer;
import dev.laconic.tokenize.text.Trie;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Builds the tokenizer of an RWKV vocabulary. Tokens are spelt in GPT-2's byte alphabet; id 0 ends a text. */
final class RwkvTokenizers {
    private RwkvTokenizers() {}

    static Tokenizer of(RwkvVocabulary file) {
        int size = file.tokens().size();
        SymbolTable symbols = new SymbolTable(size);
        Trie trie = new Trie(size * 4);
        for (int id = 0; id < size; id++) {
            byte[] token = file.tokens().get(id);
            StringBuilder spelling = new StringBuilder();
            for (byte b : token) spelling.append(ByteAlphabet.toChar(b & 0xFF));
            if (token.length == 0) {
                symbols.addHidden("");
                continue;
            }
            symbols.add(spelling.toString());
            trie.add(new String(token, StandardCharsets.ISO_8859_1), id);
        }
        BitSet control = new BitSet();
        boolean ends = file.tokens().getFirst().length == 0;
        if (ends) control.set(0);
        OptionalInt end = ends ? OptionalInt.of(0) : OptionalInt.empty();
        OptionalInt none = OptionalInt.empty();
        return new PipelineTokenizer(
                new Vocabulary(symbols, size, Map.of(), control),
                Partition.NONE,
                Optional.empty(),
                Partition.NONE,
                PreTokenizer.NONE,
                new LongestMatch(trie, none),
                new int[0],
                new int[0],
                new PieceDetokenizer(size, file.tokens()::get, control, LeadingSpace.KEPT, -1, false),
                new SpecialTokens(none, end, none, none, none, none, none, ends ? Set.of(0) : Set.of()));
    }
}
