package dev.laconic.bench.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.model.Embedder;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.load.ModelLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimilarityBenchTest {
    @TempDir
    Path folder;

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("pairs.csv"), content);
    }

    @Test
    void fieldsMayBeQuoted() throws IOException {
        assertThat(SimilarityBench.read(file("\"A cat, asleep.\",A dog.,1.5\nA cat.,A cat.,5\n")))
                .containsExactly(
                        new SimilarityBench.Pair("A cat, asleep.", "A dog.", 1.5),
                        new SimilarityBench.Pair("A cat.", "A cat.", 5));
    }

    @Test
    void linesOfAnythingElseAreRefused() throws IOException {
        assertThatThrownBy(() -> SimilarityBench.read(file("a,b,1\nc,d\n")))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("line 2: found 2 fields, expected two texts and a score");
        assertThatThrownBy(() -> SimilarityBench.read(file("a,b,1\nc,d,NaN\n")))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("line 2: found NaN");
        assertThatThrownBy(() -> SimilarityBench.read(file("a,b,1\n")))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("expected two pairs of texts or more");
        assertThatThrownBy(() -> SimilarityBench.read(file("a,b,1\n\"c,d,1\n"))).isInstanceOf(LaconicException.class);
        assertThatThrownBy(() -> SimilarityBench.read(folder.resolve("none.csv")))
                .isInstanceOf(LaconicException.class)
                .hasMessageContaining("none.csv");
    }

    @Test
    void correlatesRanks() {
        List<SimilarityBench.Pair> pairs = List.of(
                new SimilarityBench.Pair("the old house", "the old house", 5),
                new SimilarityBench.Pair("the old house", "the old dog", 3),
                new SimilarityBench.Pair("the old house", "a dog barked", 0));
        try (LoadedModel house =
                ModelLoader.open(Path.of("../models/house-encoder.gguf"), ModelLoader.Options.DEFAULTS)) {
            Embedder embedder = Embedder.of(house.model()).normalised();
            SimilarityBench found = SimilarityBench.of(embedder, house.tokenizer(), pairs, () -> false);
            assertThat(found.words()).isCloseTo(1, within(1e-9));
            assertThat(found.vectors()).isCloseTo(1, within(1e-9));
            assertThat(found.pairs()).isEqualTo(3);
            assertThat(SimilarityBench.of(embedder, house.tokenizer(), pairs, () -> true).pairs()).isZero();
        }
    }
}
