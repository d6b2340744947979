package dev.laconic.model.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.model.Logits;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.load.ModelLoader;
import dev.laconic.model.sample.SamplerOptions;
import dev.laconic.testkit.SharedData;
import dev.laconic.tokenize.EncodeOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The 260-thousand-parameter story model, end to end, against its published text. */
class StoriesTest {
    private static final String MODEL = "data/models/stories260k/stories260K.bin";
    private static final GenerationOptions GREEDY = new GenerationOptions(200, SamplerOptions.greedy());

    private static LoadedModel open(String provider, Path path) {
        return ModelLoader.open(path, new ModelLoader.Options(
                Optional.empty(), KernelOptions.defaults().withProvider(provider), Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void greedyTextIsThePublishedOne(String provider) throws Exception {
        String expected = Files.readString(SharedData.require("data/models/stories260k/expected_greedy_200.txt"));
        try (LoadedModel loaded = open(provider, SharedData.require(MODEL));
                Session session = new Session(loaded.model(), loaded.tokenizer())) {
            List<String> pieces = new ArrayList<>();
            Answer answer = session.generate(new int[0], GREEDY, new GenerationListener() {
                @Override
                public void text(String piece) {
                    pieces.add(piece);
                }
            });
            assertThat(answer.text()).isEqualTo(expected);
            assertThat(String.join("", pieces)).isEqualTo(expected);
            assertThat(answer.finish()).isEqualTo(FinishReason.LENGTH);
            assertThat(answer.receipt().tokensOut()).isEqualTo(200);
            assertThat(answer.receipt().forwardPasses()).isEqualTo(200);
            assertThat(answer.receipt().kvBytesHeld()).isEqualTo(loaded.model().pool().bytesHeld());
        }
    }

    @Test
    void theNextTurnComputesOnlyWhatIsNew() {
        try (LoadedModel loaded = open("scalar", SharedData.require(MODEL));
                Session session = new Session(loaded.model(), loaded.tokenizer());
                Session fresh = new Session(loaded.model(), loaded.tokenizer())) {
            GenerationOptions few = new GenerationOptions(20, SamplerOptions.greedy());
            int[] first = loaded.tokenizer().ids("Once upon a time, Tim had a dog.", EncodeOptions.PROMPT);
            Answer answer = session.generate(first, few, GenerationListener.SILENT);
            String text = "Once upon a time, Tim had a dog." + answer.text();
            int[] second = loaded.tokenizer().ids(text + " Then they went home.", EncodeOptions.PROMPT);
            Answer warm = session.generate(second, few, GenerationListener.SILENT);
            assertThat(warm.receipt().tokensReused()).isGreaterThanOrEqualTo(first.length - 1);
            assertThat(warm.text()).isEqualTo(fresh.generate(second, few, GenerationListener.SILENT).text());
        }
    }

    @Test
    void stopStringsAndCancellationEndTheText() {
        try (LoadedModel loaded = open("scalar", SharedData.require(MODEL));
                Session session = new Session(loaded.model(), loaded.tokenizer())) {
            SamplerOptions stop = SamplerOptions.greedy().toBuilder().stopStrings(List.of("red ball")).build();
            Answer answer = session.generate(new int[0], new GenerationOptions(200, stop), GenerationListener.SILENT);
            assertThat(answer.finish()).isEqualTo(FinishReason.STOP);
            assertThat(answer.text()).endsWith("she saw a big, ");
            Answer cancelled = session.generate(new int[0], GREEDY, new GenerationListener() {
                private int pieces;

                @Override
                public boolean cancelled() {
                    return pieces++ > 5;
                }
            });
            assertThat(cancelled.finish()).isEqualTo(FinishReason.CANCELLED);
            assertThat(cancelled.text()).startsWith("Once upon");
        }
    }

    /** Eight bits instead of 32: the same choice at nearly every position of the published text. */
    @Test
    void theInt8FileStaysCloseToTheFloatFile() throws Exception {
        String text = Files.readString(SharedData.require("data/models/stories260k/expected_greedy_200.txt"));
        try (LoadedModel exact = open("scalar", SharedData.require(MODEL));
                LoadedModel rounded = open("scalar", SharedData.require("data/models/stories260k/stories260K-q8.bin"))) {
            int[] ids = exact.tokenizer().ids(text, EncodeOptions.PROMPT);
            assertThat(rounded.tokenizer().ids(text, EncodeOptions.PROMPT)).containsExactly(ids);
            float[] expected = logits(exact, ids);
            float[] actual = logits(rounded, ids);
            double difference = 0;
            double size = 0;
            for (int i = 0; i < expected.length; i++) {
                difference += Math.pow(actual[i] - expected[i], 2);
                size += Math.pow(expected[i], 2);
            }
            assertThat(difference / size).isLessThan(1e-3);
        }
    }

    private static float[] logits(LoadedModel loaded, int[] ids) {
        try (Sequence sequence = loaded.model().newSequence()) {
            State state = loaded.model().embed(new Rows().append(sequence, ids, 0, ids.length, true));
            loaded.model().advance(state);
            Logits logits = loaded.model().project(state);
            return java.util.Arrays.copyOf(logits.values(), logits.rows() * logits.vocabulary());
        }
    }

    @Test
    void weightsOfThisModelAreReadInPlace() {
        try (LoadedModel loaded = open("scalar", SharedData.require(MODEL))) {
            for (Tensor tensor : loaded.model().file().tensors().values())
                assertThat(tensor.data().heapBase()).as(tensor.name()).isEmpty();
        }
    }
}
