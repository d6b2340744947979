package dev.laconic.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.testkit.Seeds;
import dev.laconic.testkit.SharedData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ids that others published for vocabularies of all kinds of files. */
class PublishedVocabulariesTest {
    private static final String FOLDER = "data/tokenizers/";
    private static final String QWEN2 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    @Test
    void bert() throws IOException {
        Tokenizer tokenizer = file("hf-expected/bert-vocab.txt");
        checkCases(tokenizer, "google-bert/bert-base-uncased", 0);
        checkText(tokenizer, "bert_uncased_encoded.json");
        JsonNode words = expected("basic_tokenized_questions.json");
        JsonNode ids = expected("tokenized_questions.json");
        for (int i = 0; i < words.size(); i++) {
            List<String> question = new ArrayList<>();
            for (JsonNode word : words.get(i)) question.add(word.asString());
            assertThat(tokenizer.ids(String.join(" ", question), EncodeOptions.PLAIN))
                    .as("question %d", i)
                    .containsExactly(ints(ids.get(i)));
        }
    }

    @Test
    void gpt2FromVocabularyAndMerges() throws IOException {
        Tokenizer tokenizer = Tokenizers.ofVocabulary(
                SharedData.require(FOLDER + "bpe-training/gpt2_vocab.json"),
                SharedData.require(FOLDER + "bpe-training/gpt2_merges.txt"),
                Optional.empty());
        checkText(tokenizer, "gpt2_encoded_tokens.json");
        checkCases(tokenizer, "distilgpt2", 0);
    }

    @Test
    void qwen2FromVocabularyAndMerges() throws IOException {
        Path folder = SharedData.require(FOLDER + "qwen2");
        Tokenizer tokenizer = Tokenizers.ofVocabulary(
                folder.resolve("vocab.json"), folder.resolve("merges.txt"), Optional.of(QWEN2));
        String name = folder.resolve("expected/ggml-vocab-qwen2.gguf").toString();
        PublishedBlocks.check(name + ".inp", name + ".out", text -> tokenizer.ids(text, EncodeOptions.PLAIN));
        Tokenizer bare = Tokenizers.ofDirectory(folder);
        PublishedBlocks.check(name + ".inp", name + ".out", text -> bare.ids(text, EncodeOptions.PLAIN));
    }

    @Test
    void t5() throws IOException {
        Tokenizer tokenizer = file("hf/t5-small/tokenizer.json");
        checkCases(tokenizer, "t5-base", 0);
        checkText(tokenizer, "t5_base_encoded.json");
    }

    @Test
    void falconAndLlamaFromGguf() throws IOException {
        checkCases(file("ggml-vocab/ggml-vocab-falcon.gguf"), "tiiuae/falcon-7b", 0);
        checkCases(file("ggml-vocab/ggml-vocab-llama-spm.gguf"), "coreml-projects/Llama-2-7b-chat-coreml", 0);
        checkText(file("ggml-vocab/ggml-vocab-llama-spm.gguf"), "llama_encoded.json");
    }

    @Test
    void whisper() throws IOException {
        checkCases(file("hf/whisper-tiny/tokenizer.json"), "openai/whisper-large-v2", 2);
    }

    @Test
    void mistralAgreesWithItsOwnEarlierVersion() {
        Tokenizer first = file("mistral/tokenizer.model.v1");
        Tokenizer third = file("mistral/mistral_instruct_tokenizer_240323.model.v3");
        assertThat(third.id("[INST]")).isPresent();
        int shift = third.id("▁the").orElseThrow() - first.id("▁the").orElseThrow();
        Seeds.check(100, random -> {
            String text = Texts.random(random);
            int[] old = first.ids(text, EncodeOptions.PLAIN);
            int[] ids = third.ids(text, EncodeOptions.PLAIN);
            for (int i = 0; i < ids.length; i++) assertThat(ids[i] - shift).isEqualTo(old[i]);
            assertThat(third.decode(ids)).isEqualTo(text.replace("▁", " "));
        });
    }

    @Test
    void rwkvDecodesToWhatItWasGiven() {
        Tokenizer tokenizer = file("rwkv/rwkv_vocab_v20230424.txt");
        assertThat(tokenizer.ids("Hello world!", EncodeOptions.PLAIN)).containsExactly(33155, 40213, 34);
        Seeds.check(100, random -> {
            String text = Texts.random(random);
            assertThat(tokenizer.decode(tokenizer.ids(text, EncodeOptions.PLAIN))).isEqualTo(text);
        });
    }

    private static Tokenizer file(String name) {
        return Tokenizers.ofFile(SharedData.require(FOLDER + name));
    }

    /** @param skipped how many tokens before the text are the model's own choice */
    private static void checkCases(Tokenizer tokenizer, String model, int skipped) throws IOException {
        for (JsonNode test : expected("tokenizer_tests.json").get(model)) {
            String text = test.get("input").asString();
            int[] ids = ints(test.get("encoded").get("input_ids"));
            int[] given = tokenizer.ids(text, EncodeOptions.TRUSTED);
            assertThat(java.util.Arrays.copyOfRange(given, skipped, given.length))
                    .as("%s: %s", model, text)
                    .containsExactly(java.util.Arrays.copyOfRange(ids, skipped, ids.length));
        }
    }

    private static void checkText(Tokenizer tokenizer, String file) throws IOException {
        JsonNode test = expected(file);
        assertThat(tokenizer.ids(test.get("text").asString(), EncodeOptions.TRUSTED))
                .containsExactly(ints(test.get("token_ids")));
    }

    private static JsonNode expected(String file) throws IOException {
        return new JsonMapper().readTree(SharedData.require(FOLDER + "hf-expected").resolve(file));
    }

    private static int[] ints(JsonNode array) {
        int[] ints = new int[array.size()];
        for (int i = 0; i < ints.length; i++) ints[i] = array.get(i).asInt();
        return ints;
    }
}
