package dev.laconic.format.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.tensor.TensorType;
import dev.laconic.testkit.SharedData;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GgufFileTest {

    @Test
    void readsMetadataAndTensorsOutermostDimensionFirst() {
        try (GgufFile file = GgufFile.open(SharedData.require("parity/hostile/gguf/00-valid-baseline.gguf"))) {
            assertThat(file.metadata().requireString("general.architecture")).isEqualTo("llama");
            assertThat(file.metadata().integer("llama.block_count")).contains(1L);
            assertThat(file.metadata().strings("tokenizer.ggml.tokens").orElseThrow())
                    .hasSize(152)
                    .startsWith("<unk>", "<s>", "</s>", "<0x00>");
            assertThat(file.metadata().floats("tokenizer.ggml.scores").orElseThrow())
                    .hasSize(152);
            assertThat(file.tensor("token_embd.weight").orElseThrow().shape()).containsExactly(152L, 4L);
            assertThat(file.tensor("blk.0.ffn_up.weight").orElseThrow().shape()).containsExactly(8L, 4L);
            assertThat(file.tensor("blk.0.ffn_up.weight").orElseThrow().type()).isEqualTo(TensorType.F32);
        }
    }

    @Test
    void opensEveryReferenceModelAndVocabulary() throws IOException {
        for (String folder : new String[] {"parity/models", "parity/quant", "data/tokenizers/ggml-vocab"})
            try (Stream<Path> files = Files.walk(SharedData.require(folder))) {
                for (Path path :
                        files.filter(each -> each.toString().endsWith(".gguf")).toList())
                    try (GgufFile file = GgufFile.open(path)) {
                        assertThat(file.metadata().has("general.architecture")).isTrue();
                    }
            }
    }

    @Test
    void tensorsCannotBeTouchedAfterClosing() {
        GgufFile file = GgufFile.open(SharedData.require("parity/hostile/gguf/00-valid-baseline.gguf"));
        var data = file.tensor("token_embd.weight").orElseThrow().data();
        file.close();
        file.close();
        assertThatThrownBy(() -> data.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void missingFilesAndFoldersAreNamed() {
        assertThatThrownBy(() -> GgufFile.open(Path.of("no-such.gguf"))).hasMessage("no-such.gguf: no such file");
        assertThatThrownBy(() -> GgufFile.open(Path.of("."))).hasMessageContaining("is a directory");
    }
}
