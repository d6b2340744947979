package dev.laconic.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.Metadata;
import dev.laconic.format.tokenizer.SentencePieceModel;
import dev.laconic.format.tokenizer.TiktokenRanks;
import dev.laconic.format.tokenizer.TokenizerJson;
import dev.laconic.testkit.SharedData;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Vocabularies that lie get an error that says where. */
class HostileVocabulariesTest {
    private static final String FOLDER = "parity/hostile/gguf/";

    @ParameterizedTest
    @CsvSource({
        "vocab-byte-token-0x-1, tokenizer.ggml.tokens[",
        "vocab-duplicate-token, tokenizer.ggml.tokens[",
        "vocab-empty, tokenizer.ggml.tokens",
        "vocab-score-nan, tokenizer.ggml.scores[0]",
        "vocab-scores-shorter-than-tokens, tokenizer.ggml.scores",
        "tokens-array-of-int, tokenizer.ggml.tokens"
    })
    void ggufVocabularies(String name, String field) {
        Path file = SharedData.require(FOLDER + name + ".gguf");
        assertThatThrownBy(() -> Tokenizers.ofFile(file))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(field);
    }

    @Test
    void theBaselineTheyWereMadeFromLoads() {
        assertThat(Tokenizers.ofFile(SharedData.require(FOLDER + "00-valid-baseline.gguf")).vocabularySize())
                .isEqualTo(152);
    }

    @Test
    void unknownPreTokenizersAreRefusedWithTheKnownOnes() {
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        values.put("tokenizer.ggml.model", "gpt2");
        values.put("tokenizer.ggml.pre", "made-up");
        values.put("tokenizer.ggml.tokens", List.of("a", "b"));
        values.put("tokenizer.ggml.merges", List.of());
        assertThatThrownBy(() -> Tokenizers.of(new Metadata("x.gguf", values)))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("made-up")
                .hasMessageContaining("llama-bpe")
                .hasMessageContaining("deepseek-v3");
        values.put("tokenizer.ggml.model", "made-up");
        assertThatThrownBy(() -> Tokenizers.of(new Metadata("x.gguf", values)))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("rwkv");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}",
                "{\"model\":1}",
                "{\"model\":{}}",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":-1},\"merges\":[]}}",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":2147483647},\"merges\":[]}}",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":0},\"merges\":[]}}",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":\"0\"},\"merges\":[]}}",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a b\"]}}",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"ab\"]}}",
                "{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"a\"]]}}",
                "{\"model\":{\"type\":\"Unigram\",\"unk_id\":7,\"vocab\":[[\"a\",0]]}}",
                "{\"model\":{\"type\":\"Made-up\",\"vocab\":{\"a\":0}}}",
                "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},\"normalizer\":{\"type\":\"Made-up\"}}",
                "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},\"pre_tokenizer\":{}}",
                "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},\"pre_tokenizer\":{\"type\":\"Split\","
                        + "\"pattern\":{\"Regex\":\"(\"}}}",
                "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},\"normalizer\":{\"type\":\"Precompiled\","
                        + "\"precompiled_charsmap\":\"AAAA/w==\"}}",
                "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},\"post_processor\":{\"type\":"
                        + "\"RobertaProcessing\",\"cls\":[\"a\",5],\"sep\":[\"a\",0]}}"
            })
    void tokenizerJson(String content) {
        assertThatThrownBy(() -> JsonTokenizers.of(
                        TokenizerJson.parse("t.json", content.getBytes(StandardCharsets.UTF_8)), TokenRoles.NONE))
                .isInstanceOf(LaconicException.class)
                .hasMessageContaining("t.json");
    }

    @ParameterizedTest
    @CsvSource({"(?:a|b)*c, 300000", ".*.*.*.*.*.*c, 300"})
    void patternsThatTakeTooMuchGiveUp(String pattern, int length) {
        Tokenizer tokenizer = JsonTokenizers.of(
                TokenizerJson.parse(
                        "t.json",
                        ("{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},\"pre_tokenizer\":{\"type\":\"Split\","
                                        + "\"behavior\":\"Isolated\",\"pattern\":{\"Regex\":\"" + pattern + "\"}}}")
                                .getBytes(StandardCharsets.UTF_8)),
                TokenRoles.NONE);
        assertThatThrownBy(() -> tokenizer.ids("a".repeat(length), EncodeOptions.PLAIN))
                .isInstanceOf(LaconicException.class)
                .hasMessageContaining(pattern);
    }

    @Test
    void brokenSentencePieceAndTiktokenFiles() {
        Stream.of(new byte[] {}, new byte[] {0x0A, 0x7F}, new byte[] {(byte) 0xFF}, new byte[] {0x0A, 0x02, 0x0A, 0x00})
                .forEach(bytes -> assertThatThrownBy(() -> SentencePieceModel.parse("m.model", bytes))
                        .isInstanceOf(MalformedInputException.class));
        Stream.of("", "IQ==", "!! 0", "IQ== x", "IQ== 1\nIg== 1", "IQ== 2000000000")
                .forEach(text -> assertThatThrownBy(
                                () -> TiktokenRanks.parse("r.tiktoken", text.getBytes(StandardCharsets.UTF_8)))
                        .isInstanceOf(MalformedInputException.class));
    }

    @Test
    void idsOutsideTheVocabularyAreRefused() {
        Tokenizer tokenizer = Tokenizers.ofFile(SharedData.require(FOLDER + "00-valid-baseline.gguf"));
        assertThatThrownBy(() -> tokenizer.decode(152)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> tokenizer.token(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
