package dev.laconic.tokenize;

import static dev.laconic.tokenize.text.WordLexer.Contractions.FOLDED;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.tokenizer.AddedToken;
import dev.laconic.format.tokenizer.TiktokenRanks;
import dev.laconic.tokenize.PieceDetokenizer.LeadingSpace;
import dev.laconic.tokenize.subword.ByteTokens;
import dev.laconic.tokenize.subword.ScoredBpe;
import dev.laconic.tokenize.subword.SymbolTable;
import dev.laconic.tokenize.text.ByteAlphabet;
import dev.laconic.tokenize.text.Gpt2Lexer;
import dev.laconic.tokenize.text.PreTokenizer;
import dev.laconic.tokenize.text.Split;
import dev.laconic.tokenize.text.TextPattern;
import dev.laconic.tokenize.text.Trie;
import dev.laconic.tokenize.text.WordLexer;
import dev.laconic.tokenize.text.WordLexer.Words;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Builds tokenizers from tiktoken's rank files, which hold neither a pattern nor special tokens: these go by name. */
final class TiktokenTokenizers {
    private static final String END_OF_TEXT = "<|endoftext|>";
    private static final TextPattern GPT2 = new Gpt2Lexer();
    private static final TextPattern CL100K =
            WordLexer.whole(new WordLexer(FOLDED, false, Words.LETTERS, 3, "\r\n", Integer.MAX_VALUE));
    private static final TextPattern LLAMA3 = new WordLexer(FOLDED, false, Words.LETTERS, 3, "\r\n", Integer.MAX_VALUE);
    private static final TextPattern QWEN = new WordLexer(FOLDED, false, Words.LETTERS, 1, "\r\n", Integer.MAX_VALUE);
    private static final TextPattern O200K = new WordLexer(FOLDED, true, Words.CASED, 3, "\r\n/", Integer.MAX_VALUE);

    /**
     * @param ranks how many ranks the file has
     * @param bos spelling of the token before a text, empty where there is none
     */
    private record Known(int ranks, TextPattern pattern, Map<String, Integer> special, String bos, String eos) {}

    private static final Map<String, Known> KNOWN = known();

    private TiktokenTokenizers() {}

    /** @param encoding the name of the encoding; if empty, the first known one with as many ranks */
    static Tokenizer of(TiktokenRanks file, Optional<String> encoding) {
        String name = encoding.orElseGet(() -> KNOWN.entrySet().stream()
                .filter(known -> known.getValue().ranks() == file.ranks().length)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("with " + file.ranks().length + " ranks"));
        Known known = KNOWN.get(name);
        if (known == null) throw new UnsupportedModelException(file.source(), "encoding", name, KNOWN.keySet());
        return build(file, known);
    }

    private static Map<String, Known> known() {
        Map<String, Known> known = new LinkedHashMap<>();
        Map<String, Integer> end = Map.of(END_OF_TEXT, 50256);
        known.put("r50k_base", new Known(50256, GPT2, end, "", END_OF_TEXT));
        known.put("gpt2", new Known(50256, GPT2, end, "", END_OF_TEXT));
        known.put("p50k_base", new Known(50280, GPT2, end, "", END_OF_TEXT));
        known.put(
                "p50k_edit",
                new Known(
                        50280,
                        GPT2,
                        Map.of(
                                END_OF_TEXT,
                                50256,
                                "<|fim_prefix|>",
                                50281,
                                "<|fim_middle|>",
                                50282,
                                "<|fim_suffix|>",
                                50283),
                        "",
                        END_OF_TEXT));
        known.put(
                "cl100k_base",
                new Known(
                        100256,
                        CL100K,
                        Map.of(
                                END_OF_TEXT,
                                100257,
                                "<|fim_prefix|>",
                                100258,
                                "<|fim_middle|>",
                                100259,
                                "<|fim_suffix|>",
                                100260,
                                "<|endofprompt|>",
                                100276),
                        "",
                        END_OF_TEXT));
        known.put(
                "o200k_base",
                new Known(199998, O200K, Map.of(END_OF_TEXT, 199999, "<|endofprompt|>", 200018), "", END_OF_TEXT));
        known.put("o200k_harmony", new Known(199998, O200K, harmony(), "", "<|return|>"));
        known.put("llama3", new Known(128000, LLAMA3, llama3(), "<|begin_of_text|>", "<|end_of_text|>"));
        known.put("qwen", new Known(151643, QWEN, qwen(), "", END_OF_TEXT));
        return known;
    }

