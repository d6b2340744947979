package dev.laconic.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.error.UsageException;
import dev.laconic.format.gguf.GgufFile;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.model.Embedder.Pooling;
import dev.laconic.testkit.SharedData;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Embeddings of encoders against the references of an independent engine. */
class EncoderParityTest {
    private static final float TOLERANCE = 1e-4f;

    private static Model open(String name, String provider) {
        return Model.of(GgufFile.open(SharedData.require("parity/models/" + name + ".gguf")),
                Kernels.of(KernelOptions.defaults().withProvider(provider).withThreads(2)), Optional.empty());
    }

    private static void assertClose(float[] actual, float[] expected, float tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++)
            assertThat(actual[i]).as("element %s", i).isCloseTo(expected[i], within(tolerance));
    }

    private static float[] join(List<float[]> vectors) {
        float[] all = new float[vectors.size() * vectors.getFirst().length];
        for (int i = 0; i < vectors.size(); i++)
            System.arraycopy(vectors.get(i), 0, all, i * vectors.getFirst().length, vectors.getFirst().length);
        return all;
    }

    @ParameterizedTest
    @CsvSource({
        "bert-mean, scalar", "bert-mean, vector", "nomic-bert, scalar", "nomic-bert, vector",
        "modern-bert, scalar", "modern-bert, vector", "t5encoder, scalar", "t5encoder, vector"
    })
    void embeddingsEqualTheReferences(String name, String provider) {
        Reference reference = Reference.of(name);
        try (Model model = open(name, provider)) {
            Embedder embedder = Embedder.of(model);
            int[] ids = reference.ids("tokens");
            assertClose(join(embedder.embedTokens(ids)), reference.values("embeddings_per_token"), TOLERANCE);
            assertClose(join(embedder.embedTokens(reference.ids("tokens2"))),
                    reference.values("embeddings_per_token_2"), TOLERANCE);
            assertClose(embedder.withPooling(Pooling.MEAN).embed(ids), reference.values("pooled_mean"), TOLERANCE);
            assertClose(embedder.withPooling(Pooling.CLS).embed(ids), reference.values("pooled_cls"), TOLERANCE);
            assertClose(embedder.withPooling(Pooling.LAST).embed(ids), embedder.embedTokens(ids).getLast(), 0f);
            assertThat(model.pool().bytesHeld()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"bert-mean, MEAN", "nomic-bert, MEAN", "modern-bert, CLS", "t5encoder, MEAN", "llama-mha, LAST"})
    void poolsAsTheFileSaysUnlessAskedOtherwise(String name, Pooling expected) {
        try (Model model = open(name, "scalar")) {
            assertThat(Embedder.of(model).pooling()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert-mean", "nomic-bert", "modern-bert"})
    void textsInOneStepGetTheVectorsTheyWouldGetAlone(String name) {
        Reference reference = Reference.of(name);
        try (Model model = open(name, "scalar")) {
            Embedder embedder = Embedder.of(model).normalised();
            List<int[]> texts = List.of(reference.ids("tokens2"), reference.ids("tokens"), new int[] {5}, reference.ids("tokens2"));
            List<float[]> together = embedder.embed(texts);
            for (int i = 0; i < texts.size(); i++) {
                float[] alone = embedder.embed(texts.get(i));
                assertThat(together.get(i)).isEqualTo(alone);
                assertThat(model.kernels().dot(alone, 0, alone, 0, alone.length)).isCloseTo(1f, within(1e-5f));
            }
        }
    }

    @Test
    void tellsWhatAModelCannotDo() {
        try (Model model = open("bert-mean", "scalar")) {
            Embedder embedder = Embedder.of(model);
            assertThatThrownBy(() -> embedder.embed(new int[129]))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("128 positions");
            assertThatThrownBy(() -> embedder.embed(new int[0])).isInstanceOf(UsageException.class);
            assertThatThrownBy(() -> embedder.withPooling(Pooling.RANK))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("classification head");
            assertThat(model.pool().bytesHeld()).isZero();
        }
    }
}
