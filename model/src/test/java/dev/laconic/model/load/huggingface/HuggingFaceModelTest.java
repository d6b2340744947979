package dev.laconic.model.load.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.model.Embedder;
import dev.laconic.model.Model;
import dev.laconic.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a folder's configuration and tensors may not be, and what they mean besides logits. */
class HuggingFaceModelTest {
    @TempDir
    Path temporary;

    private Path write(Folder folder) {
        return folder.write(temporary.resolve("model"), TensorType.F32, Long.MAX_VALUE);
    }

    private Folder yarn() {
        return Folders.ofRandom("yarn", RandomModel.of("yarn"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"hidden_size": 0}                                   | hidden_size: found 0, expected an integer from 1
            {"hidden_size": 1e30}                                | hidden_size: found
            {"hidden_size": "32"}                                | hidden_size: found "32", expected an integer
            {"hidden_size": 32.5}                                | hidden_size: found 32.5, expected an integer
            {"num_hidden_layers": 2147483647}                    | num_hidden_layers: found 2147483647, expected an integer from 1 to 1024
            {"num_hidden_layers": 1000}                          | num_hidden_layers: found a layer without tensors, expected tensors whose names begin with model.layers.2.
            {"num_hidden_layers": null}                          | num_hidden_layers: found nothing
            {"num_attention_heads": 5}                           | head
            {"num_key_value_heads": 3}                           | num_key_value_heads: found 3, expected a divisor of the 4
            {"rms_norm_eps": -1}                                 | rms_norm_eps: found -1.0, expected a number above 0
            {"rms_norm_eps": NaN}                                | expected a finite number
            {"rope_theta": 0}                                    | rope_theta: found 0.0, expected a number above 0
            {"rope_scaling": 7}                                  | rope_scaling: found 7, expected an object
            {"rope_scaling": {"type": "linear"}}                 | rope_scaling.factor: found nothing
            {"rope_scaling": {"type": "magic"}}                  | rope_scaling.rope_type: magic is not supported; supported are: default, dynamic
            {"rope_scaling": {"type": "longrope", "short_factor": [1], "long_factor": [1]}} | short_factor: found 1 numbers, expected 4
            {"partial_rotary_factor": 3}                         | partial_rotary_factor: found 3.0
            {"hidden_act": "mish"}                               | hidden_act: mish is not supported
            {"use_sliding_window": true}                         | use_sliding_window: true is not supported
            {"quantization_config": {"quant_method": "gptq"}}    | quantization_config: gptq is not supported
            {"model_type": "rwkv7", "architectures": ["Rwkv7ForCausalLM"]} | model_type: rwkv7 is not supported; supported are: Dream, RefinedWeb
            {"text_config": []}                                  | text_config: found [], expected an object
            {"architectures": [1]}                               | architectures: found 1, expected strings
            """)
    void refusesConfigurationsThatCannotBe(String config, String message) {
        Path folder = write(yarn().config(config));
        assertThatThrownBy(() -> HuggingFaceModel.open(folder))
                .isInstanceOf(LaconicException.class)
                .hasMessageContaining(folder.resolve("config.json").toString())
                .hasMessageContaining(message);
    }

    @Test
    void namesTheTensorThatIsMissing() {
        Path folder = write(yarn().insteadOf("blk.1.attn_k", (_, _, _) -> {}));
        Kernels kernels = Kernels.of(KernelOptions.defaults().withThreads(1));
        assertThatThrownBy(() -> Model.of(HuggingFaceModel.open(folder), kernels, Optional.empty()))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("model.layers.1.self_attn.k_proj.weight");
        Path headless = yarn().config("""
                {"tie_word_embeddings": false}""")
                .insteadOf("output", (_, _, _) -> {})
                .write(temporary.resolve("headless"), TensorType.F32, Long.MAX_VALUE);
        assertThatThrownBy(() -> HuggingFaceModel.open(headless)).hasMessageContaining("lm_head.weight");
    }

    @Test
    void refusesWeightsThatNobodyAskedFor() {
        Path folder = write(yarn().with("model.layers.0.self_attn.q_norm.weight", new float[8], 8));
        assertThatThrownBy(() -> HuggingFaceModel.open(folder))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("model.layers.0.self_attn.q_norm.weight");
    }

    @Test
    void aFolderWithoutConfigurationIsRefused() throws IOException {
        Path folder = write(yarn());
        Files.delete(folder.resolve("config.json"));
        assertThatThrownBy(() -> HuggingFaceModel.open(folder)).hasMessageContaining("config.json: no such file");
    }

    @Test
    void aConfigurationWithoutTypeIsOfTheTypeItsClassSays() {
        Path folder = write(yarn().config("""
                {"model_type": "my_own", "architectures": ["Qwen2ForCausalLM"]}"""));
        try (HuggingFaceModel model = HuggingFaceModel.open(folder)) {
            assertThat(model.metadata().requireString("general.architecture")).isEqualTo("qwen2");
            assertThat(model.metadata().requireString("general.name")).isEqualTo("model");
        }
    }

    @Test
    void whatFitsStaysMapped() {
        try (HuggingFaceModel model = HuggingFaceModel.open(write(yarn()))) {
            for (Tensor tensor : model.tensors().values()) assertThat(tensor.data().isMapped()).as(tensor.name()).isTrue();
        }
    }

    @Test
    void classifiersRankAndFoldersSayHowTheyPool() throws IOException {
        RandomModel random = RandomModel.of("roberta");
        Kernels kernels = Kernels.of(KernelOptions.defaults().withProvider("scalar").withThreads(1));
        int[] ids = {0, 5, 9, 2};
        try (Model gguf = Model.of(random, kernels, Optional.empty());
                Model folder = Model.of(
                        HuggingFaceModel.open(write(Folders.ofRandom("roberta", random))), kernels, Optional.empty())) {
            assertThat(Embedder.of(folder).pooling()).isEqualTo(Embedder.Pooling.RANK);
            assertThat(Embedder.of(folder).embed(ids)).hasSize(1);
            assertThat(Embedder.of(folder).embed(ids)[0])
                    .isCloseTo(Embedder.of(gguf).withPooling(Embedder.Pooling.RANK).embed(ids)[0], within(1e-5f));
        }
        Path sentences = Folders.ofRandom("roberta", random)
                .insteadOf("cls", (_, _, _) -> {})
                .insteadOf("cls.output", (_, _, _) -> {})
                .write(temporary.resolve("sentences"), TensorType.F32, Long.MAX_VALUE);
        Files.createDirectory(sentences.resolve("1_Pooling"));
        Files.writeString(sentences.resolve("1_Pooling/config.json"), """
                {"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}""");
        try (Model model = Model.of(HuggingFaceModel.open(sentences), kernels, Optional.empty())) {
            assertThat(Embedder.of(model).pooling()).isEqualTo(Embedder.Pooling.CLS);
        }
    }

    @Test
    void mangledConfigurationsNeverDoWorseThanAnError() {
        List<String> values = List.of("null", "0", "-1", "1e300", "\"x\"", "[]", "{}", "true", "[1, \"a\"]", "65536", "0.5");
        List<String> keys = List.of("hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
                "intermediate_size", "max_position_embeddings", "rms_norm_eps", "rope_theta", "rope_scaling", "head_dim",
                "tie_word_embeddings", "architectures", "model_type", "hidden_act", "vocab_size", "text_config", "layer_types",
                "rope_parameters", "partial_rotary_factor", "sliding_window", "quantization_config");
        Kernels kernels = Kernels.of(KernelOptions.defaults().withProvider("scalar").withThreads(1));
        Path folder = write(yarn());
        Seeds.check(80, random -> {
            Folder mangled = yarn();
            for (int i = 0; i < 1 + random.nextInt(3); i++)
                mangled.config("{\"" + keys.get(random.nextInt(keys.size())) + "\": "
                        + values.get(random.nextInt(values.size())) + "}");
            Files.writeString(folder.resolve("config.json"), mangled.config().toString());
            assertThatCode(() -> {
                try (Model model = Model.of(HuggingFaceModel.open(folder), kernels, Optional.empty())) {
                    assertThat(model.layers()).isPositive();
                } catch (LaconicException expected) {
                    assertThat(expected).hasMessageContaining(folder.toString());
                }
            }).as(mangled.config().toString()).doesNotThrowAnyException();
        });
    }
}
