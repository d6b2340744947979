package dev.laconic.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.error.UsageException;
import dev.laconic.format.gguf.GgufFile;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.testkit.SharedData;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The encoder-decoder against the references of an independent engine, and its cross cache. */
class T5Test {
    private static final float TOLERANCE = 1e-4f;

    private static Model open(String provider) {
        return Model.of(GgufFile.open(SharedData.require("parity/models/t5.gguf")),
                Kernels.of(KernelOptions.defaults().withProvider(provider).withThreads(2)), Optional.empty());
    }

    private static void assertClose(float[] actual, float[] expected, int count) {
        assertThat(expected).hasSize(count);
        for (int i = 0; i < count; i++)
            assertThat(actual[i]).as("element %s", i).isCloseTo(expected[i], within(TOLERANCE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void encoderLayersAndLogitsEqualTheReferences(String provider) {
        Reference reference = Reference.of("t5");
        int[] text = reference.ids("tokens");
        int[] ids = reference.ids("decoder_tokens");
        try (Model model = open(provider);
                Sequence sequence = model.newSequence(KvType.F32, KvType.F32)) {
            Model encoder = model.encoder().orElseThrow();
            try (Sequence encoded = encoder.newSequence(KvType.F32, KvType.F32)) {
                State state = encoder.embed(
                        new Rows().append(encoded, Mask.BIDIRECTIONAL, text, 0, text.length, false));
                encoder.advance(state, 0, 1);
                assertClose(state.hidden(), reference.hidden("l_out-0"), text.length * model.architecture().width());
                encoder.advance(state, 1, encoder.layers());
                assertClose(state.hidden(), reference.hidden("result_embd"), text.length * model.architecture().width());
                assertClose(encoder.normalise(state), reference.values("encoder_output"),
                        text.length * model.architecture().width());
            }
            model.encode(sequence, text);
            State state = model.embed(new Rows().append(sequence, ids, 0, ids.length, true));
            model.advance(state);
            assertClose(model.project(state).values(), reference.values("logits"), ids.length * model.vocabulary());
        }
    }

    @Test
    void stepsForksAndBatchesGiveTheSameLogits() {
        Reference reference = Reference.of("t5");
        int[] text = reference.ids("tokens");
        int[] ids = reference.ids("decoder_tokens");
        float[] expected = reference.values("logits");
        try (Model model = open("scalar");
                Sequence sequence = model.newSequence(KvType.F32, KvType.F32);
                Sequence other = model.newSequence(KvType.F32, KvType.F32)) {
            int vocabulary = model.vocabulary();
            model.encode(other, new int[] {5, 6, 7});
            model.encode(sequence, new int[] {9});
            model.encode(sequence, text);
            State state = new State(model.kernels());
            for (int i = 0; i < 5; i++) {
                model.embed(new Rows().append(sequence, ids, i, i + 1, true).append(other, ids, 3, 4, true), state);
                model.advance(state);
                assertClose(Arrays.copyOf(model.project(state).values(), vocabulary),
                        Arrays.copyOfRange(expected, i * vocabulary, (i + 1) * vocabulary), vocabulary);
            }
            try (Sequence fork = sequence.fork()) {
                model.encode(sequence, new int[] {1, 2});
                model.embed(new Rows().append(fork, ids, 5, ids.length, true), state);
                model.advance(state);
                assertClose(model.project(state).values(),
                        Arrays.copyOfRange(expected, 5 * vocabulary, expected.length), (ids.length - 5) * vocabulary);
            }
        }
    }

    @Test
    void aTreeSeesTheWholeEncodedText() {
        Reference reference = Reference.of("t5");
        int[] ids = reference.ids("decoder_tokens");
        float[] expected = reference.values("logits");
        try (Model model = open("scalar");
                Sequence sequence = model.newSequence(KvType.F32, KvType.F32)) {
            model.encode(sequence, reference.ids("tokens"));
            State state = model.embed(new Rows()
                    .span(sequence, Mask.TREE)
                    .node(ids[0], 0, true, Rows.ROOT)
                    .node(17, 1, false, 0)
                    .node(ids[1], 1, true, 0));
            model.advance(state);
            assertClose(model.project(state).values(), Arrays.copyOf(expected, 2 * model.vocabulary()),
                    2 * model.vocabulary());
        }
    }

    @Test
    void theDecoderNeedsAnEncodedText() {
        try (Model model = open("scalar");
                Sequence sequence = model.newSequence()) {
            assertThat(model.decoderStart()).contains(0);
            assertThatThrownBy(() -> model.embed(new Rows().append(sequence, new int[] {0}, 0, 1, true)))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("encoded");
            assertThatThrownBy(() -> model.encode(sequence, new int[0])).isInstanceOf(UsageException.class);
            assertThat(Embedder.of(model).embed(List.of(new int[] {3, 4}))).hasSize(1);
        }
        try (Model llama = TinyModels.llama("scalar");
                Sequence sequence = llama.newSequence()) {
            assertThatThrownBy(() -> llama.encode(sequence, new int[] {1}))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("no encoder");
        }
    }
}
