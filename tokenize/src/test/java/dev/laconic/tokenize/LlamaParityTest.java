package dev.laconic.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.format.gguf.GgufFile;
import dev.laconic.testkit.SharedData;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ids and texts equal to those that llama.cpp gave for the same vocabularies. */
class LlamaParityTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TestFactory
    Stream<DynamicTest> referenceLines() throws Exception {
        Path parity = SharedData.require("parity");
        Path vocabularies = SharedData.require("data/tokenizers/ggml-vocab");
        JsonNode lines = JSON.readTree(parity.resolve("tokenizer/lines.json"));
        JsonNode index = JSON.readTree(parity.resolve("INDEX.json")).get("tokenizer").get("vocabs");
        return index.properties().stream().map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
            String from = entry.getValue().get("vocab_from").asString().split(" ")[0];
            Path file = from.contains("ggml-vocab")
                    ? vocabularies.resolve(Path.of(from).getFileName())
                    : parity.resolve(from);
            Tokenizer tokenizer = tokenizer(file);
            JsonNode reference = JSON.readTree(parity.resolve(entry.getValue().get("file").asString()));
            for (int i = 0; i < reference.get("lines").size(); i++) {
                String text = text(lines, reference.get("lines").get(i).asInt());
                check(tokenizer, text, EncodeOptions.PLAIN, reference.get("plain").get(i));
                check(tokenizer, text, EncodeOptions.TEMPLATE, reference.get("parse_special").get(i));
                check(tokenizer, text, EncodeOptions.TRUSTED, reference.get("add_special_parse_special").get(i));
                byte[] bytes = HexFormat.of().parseHex(reference.get("detokenized_plain_hex").get(i).asString());
                int[] plain = tokenizer.ids(text, EncodeOptions.PLAIN);
                assertThat(tokenizer.bytes(plain, false)).as("decoded: %s", text).isEqualTo(bytes);
                assertThat(streamed(tokenizer, plain)).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
            }
        }));
    }

    @TestFactory
    Stream<DynamicTest> publishedBlocks() throws Exception {
        Path folder = SharedData.require("data/tokenizers/ggml-vocab");
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> Files.exists(Path.of(file + ".inp"))).sorted().toList();
        }
        return files.stream().map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
            Tokenizer tokenizer = tokenizer(file);
            PublishedBlocks.check(file + ".inp", file + ".out", text -> tokenizer.ids(text, EncodeOptions.PLAIN));
        }));
    }

    private static void check(Tokenizer tokenizer, String text, EncodeOptions options, JsonNode expected) {
        List<Integer> ids = new ArrayList<>();
        for (JsonNode id : expected) ids.add(id.asInt());
        Encoding encoding = tokenizer.encode(text, options);
        assertThat(encoding.ids()).as("%s: %s", options, text).containsExactly(ids.stream().mapToInt(i -> i).toArray());
        assertThat(tokenizer.count(text, options)).isEqualTo(ids.size());
        for (int i = 0; i < encoding.size(); i++) {
            assertThat(encoding.starts()[i]).isBetween(i == 0 ? 0 : encoding.starts()[i - 1], encoding.ends()[i]);
            assertThat(encoding.ends()[i]).isLessThanOrEqualTo(text.length());
        }
    }

    private static String streamed(Tokenizer tokenizer, int[] ids) {
        StreamingDecoder decoder = tokenizer.streamingDecoder();
        StringBuilder out = new StringBuilder();
        for (int id : ids) decoder.next(id, out);
        decoder.finish(out);
        return out.toString();
    }

    private static String text(JsonNode lines, int number) {
        for (JsonNode line : lines)
            if (line.get("line").asInt() == number)
                return new String(
                        HexFormat.of().parseHex(line.get("utf8_hex").asString()), StandardCharsets.UTF_8);
        throw new AssertionError("no line " + number);
    }

    static Tokenizer tokenizer(Path file) {
        try (var model = GgufFile.open(file)) {
            return Tokenizers.of(model.metadata());
        }
    }
}
