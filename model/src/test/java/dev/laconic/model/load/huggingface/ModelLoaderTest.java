package dev.laconic.model.load.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.ModelFile;
import dev.laconic.format.gguf.GgufWriter;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.load.ModelLoader;
import dev.laconic.testkit.SharedData;
import dev.laconic.tokenize.EncodeOptions;
import dev.laconic.tokenize.Tokenizer;
import dev.laconic.tokenize.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One model in three formats says the same, wherever its tokenizer comes from. */
class ModelLoaderTest {
    @TempDir
    Path temporary;

    private static Path stories(String file) {
        return SharedData.require("data/models/stories260k/" + file);
    }

    private static ModelLoader.Options options(Optional<Path> tokenizer) {
        return new ModelLoader.Options(tokenizer, KernelOptions.defaults().withThreads(1), Optional.empty());
    }

    private static String story(LoadedModel loaded, int count) {
        List<Integer> ids = new ArrayList<>();
        int[] step = loaded.tokenizer().ids("", EncodeOptions.PROMPT);
        try (Sequence sequence = loaded.model().newSequence()) {
            for (int i = 0; i < count; i++) {
                State state = loaded.model().embed(new Rows().append(sequence, step, 0, step.length, false));
                loaded.model().advance(state);
                step = new int[] {loaded.model().project(state).argmax(0)};
                ids.add(step[0]);
            }
        }
        return loaded.tokenizer().decode(ids.stream().mapToInt(Integer::intValue).toArray());
    }

    private Path asHuggingFaceFolder() {
        try (ModelFile file = ModelLoader.file(stories("stories260K.bin"), Optional.empty())) {
            return Folders.llama2c(file).write(temporary.resolve("stories"), TensorType.F32, 400_000);
        }
    }

    @Test
    void theSameStoryFromAFolderOfShards() {
        Path folder = asHuggingFaceFolder();
        Optional<Path> tokenizer = Optional.of(stories("tok512.bin"));
        String expected;
        try (LoadedModel loaded = ModelLoader.open(stories("stories260K.bin"), options(Optional.empty()))) {
            expected = story(loaded, 60);
        }
        assertThat(expected).contains("Once upon a time");
        for (Path path : List.of(folder, folder.resolve("model.safetensors.index.json")))
            try (LoadedModel loaded = ModelLoader.open(path, options(tokenizer))) {
                assertThat(story(loaded, 60)).isEqualTo(expected);
            }
        assertThat(ModelLoader.tokenizer(folder, tokenizer).decode(ModelLoader.tokenizer(
                        stories("stories260K.bin"), Optional.empty()).ids("Lily", EncodeOptions.PLAIN)))
                .isEqualTo("Lily");
    }

    @Test
    void aModelWithoutATokenizerStillRuns() throws IOException {
        Path folder = asHuggingFaceFolder();
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages }}");
        try (LoadedModel loaded = ModelLoader.open(folder, options(Optional.empty()));
                Sequence sequence = loaded.model().newSequence()) {
            State state = loaded.model().embed(new Rows().append(sequence, new int[] {1}, 0, 1, false));
            loaded.model().advance(state);
            assertThat(loaded.model().project(state).rows()).isEqualTo(1);
            assertThat(loaded.model().file().metadata().requireString("tokenizer.chat_template"))
                    .isEqualTo("{{ messages }}");
            assertThatThrownBy(loaded::tokenizer)
                    .isInstanceOf(LaconicException.class)
                    .hasMessageContaining("tokenizer.json");
        }
    }

    @Test
    void aFolderWrittenAsGgufKeepsItsTokenizer() throws IOException {
        Path folder = asHuggingFaceFolder();
        Path t5 = SharedData.require("data/tokenizers/hf/t5-small");
        try (Stream<Path> files = Files.list(t5)) {
            for (Path file : files.toList())
                if (!file.endsWith("config.json")) Files.copy(file, folder.resolve(file.getFileName()));
        }
        Path gguf = temporary.resolve("stories.gguf");
        try (ModelFile file = ModelLoader.forWriting(folder, Optional.empty())) {
            GgufWriter writer = new GgufWriter().copy(file.metadata());
            file.tensors().values().forEach(writer::tensor);
            writer.write(gguf);
        }
        Tokenizer expected = Tokenizers.ofDirectory(t5);
        try (LoadedModel loaded = ModelLoader.open(gguf, options(Optional.empty()))) {
            String text = "Ein Text, <extra_id_0> and déjà vu.";
            assertThat(loaded.tokenizer().ids(text, EncodeOptions.PROMPT))
                    .isEqualTo(expected.ids(text, EncodeOptions.PROMPT));
            assertThat(loaded.tokenizer().special()).isEqualTo(expected.special());
        }
    }

    @Test
    void aFoldersTokenizerNeedsNoWeights() {
        Path folder = SharedData.require("data/tokenizers/hf/t5-small");
        assertThat(ModelLoader.tokenizer(folder, Optional.empty()).ids("A text", EncodeOptions.PLAIN)).isNotEmpty();
        Path json = folder.resolve("tokenizer.json");
        assertThat(ModelLoader.tokenizer(stories("stories260K.bin"), Optional.of(json)).vocabularySize())
                .isGreaterThan(30_000);
    }
}
