package dev.laconic.bench.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Workloads;
import dev.laconic.core.error.UsageException;
import dev.laconic.model.chat.ChatPrompt;
import dev.laconic.model.chat.Message;
import dev.laconic.model.generate.Denoiser;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.load.ModelLoader;
import dev.laconic.tokenize.EncodeOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The model that ships with the program does what its card says, on few samples. */
class HouseModelTest {
    private static LoadedModel house;

    @BeforeAll
    static void open() {
        house = ModelLoader.open(Path.of("../models/house-lm.gguf"), ModelLoader.Options.DEFAULTS);
    }

    @AfterAll
    static void close() {
        house.close();
    }

    @Test
    void itFindsANeedle() {
        ChatPrompt chat = house.chatPrompt();
        TaskBench bench =
                new TaskBench(house.model(), house.tokenizer(), user -> chat.ids(List.of(Message.user(user))), Denoiser.BLOCK);
        TaskResult result =
                bench.run(Workloads.over(Prose.builtIn()).getFirst(), 512, 12, () -> false);
        assertThat(result.score().correct()).isGreaterThanOrEqualTo(11);
    }

    @Test
    void itPredictsProseBetterThanCompressorsDo() {
        String text = Prose.builtIn().unwrapped().getFirst();
        TextResult result = new TextBench(house.model(), house.tokenizer(), 1024)
                .run("time-machine.txt", text, 6000, (done, total) -> {}, () -> false);
        assertThat(result.tokens()).isEqualTo(6000);
        assertThat(result.model()).isLessThan(result.gzip()).isLessThan(result.zstd()).isLessThan(result.xz());
        assertThat(result.gzip()).isBetween(1.0, 8.0);
    }

    @Test
    void itAgreesWithItself() {
        int[] ids = house.tokenizer().ids("The Time Traveller smiled round at us.", EncodeOptions.PLAIN);
        assertThat(Agreement.of(house.model(), house.model(), ids, 8, () -> false))
                .isEqualTo(new Agreement(ids.length, ids.length));
    }

    @Test
    void itHidesNothing() {
        assertThatThrownBy(() -> new Denoiser(house.model(), house.tokenizer(), Denoiser.BLOCK))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("no masked diffusion model");
    }
}