    private static Map<String, Integer> harmony() {
        Map<String, Integer> special = new HashMap<>();
        for (int id = 200000; id < 201088; id++) special.put("<|reserved_" + id + "|>", id);
        Map<String, Integer> named = Map.of(
                "<|startoftext|>",
                199998,
                END_OF_TEXT,
                199999,
                "<|return|>",
                200002,
                "<|constrain|>",
                200003,
                "<|channel|>",
                200005,
                "<|start|>",
                200006,
                "<|end|>",
                200007,
                "<|message|>",
                200008,
                "<|call|>",
                200012,
                "<|endofprompt|>",
                200018);
        special.values().removeAll(named.values());
        special.putAll(named);
        special.put("<|reserved_200018|>", 200018);
        return special;
    }

    private static Map<String, Integer> llama3() {
        List<String> names = new ArrayList<>(List.of("<|begin_of_text|>", "<|end_of_text|>"));
        for (int i = 0; i < 4; i++) names.add("<|reserved_special_token_" + i + "|>");
        names.addAll(List.of(
                "<|start_header_id|>", "<|end_header_id|>", "<|reserved_special_token_4|>", "<|eot_id|>"));
        for (int i = 5; names.size() < 256; i++) names.add("<|reserved_special_token_" + i + "|>");
        return numbered(names, 128000);
    }

    private static Map<String, Integer> qwen() {
        List<String> names = new ArrayList<>(List.of(END_OF_TEXT, "<|im_start|>", "<|im_end|>"));
        for (int i = 0; i < 205; i++) names.add("<|extra_" + i + "|>");
        return numbered(names, 151643);
    }

    private static Map<String, Integer> numbered(List<String> names, int first) {
        Map<String, Integer> ids = new HashMap<>();
        for (int i = 0; i < names.size(); i++) ids.put(names.get(i), first + i);
        return ids;
    }

    private static Tokenizer build(TiktokenRanks file, Known known) {
        int size = file.ranks()[file.ranks().length - 1] + 1;
        for (int id : known.special().values()) size = Math.max(size, id + 1);
        String[] spellings = new String[size];
        for (int i = 0; i < file.ranks().length; i++) spellings[file.ranks()[i]] = spelling(file.tokens().get(i));
        for (Map.Entry<String, Integer> special : known.special().entrySet())
            if (spellings[special.getValue()] != null)
                throw new MalformedInputException(
                        file.source(), "rank " + special.getValue(), "a token", "none, for " + special.getKey() + " is there");
        SymbolTable symbols = new SymbolTable(size);
        float[] scores = new float[size];
        BitSet control = new BitSet();
        String[] special = new String[size];
        known.special().forEach((spelling, id) -> special[id] = spelling);
        for (int id = 0; id < size; id++) {
            scores[id] = -id;
            if (spellings[id] != null) symbols.add(spellings[id]);
            else symbols.addHidden(special[id] == null ? "" : special[id]);
            if (special[id] != null) control.set(id);
        }
        for (int b = 0; b < 256; b++)
            if (symbols.find(String.valueOf(ByteAlphabet.toChar(b))) == SymbolTable.MISSING)
                throw new MalformedInputException(file.source(), "ranks", "no token for byte " + b, "one for each byte");
        ScoredBpe model =
                new ScoredBpe(symbols, scores, new BitSet(), ByteTokens.NONE, OptionalInt.empty(), new Trie(0), true);
        int end = known.special().get(known.eos());
        OptionalInt bos =
                known.bos().isEmpty() ? OptionalInt.empty() : OptionalInt.of(known.special().get(known.bos()));
        Set<Integer> ends = new java.util.LinkedHashSet<>(Set.of(end));
        for (String turn : GgufSpecials.END_OF_TURN)
            if (known.special().containsKey(turn) && !turn.equals("<|end|>")) ends.add(known.special().get(turn));
        return new PipelineTokenizer(
                new Vocabulary(symbols, size, known.special(), control),
                partition(known.special()),
                Optional.empty(),
                Partition.NONE,
                PreTokenizer.sequence(List.of(Split.isolated(known.pattern()), ByteAlphabet.speller())),
                model,
                bos.isPresent() ? new int[] {bos.getAsInt()} : new int[0],
                new int[0],
                new PieceDetokenizer(
                        size,
                        id -> special[id] != null
                                ? special[id].getBytes(StandardCharsets.UTF_8)
                                : TokenDecoder.spelt(symbols.string(id)),
                        control,
                        LeadingSpace.KEPT,
                        -1,
                        false),
                new SpecialTokens(
                        bos,
                        OptionalInt.of(end),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        ends));
    }

    private static Partition partition(Map<String, Integer> special) {
        List<AddedToken> tokens = new ArrayList<>();
        special.forEach((spelling, id) -> tokens.add(new AddedToken(id, spelling, false, false, false, false, true)));
        return new AddedTokens(tokens, tokens.stream().map(AddedToken::content).toList());
    }

    private static String spelling(byte[] bytes) {
        char[] spelling = new char[bytes.length];
        for (int i = 0; i < spelling.length; i++) spelling[i] = ByteAlphabet.toChar(bytes[i] & 0xFF);
        return new String(spelling);
    }
}
