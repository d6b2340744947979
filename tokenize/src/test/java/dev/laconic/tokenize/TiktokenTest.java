package dev.laconic.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.testkit.Seeds;
import dev.laconic.testkit.SharedData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Tiktoken's encodings against published ids. */
class TiktokenTest {
    private static final String FOLDER = "data/tokenizers/tiktoken/";

    @TestFactory
    Stream<DynamicTest> publishedIds() {
        return Stream.of("r50k_base", "p50k_base", "p50k_edit", "cl100k_base", "o200k_base")
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    Tokenizer tokenizer = tokenizer(name);
                    Path file = SharedData.require(FOLDER + "expected/" + name + "_encodings.csv");
                    List<String[]> rows = rows(Files.readString(file));
                    for (String[] row : rows.subList(1, rows.size())) {
                        if (row.length < 2) continue;
                        int[] ids = Arrays.stream(row[1].replaceAll("[\\[\\] ]", "").split(","))
                                .mapToInt(Integer::parseInt)
                                .toArray();
                        assertThat(tokenizer.ids(row[0], EncodeOptions.PLAIN)).as(row[0]).containsExactly(ids);
                        assertThat(tokenizer.decode(ids)).isEqualTo(row[0]);
                    }
                }));
    }

    @Test
    void specialTokens() {
        Tokenizer tokenizer = tokenizer("cl100k_base");
        assertThat(tokenizer.ids("a<|endoftext|>", EncodeOptions.TEMPLATE)).containsExactly(64, 100257);
        assertThat(tokenizer.ids("a<|endoftext|>", EncodeOptions.PLAIN)).doesNotContain(100257);
        assertThat(tokenizer.vocabularySize()).isEqualTo(100277);
        assertThat(Tokenizers.ofFile(SharedData.require(FOLDER + "o200k_base.tiktoken"))
                        .id("<|endofprompt|>"))
                .hasValue(200018);
    }

    @Test
    void streamsWholeCharactersAndTheSameText() {
        Tokenizer tokenizer = tokenizer("r50k_base");
        Seeds.check(300, random -> {
            String text = Texts.random(random);
            StreamingDecoder stream = tokenizer.streamingDecoder();
            StringBuilder streamed = new StringBuilder();
            for (int id : tokenizer.ids(text, EncodeOptions.PLAIN)) {
                String part = stream.next(id);
                assertThat(part.getBytes(StandardCharsets.UTF_8)).isEqualTo(bytesOf(part));
                streamed.append(part);
            }
            assertThat(stream.finish()).isEmpty();
            assertThat(streamed.toString()).isEqualTo(text);
        });
    }

    @Test
    void bytesThatAreNoTextBecomeReplacementCharactersAsOneDecoderWouldHaveIt() {
        Tokenizer tokenizer = tokenizer("r50k_base");
        Seeds.check(300, random -> {
            int[] ids = random.ints(random.nextInt(1, 12), 0, 256).toArray();
            StreamingDecoder stream = tokenizer.streamingDecoder();
            StringBuilder streamed = new StringBuilder();
            for (int id : ids) stream.next(id, streamed);
            stream.finish(streamed);
            assertThat(streamed.toString()).isEqualTo(tokenizer.decode(ids));
        });
    }

    private static byte[] bytesOf(String part) {
        return new String(part.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Tokenizer tokenizer(String encoding) {
        String file = encoding.equals("p50k_edit") ? "p50k_base" : encoding;
        return Tokenizers.ofTiktoken(SharedData.require(FOLDER + file + ".tiktoken"), Optional.of(encoding));
    }

    /** Comma-separated values in which quoted ones may hold quotes, commas and line ends. */
    private static List<String[]> rows(String csv) throws IOException {
        List<String[]> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        StringBuilder value = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < csv.length(); i++) {
            char c = csv.charAt(i);
            if (quoted && c == '"' && i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
                value.append(c);
                i++;
            } else if (c == '"') quoted = !quoted;
            else if (!quoted && (c == ',' || c == '\n')) {
                row.add(value.toString().replaceAll("\r$", ""));
                value.setLength(0);
                if (c == ',') continue;
                rows.add(row.toArray(String[]::new));
                row.clear();
            } else value.append(c);
        }
        return rows;
    }
}
