package dev.laconic.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.testkit.SharedData;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Inputs that make tokenizers quadratic or overflow their stack: all must come through, and whole. */
class LongInputsTest {
    private static final String FOLDER = "data/tokenizers/";
    private static final int LONG = 100_000;

    @TestFactory
    Stream<DynamicTest> everyKindOfTokenizerTakesThem() {
        return Stream.of(
                        "ggml-vocab/ggml-vocab-llama-spm.gguf",
                        "ggml-vocab/ggml-vocab-falcon.gguf",
                        "ggml-vocab/ggml-vocab-bert-bge.gguf",
                        "hf/t5-small/tokenizer.json",
                        "hf/clip/tokenizer.json",
                        "tiktoken/o200k_base.tiktoken",
                        "rwkv/rwkv_vocab_v20230424.txt")
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    Tokenizer tokenizer = Tokenizers.ofFile(SharedData.require(FOLDER + name));
                    inputs().forEach((input, text) -> {
                        int[] ids = tokenizer.ids(text, EncodeOptions.PLAIN);
                        assertThat(tokenizer.count(text, EncodeOptions.PLAIN)).as(input).isEqualTo(ids.length);
                    });
                }));
    }

    @TestFactory
    Stream<DynamicTest> byteLevelTokenizersGiveThemBack() {
        Tokenizer tokenizer = Tokenizers.ofTiktoken(
                SharedData.require(FOLDER + "tiktoken/cl100k_base.tiktoken"), Optional.empty());
        return inputs().entrySet().stream()
                .map(input -> DynamicTest.dynamicTest(input.getKey(), () -> assertThat(
                                tokenizer.decode(tokenizer.ids(input.getValue(), EncodeOptions.PLAIN)))
                        .isEqualTo(input.getValue())));
    }

    private static Map<String, String> inputs() {
        Map<String, String> inputs = new LinkedHashMap<>();
        inputs.put("one letter", "a".repeat(LONG));
        inputs.put("spaces", " ".repeat(LONG) + "x");
        inputs.put("line ends and spaces", " \n".repeat(LONG / 2) + "  ");
        inputs.put("one line of letters", "abcdefghijklmnopqrst".repeat(LONG / 20));
        inputs.put("digits", "1234567".repeat(LONG / 70));
        inputs.put("combining marks", "e" + "\u0301\u0323".repeat(LONG / 10));
        inputs.put("emoji joined", "👩\u200d".repeat(LONG / 10));
        inputs.put("apostrophes", "'s't'".repeat(LONG / 25));
        inputs.put("upper and lower", "AAAAaaaaあ".repeat(LONG / 30));
        inputs.put("words", "word and ".repeat(LONG / 20));
        return inputs;
    }
}
