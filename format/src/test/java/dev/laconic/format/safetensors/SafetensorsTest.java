package dev.laconic.format.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.io.ByteReader;
import dev.laconic.testkit.Seeds;
import dev.laconic.testkit.SharedData;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    private static final TensorType[] TYPES = {
        TensorType.F32,
        TensorType.F16,
        TensorType.BF16,
        TensorType.I8,
        TensorType.I16,
        TensorType.I32,
        TensorType.I64,
        TensorType.F64
    };

    @TempDir
    Path folder;

    @Test
    void readsAFileThatOthersWrote() {
        Path path = SharedData.require("data/models/silero-vad/silero_vad_16k.safetensors");
        try (SafetensorsDirectory model = SafetensorsDirectory.open(path)) {
            Tensor basis = model.tensor("stft_conv.weight").orElseThrow();
            assertThat(basis.type()).isEqualTo(TensorType.F32);
            assertThat(basis.shape()).containsExactly(258L, 1L, 256L);
            assertThat(model.tensors().sequencedKeySet().getFirst()).isEqualTo("stft_conv.weight");
            assertThat(model.tensor("no such")).isEmpty();
        }
    }

    @Test
    void whatWasWrittenIsRead() {
        Seeds.check(100, random -> {
            List<Tensor> tensors = new ArrayList<>();
            for (int i = random.nextInt(8); i >= 0; i--) tensors.add(randomTensor("t.\"é." + i, random));
            SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
            tensors.forEach(writer::tensor);
            Path model = folder.resolve("model" + random.nextLong());
            writer.writeFolder(model, random.nextInt(2000));
            try (SafetensorsDirectory read = SafetensorsDirectory.open(model)) {
                assertThat(read.tensors().keySet())
                        .containsExactlyElementsOf(
                                tensors.stream().map(Tensor::name).toList());
                for (Tensor expected : tensors) {
                    Tensor found = read.tensor(expected.name()).orElseThrow();
                    assertThat(found.type()).isEqualTo(expected.type());
                    assertThat(found.shape()).isEqualTo(expected.shape());
                    assertThat(found.data().mismatch(expected.data())).isEqualTo(-1);
                }
            }
        });
    }

    @Test
    void metadataIsTheFilesOwn() {
        Path file = folder.resolve("one.safetensors");
        new SafetensorsWriter()
                .metadata("format", "pt")
                .tensor(Tensor.of("a", new float[] {1}, 1))
                .write(file);
        try (SafetensorsDirectory model = SafetensorsDirectory.open(file)) {
            assertThat(model.metadata().string("safetensors.format")).contains("pt");
        }
    }

    @Test
    void tensorsAtOddAddressesAreRead() throws IOException {
        Path file = write("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]} }", 1f, 2f);
        try (SafetensorsDirectory model = SafetensorsDirectory.open(file)) {
            Tensor a = model.tensor("a").orElseThrow();
            assertThat(a.data().address() % 4).isNotZero();
            assertThat(a.data().get(ByteReader.FLOAT, 4)).isEqualTo(2f);
        }
    }

    @Test
    void dtypesTheEngineCannotHoldAreRefusedWhenAskedFor() throws IOException {
        Path file = write(
                "{\"mask\":{\"dtype\":\"BOOL\",\"shape\":[4],\"data_offsets\":[0,4]},"
                        + "\"q\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[4,8]},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}",
                1f,
                2f,
                3f);
        try (SafetensorsDirectory model = SafetensorsDirectory.open(file)) {
            assertThat(model.tensors().keySet()).containsExactly("a");
            assertThat(model.unsupported()).containsEntry("mask", "BOOL").containsEntry("q", "F8_E4M3");
            assertThatThrownBy(() -> model.tensor("q"))
                    .isInstanceOf(UnsupportedModelException.class)
                    .hasMessageContaining("tensor \"q\" dtype: F8_E4M3 is not supported; supported are: I8, I16, F16");
        }
    }

    @Test
    void shardsMustBeThereAndHoldWhatTheIndexSays() throws IOException {
        new SafetensorsWriter()
                .tensor(Tensor.of("a", new float[] {1}, 1))
                .tensor(Tensor.of("b", new float[] {1}, 1))
                .writeFolder(folder, 4);
        Path second = folder.resolve("model-00002-of-00002.safetensors");
        Files.copy(folder.resolve("model-00001-of-00002.safetensors"), folder.resolve("copy"));
        Files.move(folder.resolve("copy"), second, StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> SafetensorsDirectory.open(folder))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("model-00002-of-00002.safetensors: tensor \"b\": found nothing");
        Files.delete(second);
        assertThatThrownBy(() -> SafetensorsDirectory.open(folder))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("without \"model-00002-of-00002.safetensors\"");
        Files.writeString(folder.resolve(SafetensorsDirectory.INDEX), "{\"weight_map\":{\"a\":\"../x.safetensors\"}}");
        assertThatThrownBy(() -> SafetensorsDirectory.open(folder))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("in the same folder");
    }

    @Test
    void foldersWithoutWeightsAndBrokenDocumentsAreRefused() throws IOException {
        assertThatThrownBy(() -> SafetensorsDirectory.open(folder))
                .isInstanceOf(LaconicException.class)
                .hasMessageContaining("holds neither model.safetensors nor model.safetensors.index.json");
        new SafetensorsWriter().tensor(Tensor.of("a", new float[] {1}, 1)).writeFolder(folder, 100);
        try (SafetensorsDirectory model = SafetensorsDirectory.open(folder)) {
            assertThatThrownBy(model::config).hasMessageContaining("config.json: no such file");
            Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"llama\",\"x\":Infinity}");
            assertThat(model.config().path("model_type").stringValue()).isEqualTo("llama");
            Files.writeString(folder.resolve("config.json"), "{\"model_type\":");
            assertThatThrownBy(model::config)
                    .isInstanceOf(MalformedInputException.class)
                    .hasMessageContaining("config.json: JSON: found");
            Files.writeString(folder.resolve("config.json"), "[".repeat(5000));
            assertThatThrownBy(model::config).isInstanceOf(MalformedInputException.class);
            Files.writeString(folder.resolve("config.json"), "");
            assertThatThrownBy(model::config).isInstanceOf(MalformedInputException.class);
            assertThat(model.json("generation_config.json")).isEmpty();
        }
    }

    @Test
    void theChatTemplateIsFoundWhereverItIs() throws IOException {
        new SafetensorsWriter().tensor(Tensor.of("a", new float[] {1}, 1)).writeFolder(folder, 100);
        try (SafetensorsDirectory model = SafetensorsDirectory.open(folder)) {
            assertThat(model.chatTemplate()).isEmpty();
            Path config = folder.resolve("tokenizer_config.json");
            Files.writeString(
                    config,
                    "{\"chat_template\":[{\"name\":\"tool_use\",\"template\":\"T\"},"
                            + "{\"name\":\"default\",\"template\":\"D\"}]}");
            assertThat(model.chatTemplate()).contains("D");
            Files.writeString(config, "{\"chat_template\":\"C\"}");
            assertThat(model.chatTemplate()).contains("C");
            Files.writeString(folder.resolve("chat_template.jinja"), "J");
            assertThat(model.chatTemplate()).contains("J");
        }
    }

    private Path write(String header, float... data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + json.length + data.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        for (float each : data) bytes.putFloat(each);
        return Files.write(folder.resolve("made.safetensors"), bytes.array());
    }

    private static Tensor randomTensor(String name, RandomGenerator random) {
        TensorType type = TYPES[random.nextInt(TYPES.length)];
        long[] shape = random.longs(random.nextInt(4), 0, 8).toArray();
        byte[] data = new byte[(int) type.bytes(LongStream.of(shape).reduce(1, Math::multiplyExact))];
        random.nextBytes(data);
        return Tensor.of(name, type, MemorySegment.ofArray(data), shape);
    }
}
