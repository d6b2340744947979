package dev.laconic.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.error.UsageException;
import dev.laconic.format.gguf.GgufFile;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.model.generate.GenerationListener;
import dev.laconic.model.generate.GenerationOptions;
import dev.laconic.model.generate.Session;
import dev.laconic.model.parity.Reference;
import dev.laconic.model.parity.ReferenceSet;
import dev.laconic.model.sample.SamplerOptions;
import dev.laconic.testkit.SharedData;
import dev.laconic.tokenize.Tokenizers;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The cross cache of an encoder-decoder, against the logits that an independent engine computed in one step. */
class T5Test {
    private static final float TOLERANCE = 1e-4f;

    private static Reference reference() {
        return ReferenceSet.open(SharedData.require("parity/INDEX.json").getParent()).models().stream()
                .filter(reference -> reference.name().equals("t5"))
                .findFirst()
                .orElseThrow();
    }

    private static Model open() {
        return Model.of(GgufFile.open(SharedData.require("parity/models/t5.gguf")),
                Kernels.of(KernelOptions.defaults().withProvider("scalar").withThreads(1)), Optional.empty());
    }

    private static void assertClose(float[] actual, float[] expected, int count) {
        assertThat(expected).hasSize(count);
        for (int i = 0; i < count; i++)
            assertThat(actual[i]).as("element %s", i).isCloseTo(expected[i], within(TOLERANCE));
    }

    @Test
    void stepsForksAndBatchesGiveTheSameLogits() {
        Reference reference = reference();
        int[] text = reference.source().orElseThrow();
        int[] ids = reference.tokens();
        float[] expected = reference.logits().orElseThrow();
        try (Model model = open();
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
        Reference reference = reference();
        int[] ids = reference.tokens();
        float[] expected = reference.logits().orElseThrow();
        try (Model model = open();
                Sequence sequence = model.newSequence(KvType.F32, KvType.F32)) {
            model.encode(sequence, reference.source().orElseThrow());
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
    void aSessionEncodesThePromptAndAnswersIt() {
        int[] prompt = reference().source().orElseThrow();
        try (Model model = open();
                Session session = new Session(model, Tokenizers.of(model.file().metadata()));
                Sequence sequence = model.newSequence()) {
            GenerationOptions options = new GenerationOptions(6, SamplerOptions.greedy(), true, 512);
            List<Integer> answer = session.generate(prompt, options, GenerationListener.SILENT).ids();
            model.encode(sequence, prompt);
            int next = 0;
            for (int id : answer) {
                State state = model.embed(new Rows().append(sequence, new int[] {next}, 0, 1, false));
                model.advance(state);
                next = model.project(state).argmax(0);
                assertThat(id).isEqualTo(next);
            }
            assertThat(answer).hasSize(6);
            assertThat(session.generate(new int[] {9, 1}, options, GenerationListener.SILENT).ids())
                    .isNotEqualTo(answer);
            assertThat(session.generate(prompt, options, GenerationListener.SILENT).ids()).isEqualTo(answer);
        }
    }

    @Test
    void theDecoderNeedsAnEncodedText() {
        try (Model model = open();
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
