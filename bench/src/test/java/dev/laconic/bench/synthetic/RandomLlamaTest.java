package dev.laconic.bench.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.model.generate.GenerationListener;
import dev.laconic.model.generate.GenerationOptions;
import dev.laconic.model.generate.Session;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.load.ModelLoader;
import dev.laconic.model.sample.SamplerOptions;
import dev.laconic.format.gguf.GgufFile;
import dev.laconic.tokenize.EncodeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomLlamaTest {
    private static final Shape SMALL = new Shape(2, 96, 6, 2, 256, 1_000, 256, 10_000);

    @TempDir
    Path folder;

    @Test
    void theSameSeedGivesTheSameFile() throws IOException {
        assertThat(Files.mismatch(written(TensorType.Q4_0, 7), written(TensorType.Q4_0, 7))).isEqualTo(-1);
        assertThat(Files.mismatch(written(TensorType.Q4_0, 7), written(TensorType.Q4_0, 8))).isNotEqualTo(-1);
    }

    @Test
    void matricesHaveTheTypeWhereTheirRowsAreWholeBlocksOfIt() {
        try (GgufFile file = GgufFile.open(written(TensorType.Q4_K, 1))) {
            assertThat(file.tensors().get("blk.1.ffn_down.weight").type()).isEqualTo(TensorType.Q4_K);
            assertThat(file.tensors().get("blk.1.attn_q.weight").type()).isEqualTo(TensorType.Q8_0);
            assertThat(file.tensors().get("blk.1.attn_norm.weight").type()).isEqualTo(TensorType.F32);
            assertThat(file.tensors().values().stream().mapToLong(Tensor::elements).sum()).isEqualTo(SMALL.parameters());
        }
    }

    @Test
    void theModelReadsAndSaysTokens() {
        try (LoadedModel loaded = ModelLoader.open(written(TensorType.F16, 1), ModelLoader.Options.DEFAULTS);
                Session session = new Session(loaded.model(), loaded.tokenizer())) {
            int[] ids = loaded.tokenizer().ids("Who was it, in 1999?", EncodeOptions.PROMPT);
            assertThat(loaded.tokenizer().decode(ids)).isEqualTo("Who was it, in 1999?");
            GenerationOptions options = new GenerationOptions(20, SamplerOptions.greedy(), true, 8);
            assertThat(session.generate(ids, options, GenerationListener.SILENT).ids()).hasSize(20);
        }
    }

    @Test
    void shapesHaveNamesAndTheirNumberOfParameters() {
        assertThat(Shape.named("135m").parameters()).isBetween(134_000_000L, 136_000_000L);
        assertThat(Shape.named("1B").parameters()).isBetween(1_200_000_000L, 1_300_000_000L);
        assertThatThrownBy(() -> Shape.named("7B")).isInstanceOf(UsageException.class).hasMessageContaining("135M");
    }

    private Path written(TensorType type, long seed) {
        Path file = folder.resolve(type + "-" + seed + "-" + System.nanoTime() + ".gguf");
        RandomLlama.write(SMALL, type, seed, file);
        return file;
    }
}
