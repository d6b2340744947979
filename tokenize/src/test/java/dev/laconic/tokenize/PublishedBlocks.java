package dev.laconic.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** The published test texts of llama.cpp's vocabularies, with their token ids. */
final class PublishedBlocks {
    private static final String SEPARATOR = "\n__ggml_vocab_test__\n";

    private PublishedBlocks() {}

    static void check(String input, String output, Function<String, int[]> tokenizer) throws IOException {
        List<String> texts = Arrays.asList(Files.readString(Path.of(input)).split(SEPARATOR, -1));
        List<String> lines = Files.readAllLines(Path.of(output));
        for (int i = 0; i < lines.size(); i++) {
            int[] expected = lines.get(i).isBlank()
                    ? new int[0]
                    : Arrays.stream(lines.get(i).trim().split(" ")).mapToInt(Integer::parseInt).toArray();
            assertThat(tokenizer.apply(texts.get(i))).as("block %d: %s", i, texts.get(i)).containsExactly(expected);
        }
    }
}
