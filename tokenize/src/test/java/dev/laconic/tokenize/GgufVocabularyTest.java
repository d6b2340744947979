package dev.laconic.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.Metadata;
import dev.laconic.format.PackedStrings;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A vocabulary whose strings lie as in a file is read as one whose strings are there. */
class GgufVocabularyTest {

    @Test
    void findsTokensOfAllKinds() {
        List<String> tokens = List.of("a", "", "😀", "b", "▁x", "😀😀", "naïve", "");
        for (List<String> strings : List.of(tokens, packed(tokens))) {
            GgufVocabulary vocabulary = read(strings);
            assertThat(vocabulary.size()).isEqualTo(tokens.size());
            for (int id = 0; id < tokens.size(); id++) {
                String token = tokens.get(id).isEmpty() ? "[EMPTY_" + id + "]" : tokens.get(id);
                assertThat(vocabulary.find(token)).as(token).isEqualTo(id);
                assertThat(vocabulary.symbols().string(id)).isEqualTo(token);
            }
        }
    }

    @Test
    void saysWhichTokenIsThereTwice() {
        Map<List<String>, Integer> again = Map.of(
                List.of("a", "b", "c", "b", "d"), 3, List.of("a", "😀", "b", "😀"), 3, List.of("b", "[EMPTY_1]", "b"), 2);
        again.forEach((tokens, id) -> {
            for (List<String> strings : List.of(tokens, packed(tokens)))
                assertThatThrownBy(() -> read(strings))
                        .isInstanceOf(MalformedInputException.class)
                        .hasMessageContaining("tokens[" + id + "]")
                        .hasMessageContaining("again");
        });
    }

    private static GgufVocabulary read(List<String> tokens) {
        return GgufVocabulary.read(new Metadata("test", new LinkedHashMap<>(Map.of("tokenizer.ggml.tokens", tokens))));
    }

    private static PackedStrings packed(List<String> strings) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int[] starts = new int[strings.size() + 1];
        for (int i = 0; i < strings.size(); i++) {
            byte[] bytes = strings.get(i).getBytes(StandardCharsets.UTF_8);
            starts[i] = all.size() + Long.BYTES;
            all.writeBytes(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(bytes.length).array());
            all.writeBytes(bytes);
        }
        starts[strings.size()] = all.size() + Long.BYTES;
        return new PackedStrings(all.toByteArray(), starts);
    }
}
