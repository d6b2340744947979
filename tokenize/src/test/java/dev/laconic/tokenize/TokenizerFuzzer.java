package dev.laconic.tokenize;

import dev.laconic.core.error.LaconicException;
import dev.laconic.format.Metadata;
import dev.laconic.format.tokenizer.RwkvVocabulary;
import dev.laconic.format.tokenizer.SentencePieceModel;
import dev.laconic.format.tokenizer.TiktokenRanks;
import dev.laconic.format.tokenizer.TokenizerJson;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** Builds a tokenizer from any bytes, the first of which says which kind, and runs a text through it. */
public final class TokenizerFuzzer {
    private static final String TEXT = "Hello wörld 12345  \n\t ﬁ 각 👩\u200d🚀 <s>a</s> aab";

    private TokenizerFuzzer() {}

    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) return;
        byte[] rest = Arrays.copyOfRange(data, 1, data.length);
        try {
            Tokenizer tokenizer =
                    switch (data[0]) {
                        case 'J' -> JsonTokenizers.of(TokenizerJson.parse("fuzz", rest), TokenRoles.NONE);
                        case 'S' -> SentencePieceTokenizers.of(SentencePieceModel.parse("fuzz", rest));
                        case 'R' -> RwkvTokenizers.of(RwkvVocabulary.parse("fuzz", rest));
                        case 'T' -> TiktokenTokenizers.of(TiktokenRanks.parse("fuzz", rest), Optional.of("gpt2"));
                        default -> GgufTokenizers.of(metadata(rest));
                    };
            for (boolean special : new boolean[] {false, true}) {
                int[] ids = tokenizer.ids(TEXT, new EncodeOptions(special, special));
                tokenizer.bytes(ids, special);
                StreamingDecoder stream = tokenizer.streamingDecoder();
                for (int id : ids) stream.next(id);
                stream.finish();
            }
        } catch (LaconicException e) {
            // What a broken file deserves.
        }
    }

    /** Kind, pre-tokenizer, then tokens, each line with its type in front. */
    private static Metadata metadata(byte[] data) {
        List<String> lines = new String(data, StandardCharsets.UTF_8).lines().toList();
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        values.put("tokenizer.ggml.model", lines.isEmpty() ? "" : lines.getFirst());
        values.put("tokenizer.ggml.pre", lines.size() < 2 ? "" : lines.get(1));
        List<String> tokens = lines.stream().skip(2).map(line -> line.isEmpty() ? "" : line.substring(1)).toList();
        values.put("tokenizer.ggml.tokens", tokens);
        values.put("tokenizer.ggml.merges", tokens.stream().filter(token -> token.contains(" ")).toList());
        values.put(
                "tokenizer.ggml.token_type",
                lines.stream().skip(2).mapToLong(line -> line.isEmpty() ? 0 : line.charAt(0) - '0').toArray());
        return new Metadata("fuzz", values);
    }
}
