package dev.laconic.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.gguf.GgufFile;
import dev.laconic.format.gguf.GgufWriter;
import dev.laconic.format.llama2c.Llama2cFile;
import dev.laconic.format.safetensors.SafetensorsDirectory;
import dev.laconic.format.safetensors.SafetensorsWriter;
import dev.laconic.testkit.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFilesTest {
    @TempDir
    Path folder;

    @Test
    void theFormatIsToldByTheContent() throws IOException {
        Tensor tensor = Tensor.of("a", new float[] {1, 2}, 2);
        Path gguf = folder.resolve("one");
        new GgufWriter().string("general.architecture", "llama").tensor(tensor).write(gguf);
        Path safetensors = folder.resolve("two");
        new SafetensorsWriter().tensor(tensor).write(safetensors);
        Path directory = folder.resolve("three");
        new SafetensorsWriter().tensor(tensor).writeFolder(directory, 1 << 20);
        Path sharded = folder.resolve("four");
        new SafetensorsWriter()
                .tensor(tensor)
                .tensor(Tensor.of("b", new float[] {3}, 1))
                .writeFolder(sharded, 8);
        assertOpens(gguf, GgufFile.class);
        assertOpens(safetensors, SafetensorsDirectory.class);
        assertOpens(directory, SafetensorsDirectory.class);
        assertOpens(sharded, SafetensorsDirectory.class);
        assertOpens(sharded.resolve(SafetensorsDirectory.INDEX), SafetensorsDirectory.class);
        assertOpens(SharedData.require("data/models/stories260k/stories260K.bin"), Llama2cFile.class);
        assertOpens(SharedData.require("data/models/stories260k/stories260K-q8.bin"), Llama2cFile.class);
    }

    @Test
    void aTokenizerOfAnotherFormatIsLeftToThoseWhoTokenize() throws IOException {
        Path alone =
                Files.copy(SharedData.require("data/models/stories260k/stories260K.bin"), folder.resolve("alone.bin"));
        Path own = SharedData.require("data/models/stories260k/tok512.bin");
        try (ModelFile model = ModelFiles.open(alone, Optional.of(folder.resolve("tokenizer.json")))) {
            assertThat(model.metadata().has("tokenizer.ggml.tokens")).isFalse();
        }
        try (ModelFile model = ModelFiles.open(alone, Optional.of(own))) {
            assertThat(model.metadata().has("tokenizer.ggml.tokens")).isTrue();
        }
    }

    @Test
    void otherFilesAreRefusedWithWhatTheyAre() throws IOException {
        assertRefused("empty.bin", "", "file size: found 0 bytes");
        assertRefused(
                "model.pt", "PK\003\004 and more of a zip archive", "a zip archive, such as a PyTorch checkpoint");
        assertRefused("old.bin", "lmgg and the rest of a file", "a GGML file older than GGUF");
        assertRefused("notes.txt", "Dear diary, this is no model at all", "begins with the bytes 44656172");
        assertRefused("wrong.gguf", "Dear diary, this is no model at all", "magic: found 44656172, expected GGUF");
        assertThatThrownBy(() -> ModelFiles.open(folder.resolve("none"), Optional.empty()))
                .hasMessageEndingWith("none: no such file");
    }

    private void assertRefused(String name, String content, String message) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        assertThatThrownBy(() -> ModelFiles.open(file, Optional.empty()))
                .isInstanceOfAny(MalformedInputException.class, UnsupportedModelException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    private static void assertOpens(Path path, Class<? extends ModelFile> type) {
        try (ModelFile model = ModelFiles.open(path, Optional.empty())) {
            assertThat(model).isInstanceOf(type);
            assertThat(model.tensors()).isNotEmpty();
        }
    }
}
