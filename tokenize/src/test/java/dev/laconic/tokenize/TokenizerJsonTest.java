package dev.laconic.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.testkit.Seeds;
import dev.laconic.testkit.SharedData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Tokenizers from {@code tokenizer.json} against published ids and against Hugging Face's own library. */
class TokenizerJsonTest {
    private static final String FOLDER = "data/tokenizers/hf/";

    @TestFactory
    Stream<DynamicTest> equalsTheRustLibraryOnRandomTexts() {
        return Stream.of("clip", "phi-3-mini", "roberta-base", "t5-small", "whisper-tiny")
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    Path file = SharedData.require(FOLDER + name + "/tokenizer.json");
                    Tokenizer tokenizer = Tokenizers.ofFile(file);
                    try (RustOracle oracle = RustOracle.open(file)) {
                        Seeds.check(300, random -> compare(tokenizer, oracle, Texts.random(random)));
                    }
                }));
    }

    static void compare(Tokenizer tokenizer, RustOracle oracle, String text) {
        int[] ids = tokenizer.ids(text, EncodeOptions.TEMPLATE);
        assertThat(ids).as(text).containsExactly(oracle.ids(text, false));
        assertThat(tokenizer.ids(text, EncodeOptions.TRUSTED)).as(text).containsExactly(oracle.ids(text, true));
        String decoded = tokenizer.decode(ids);
        assertThat(decoded).isEqualTo(oracle.decode(ids));
        StreamingDecoder stream = tokenizer.streamingDecoder();
        StringBuilder streamed = new StringBuilder();
        for (int id : ids) stream.next(id, streamed);
        stream.finish(streamed);
        assertThat(streamed.toString()).isEqualTo(decoded);
    }

    @Test
    void publishedIdsOfRoberta() throws IOException {
        Path folder = SharedData.require(FOLDER + "roberta-base");
        Tokenizer tokenizer = Tokenizers.ofDirectory(folder);
        String name = folder.resolve("expected/ggml-vocab-roberta-bpe.gguf").toString();
        PublishedBlocks.check(name + ".inp", name + ".out", text -> tokenizer.ids(text, EncodeOptions.PLAIN));
    }

    @Test
    void specialSpellingsAreTextUnlessParsed() {
        Tokenizer tokenizer = Tokenizers.ofFile(SharedData.require(FOLDER + "phi-3-mini/tokenizer.json"));
        int end = tokenizer.id("<|end|>").orElseThrow();
        assertThat(tokenizer.ids("hi<|end|>", EncodeOptions.TEMPLATE)).contains(end);
        int[] plain = tokenizer.ids("hi<|end|>", EncodeOptions.PLAIN);
        assertThat(plain).doesNotContain(end);
        assertThat(tokenizer.decode(plain)).isEqualTo("hi<|end|>");
        assertThat(tokenizer.isControl(end)).isTrue();
        assertThat(tokenizer.special().endOfGeneration()).contains(end);
    }

    @Test
    void unpairedSurrogatesCountAsReplacementCharacters() {
        Tokenizer tokenizer = Tokenizers.ofFile(SharedData.require(FOLDER + "whisper-tiny/tokenizer.json"));
        String broken = "a\uD83D b\uDE00\uD83D";
        String whole = "a\uFFFD b\uFFFD\uFFFD";
        assertThat(tokenizer.ids(broken, EncodeOptions.PLAIN)).isEqualTo(tokenizer.ids(whole, EncodeOptions.PLAIN));
        assertThat(tokenizer.decode(tokenizer.ids(broken, EncodeOptions.PLAIN))).isEqualTo(whole);
    }

    @Test
    void offsetsCoverTheText() {
        Tokenizer tokenizer = Tokenizers.ofFile(SharedData.require(FOLDER + "whisper-tiny/tokenizer.json"));
        Seeds.check(200, random -> {
            String text = Texts.random(random);
            Encoding encoding = tokenizer.encode(text, EncodeOptions.PLAIN);
            int covered = 0;
            for (int i = 0; i < encoding.size(); i++) {
                assertThat(encoding.starts()[i]).isLessThanOrEqualTo(covered);
                covered = encoding.ends()[i];
            }
            assertThat(covered).isEqualTo(text.length());
            assertThat(new String(tokenizer.bytes(encoding.ids(), false), StandardCharsets.UTF_8)).isEqualTo(text);
        });
    }
}
