package dev.laconic.format.llama2c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.gguf.GgufFile;
import dev.laconic.format.gguf.GgufWriter;
import dev.laconic.format.io.ByteReader;
import dev.laconic.testkit.SharedData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Llama2cFileTest {
    private static final int DIM = 8;
    private static final int HIDDEN = 12;
    private static final int LAYERS = 2;
    private static final int HEADS = 4;
    private static final int KV_HEADS = 2;
    private static final int VOCABULARY = 6;
    private static final int CONTEXT = 10;

    @TempDir
    Path folder;

    @Test
    void readsThePublishedModelAndItsTokenizer() {
        try (Llama2cFile model = open("stories260K.bin")) {
            assertThat(model.metadata().requireString("general.architecture")).isEqualTo("llama");
            assertThat(model.metadata().integer("llama.block_count")).contains(5L);
            assertThat(model.metadata().integer("llama.attention.head_count_kv"))
                    .contains(4L);
            assertThat(model.tensors()).hasSize(2 + 9 * 5);
            assertThat(model.tensor("blk.4.attn_k.weight").orElseThrow().shape())
                    .containsExactly(32L, 64L);
            assertThat(model.tensor("output.weight")).isEmpty();
            assertThat(model.metadata().strings("tokenizer.ggml.tokens").orElseThrow())
                    .hasSize(512)
                    .startsWith("<unk>", "<s>", "</s>", "<0x00>")
                    .contains("\u2581the", "<0x0A>");
            long[] types =
                    model.metadata().integers("tokenizer.ggml.token_type").orElseThrow();
            assertThat(types).startsWith(2, 3, 3, 6).contains(1);
            assertThat(types[258]).isEqualTo(6);
            assertThat(types[259]).isEqualTo(1);
        }
    }

    @Test
    void becomesTheGgufFileItPresentsItselfAs() {
        try (Llama2cFile model = open("stories260K.bin")) {
            GgufWriter writer = new GgufWriter().copy(model.metadata());
            model.tensors().values().forEach(writer::tensor);
            Path path = folder.resolve("stories.gguf");
            writer.write(path);
            try (GgufFile gguf = GgufFile.open(path)) {
                assertThat(gguf.metadata().keys()).isEqualTo(model.metadata().keys());
                for (String key : List.of("general.architecture", "llama.block_count", "tokenizer.ggml.tokens"))
                    assertThat(gguf.metadata().asMap().get(key))
                            .isEqualTo(model.metadata().asMap().get(key));
                assertThat(gguf.metadata().number("llama.attention.layer_norm_rms_epsilon"))
                        .contains((double) 1e-5f);
                for (Tensor tensor : model.tensors().values())
                    assertThat(gguf.tensor(tensor.name()).orElseThrow().data().mismatch(tensor.data()))
                            .isEqualTo(-1);
            }
        }
    }

    @Test
    void int8WeightsAreWithinHalfAStepOfTheOriginals() {
        try (Llama2cFile exact = open("stories260K.bin");
                Llama2cFile int8 = open("stories260K-q8.bin")) {
            assertThat(int8.tensors().keySet())
                    .containsExactlyInAnyOrderElementsOf(exact.tensors().keySet());
            for (Tensor expected : exact.tensors().values()) {
                Tensor found = int8.tensor(expected.name()).orElseThrow();
                assertThat(found.shape()).isEqualTo(expected.shape());
                for (long i = 0; i < expected.elements(); i++)
                    assertThat(found.data().getAtIndex(ByteReader.FLOAT, i))
                            .isCloseTo(expected.data().getAtIndex(ByteReader.FLOAT, i), within(0.02f));
            }
        }
    }

    @Test
    void everyWeightOfTheLegacyLayoutIsWhereItBelongs() throws IOException {
        for (boolean tied : new boolean[] {true, false}) {
            FileMaker maker = new FileMaker().header(tied ? VOCABULARY : -VOCABULARY);
            maker.floats(1, VOCABULARY * DIM).perLayer(10, DIM);
            maker.perLayer(20, DIM * DIM).perLayer(30, DIM / 2 * DIM).perLayer(40, DIM / 2 * DIM);
            maker.perLayer(50, DIM * DIM).perLayer(60, DIM);
            maker.perLayer(70, DIM * HIDDEN).perLayer(80, DIM * HIDDEN).perLayer(90, DIM * HIDDEN);
            maker.floats(2, DIM).floats(-1, CONTEXT * DIM / HEADS);
            if (!tied) maker.floats(3, VOCABULARY * DIM);
            try (Llama2cFile model = Llama2cFile.open(maker.write("legacy.bin"), Optional.empty())) {
                assertAllInPlace(model, tied);
            }
        }
    }

    @Test
    void everyWeightOfTheVersionedLayoutsIsWhereItBelongs() throws IOException {
        for (int version = 1; version <= 2; version++)
            for (boolean tied : new boolean[] {true, false}) {
                int group = version == 1 ? 0 : 4;
                FileMaker maker = new FileMaker().header(version, tied, group);
                maker.perLayer(10, DIM).perLayer(60, DIM).floats(2, DIM);
                maker.group = group;
                maker.matrix(1, VOCABULARY * DIM);
                maker.matrixPerLayer(20, DIM * DIM).matrixPerLayer(30, DIM / 2 * DIM);
                maker.matrixPerLayer(40, DIM / 2 * DIM).matrixPerLayer(50, DIM * DIM);
                maker.matrixPerLayer(70, DIM * HIDDEN).matrixPerLayer(80, DIM * HIDDEN);
                maker.matrixPerLayer(90, DIM * HIDDEN);
                if (!tied) maker.matrix(3, VOCABULARY * DIM);
                try (Llama2cFile model = Llama2cFile.open(maker.write("versioned.bin"), Optional.empty())) {
                    assertAllInPlace(model, tied);
                }
            }
    }

    @Test
    void aFileOfAnotherSizeThanItsHeaderSaysIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(SharedData.require("data/models/stories260k/stories260K.bin"));
        Path shorter = Files.write(folder.resolve("short.bin"), Arrays.copyOf(whole, whole.length - 40));
        assertThatThrownBy(() -> Llama2cFile.open(shorter, Optional.empty()))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("tables of rotary positions: found");
        Path longer = Files.write(folder.resolve("long.bin"), Arrays.copyOf(whole, whole.length + 8));
        assertThatThrownBy(() -> Llama2cFile.open(longer, Optional.empty()))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("file size: found 8 bytes after the last tensor");
    }

    @Test
    void headersThatMakeNoSenseAreRefused() throws IOException {
        assertHeader("dim", 0, HIDDEN, LAYERS, HEADS, KV_HEADS, VOCABULARY, CONTEXT);
        assertHeader("n_layers", DIM, HIDDEN, 1 << 30, HEADS, KV_HEADS, VOCABULARY, CONTEXT);
        assertHeader("n_heads", DIM, HIDDEN, LAYERS, 3, KV_HEADS, VOCABULARY, CONTEXT);
        assertHeader("n_kv_heads", DIM, HIDDEN, LAYERS, HEADS, 3, VOCABULARY, CONTEXT);
        assertHeader("vocab_size", DIM, HIDDEN, LAYERS, HEADS, KV_HEADS, Integer.MIN_VALUE, CONTEXT);
        Path version = new FileMaker().header(3, true, 0).write("v3.bin");
        assertThatThrownBy(() -> Llama2cFile.open(version, Optional.empty()))
                .isInstanceOf(UnsupportedModelException.class);
    }

    @Test
    void tokenizersOfAnotherSizeAreRefused() throws IOException {
        Path model = SharedData.require("data/models/stories260k/stories260K.bin");
        byte[] whole = Files.readAllBytes(model.resolveSibling("tok512.bin"));
        Path tooShort = Files.write(folder.resolve("tok.bin"), Arrays.copyOf(whole, whole.length - 1));
        assertThatThrownBy(() -> Llama2cFile.open(model, Optional.of(tooShort)))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("token 511");
        Path tooLong = Files.write(folder.resolve("tok.bin"), Arrays.copyOf(whole, whole.length + 9));
        assertThatThrownBy(() -> Llama2cFile.open(model, Optional.of(tooLong)))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("found 9 more bytes");
    }

    @Test
    void withoutATokenizerFileThereIsNoVocabulary() throws IOException {
        Path alone =
                Files.copy(SharedData.require("data/models/stories260k/stories260K.bin"), folder.resolve("alone.bin"));
        try (Llama2cFile model = Llama2cFile.open(alone, Optional.empty())) {
            assertThat(model.metadata().has("tokenizer.ggml.tokens")).isFalse();
        }
        Files.copy(SharedData.require("data/models/stories260k/tok512.bin"), folder.resolve("tokenizer.bin"));
        try (Llama2cFile model = Llama2cFile.open(alone, Optional.empty())) {
            assertThat(model.metadata().has("tokenizer.ggml.tokens")).isTrue();
        }
    }

    private void assertHeader(String field, int... sizes) throws IOException {
        FileMaker maker = new FileMaker();
        for (int size : sizes) maker.int32(size);
        Path file = maker.write("header.bin");
        assertThatThrownBy(() -> Llama2cFile.open(file, Optional.empty()))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining(": " + field + ": found");
    }

    private static void assertAllInPlace(Llama2cFile model, boolean tied) {
        assertAll(model, "token_embd.weight", 1, VOCABULARY, DIM);
        assertAll(model, "output_norm.weight", 2, DIM);
        if (tied) assertThat(model.tensor("output.weight")).isEmpty();
        else assertAll(model, "output.weight", 3, VOCABULARY, DIM);
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "blk." + layer + ".";
            assertAll(model, prefix + "attn_norm.weight", 10 + layer, DIM);
            assertAll(model, prefix + "attn_q.weight", 20 + layer, DIM, DIM);
            assertAll(model, prefix + "attn_k.weight", 30 + layer, DIM / 2, DIM);
            assertAll(model, prefix + "attn_v.weight", 40 + layer, DIM / 2, DIM);
            assertAll(model, prefix + "attn_output.weight", 50 + layer, DIM, DIM);
            assertAll(model, prefix + "ffn_norm.weight", 60 + layer, DIM);
            assertAll(model, prefix + "ffn_gate.weight", 70 + layer, HIDDEN, DIM);
            assertAll(model, prefix + "ffn_down.weight", 80 + layer, DIM, HIDDEN);
            assertAll(model, prefix + "ffn_up.weight", 90 + layer, HIDDEN, DIM);
        }
    }

    private static void assertAll(Llama2cFile model, String name, float value, long... shape) {
        Tensor tensor = model.tensor(name).orElseThrow();
        assertThat(tensor.shape())
                .as(name)
                .containsExactly(Arrays.stream(shape).boxed().toArray(Long[]::new));
        assertThat(tensor.data().toArray(ByteReader.FLOAT)).as(name).containsOnly(value);
    }

    private static Llama2cFile open(String name) {
        return Llama2cFile.open(SharedData.require("data/models/stories260k/" + name), Optional.empty());
    }

    /** Writes files in llama2.c's layouts; every element of a weight has the same value. */
    private final class FileMaker {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private int group;

        FileMaker header(int vocabulary) {
            for (int size : new int[] {DIM, HIDDEN, LAYERS, HEADS, KV_HEADS, vocabulary, CONTEXT}) int32(size);
            return this;
        }

        FileMaker header(int version, boolean tied, int groupSize) {
            int32(0x616b3432).int32(version).header(VOCABULARY);
            out.write(tied ? 1 : 0);
            int32(groupSize);
            out.writeBytes(new byte[256 - out.size()]);
            return this;
        }

        FileMaker perLayer(int value, int count) {
            for (int layer = 0; layer < LAYERS; layer++) floats(value + layer, count);
            return this;
        }

        FileMaker matrixPerLayer(int value, int count) {
            for (int layer = 0; layer < LAYERS; layer++) matrix(value + layer, count);
            return this;
        }

        FileMaker matrix(int value, int count) {
            if (group == 0) return floats(value, count);
            for (int i = 0; i < count; i++) out.write(-value);
            return floats(-1, count / group);
        }

        FileMaker floats(float value, int count) {
            for (int i = 0; i < count; i++) int32(Float.floatToRawIntBits(value));
            return this;
        }

        FileMaker int32(int value) {
            out.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value)
                    .array());
            return this;
        }

        Path write(String name) throws IOException {
            return Files.write(folder.resolve(name), out.toByteArray());
        }
    }
}
