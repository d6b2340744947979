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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pooling, batches and limits; that the numbers are right, the parity test says. */
class EmbedderTest {
    private static Model open(String name) {
        return Model.of(GgufFile.open(SharedData.require("parity/models/" + name + ".gguf")),
                Kernels.of(KernelOptions.defaults().withProvider("scalar").withThreads(1)), Optional.empty());
    }

    private static int[] ids(Model model, int count, int seed) {
        return new SplittableRandom(seed).ints(count, 0, model.vocabulary()).toArray();
    }

    @ParameterizedTest
    @CsvSource({"bert-mean, MEAN", "nomic-bert, MEAN", "modern-bert, CLS", "t5encoder, MEAN", "t5, MEAN", "llama-mha, LAST"})
    void poolsAsTheFileSaysUnlessAskedOtherwise(String name, Pooling expected) {
        try (Model model = open(name)) {
            Embedder embedder = Embedder.of(model);
            int[] ids = ids(model, 30, 1);
            List<float[]> tokens = embedder.embedTokens(ids);
            assertThat(embedder.pooling()).isEqualTo(expected);
            assertThat(embedder.withPooling(Pooling.CLS).embed(ids)).isEqualTo(tokens.getFirst());
            assertThat(embedder.withPooling(Pooling.LAST).embed(ids)).isEqualTo(tokens.getLast());
            assertThat(embedder.embed(ids)).hasSize(embedder.dimension());
            assertThat(model.pool().bytesHeld()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert-mean", "nomic-bert", "modern-bert", "t5encoder", "llama-gqa"})
    void textsInOneStepGetTheVectorsTheyWouldGetAlone(String name) {
        try (Model model = open(name)) {
            Embedder embedder = Embedder.of(model).normalised();
            List<int[]> texts = new ArrayList<>();
            for (int length : new int[] {9, 48, 1, 9, 100}) texts.add(ids(model, length, length));
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
        try (Model model = open("bert-mean")) {
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
