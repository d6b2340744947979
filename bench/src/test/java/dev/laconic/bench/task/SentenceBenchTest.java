package dev.laconic.bench.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.bench.workload.Prose;
import dev.laconic.model.Embedder;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.load.ModelLoader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SentenceBenchTest {

    @Test
    void wholeGroupsAreAskedAndEverySentenceHasOneSuccessor() {
        try (LoadedModel house =
                ModelLoader.open(Path.of("../models/house-draft.gguf"), ModelLoader.Options.DEFAULTS)) {
            Embedder embedder = Embedder.of(house.model()).normalised();
            SentenceBench found =
                    SentenceBench.of(embedder, house.tokenizer(), Prose.builtIn(), 8, 20, () -> false);
            assertThat(found.vectors().total()).isEqualTo(24);
            assertThat(found.words().total()).isEqualTo(24);
            assertThat(found.words().accuracy()).isGreaterThan(1.0 / 8);
            assertThat(SentenceBench.of(embedder, house.tokenizer(), Prose.builtIn(), 8, 20, () -> false))
                    .isEqualTo(found);
            assertThat(SentenceBench.of(embedder, house.tokenizer(), Prose.builtIn(), 8, 20, () -> true)
                            .vectors()
                            .total())
                    .isZero();
        }
    }
}
