package dev.laconic.model.load.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import dev.laconic.format.gguf.GgufFile;
import dev.laconic.kernels.Activation;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.block.Blocks;
import dev.laconic.model.Embedder;
import dev.laconic.model.Logits;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.load.ModelLoader;
import dev.laconic.model.load.Weights;
import dev.laconic.testkit.SharedData;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A model as a Hugging Face folder computes what the same model computes as a GGUF file. */
class HuggingFaceParityTest {
    private static final float TOLERANCE = 1e-4f;

    @TempDir
    Path temporary;

    static Stream<String> models() {
        return Folders.BY_MODEL.keySet().stream();
    }

    private static GgufFile gguf(String name) {
        return GgufFile.open(SharedData.require("parity/models/" + name + ".gguf"));
    }

    @ParameterizedTest
    @MethodSource("models")
    void computesWhatTheGgufFileComputes(String name) {
        Path folder = Folders.of(name, gguf(name)).write(temporary.resolve("model"), TensorType.F32, Long.MAX_VALUE);
        assertSame(name.equals("mpt") ? exactGelu(gguf(name)) : gguf(name), folder);
    }

    /** Written out again, the folder is the file it came from. */
    @ParameterizedTest
    @ValueSource(strings = {"llama-gqa", "llama-bias", "llama-moe", "qwen2moe", "olmo", "granite", "gemma3", "falcon7"})
    void laidOutAsGgufItIsTheGgufFileAgain(String name) {
        Path folder = Folders.of(name, gguf(name)).write(temporary.resolve("model"), TensorType.F32, Long.MAX_VALUE);
        try (ModelFile expected = gguf(name);
                ModelFile actual = ModelLoader.forWriting(folder, Optional.empty())) {
            assertThat(actual.tensors()).containsOnlyKeys(expected.tensors().keySet());
            assertThat(actual.metadata().keys()).doesNotContain(Weights.ROPE_PAIRING_KEY);
            for (Tensor tensor : expected.tensors().values()) {
                float[] found = Blocks.decode(actual.tensor(tensor.name()).orElseThrow());
                float[] wanted = Blocks.decode(tensor);
                assertThat(found).as(tensor.name()).hasSameSizeAs(wanted);
                for (int i = 0; i < wanted.length; i++)
                    assertThat(found[i]).as(tensor.name()).isCloseTo(wanted[i], within(1e-6f));
            }
        }
    }

    static Stream<String> randomModels() {
        return Folders.OF_RANDOM.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("randomModels")
    void kindsWithoutAFileAgreeOnRandomWeights(String name) {
        Path folder = Folders.ofRandom(name, RandomModel.of(name)).write(temporary.resolve("model"), TensorType.F32, 50_000);
        assertSame(RandomModel.of(name), folder);
    }

    @ParameterizedTest
    @CsvSource({"llama-gqa, F16", "llama-gqa, BF16", "llama-moe, BF16"})
    void shardsOfRoundedWeightsDoToo(String name, TensorType type) {
        Path folder = Folders.of(name, gguf(name)).write(temporary.resolve("model"), type, 20_000);
        assertSame(rounded(gguf(name), type), folder);
    }

    private static void assertSame(ModelFile file, Path folder) {
        Kernels kernels = Kernels.of(KernelOptions.defaults().withProvider("scalar").withThreads(1));
        try (Model expected = Model.of(file, kernels, Optional.empty());
                Model actual = Model.of(HuggingFaceModel.open(folder), kernels, Optional.empty())) {
            assertThat(actual.architecture().attentions()).hasSameSizeAs(expected.architecture().attentions());
            int[] ids = new SplittableRandom(7).ints(40, 0, expected.vocabulary()).toArray();
            float[] wanted = output(expected, ids);
            float[] found = output(actual, ids);
            assertThat(found).hasSameSizeAs(wanted);
            float worst = 0;
            for (int i = 0; i < wanted.length; i++) worst = Math.max(worst, Math.abs(wanted[i] - found[i]));
            assertThat(worst).isLessThan(TOLERANCE);
        }
    }

    /** Logits of every position, or the embeddings of an encoder. */
    private static float[] output(Model model, int[] ids) {
        if (!model.architecture().hasHead()) {
            List<float[]> rows = Embedder.of(model).embedTokens(ids);
            float[] all = new float[rows.size() * rows.getFirst().length];
            for (int i = 0; i < rows.size(); i++)
                System.arraycopy(rows.get(i), 0, all, i * rows.getFirst().length, rows.getFirst().length);
            return all;
        }
        try (Sequence sequence = model.newSequence(KvType.F32, KvType.F32)) {
            if (model.encoder().isPresent()) model.encode(sequence, ids);
            State state = model.embed(new Rows().append(sequence, ids, 0, ids.length, true));
            model.advance(state);
            Logits logits = model.project(state);
            return Arrays.copyOf(logits.values(), logits.rows() * logits.vocabulary());
        }
    }

    /** The file, computed as transformers does where GGUF's engines approximate. */
    private static ModelFile exactGelu(ModelFile file) {
        SequencedMap<String, Object> values = new LinkedHashMap<>(file.metadata().asMap());
        values.put(Weights.ACTIVATION_KEY, Activation.GELU.name());
        return new RandomModel(new Metadata(file.metadata().source(), values), file.tensors());
    }

    private static ModelFile rounded(ModelFile file, TensorType type) {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        file.tensors().forEach((name, tensor) -> tensors.put(name, new Tensor(
                name, type, tensor.shape(), MemorySegment.ofArray(Folder.encode(Blocks.decode(tensor), type)))));
        return new Rounded(file, tensors);
    }

    record Rounded(ModelFile file, SequencedMap<String, Tensor> tensors) implements ModelFile {
        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public Metadata metadata() {
            return file.metadata();
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
