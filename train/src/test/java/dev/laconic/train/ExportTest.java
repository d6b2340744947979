package dev.laconic.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.bench.probe.HeadProbe;
import dev.laconic.bench.probe.HeadScore;
import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Workloads;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.ModelFile;
import dev.laconic.format.ModelFiles;
import dev.laconic.format.gguf.GgufWriter;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.model.Logits;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.chat.Message;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.load.ModelLoader;
import dev.laconic.tokenize.EncodeOptions;
import dev.laconic.tokenize.Tokenizer;
import dev.laconic.tokenize.Tokenizers;
import dev.laconic.tokenize.train.BpeTrainer;
import dev.laconic.tokenize.train.ByteLevelBpe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One architecture, two forward passes that share no code: PyTorch's, and the engine's on the exported files. */
class ExportTest {
    private static final DecoderShape SHAPE = new DecoderShape(2, 64, 4, 2, 16, 96, 400, 10_000, 1e-5f);

    private static ByteLevelBpe vocabulary;
    private static float[] weights;

    @TempDir
    Path folder;

    @BeforeAll
    static void train() {
        BpeTrainer trainer = new BpeTrainer();
        trainer.add("It was a dark night, and the rain fell on the roof of the old house.\n\n“Who goes there?” he asked. "
                + "Nobody answered the guard; the 12 houses were dark, the roofs were wet, and nothing fell there. "
                + "The morning came: a new day, a warm sun. Where was the guard? Nobody knew; nobody asked about him.");
        vocabulary = trainer.train(ChatFormat.SPECIALS, SHAPE.vocabulary());
        SplittableRandom random = new SplittableRandom(1);
        weights = SHAPE.initial(1);
        for (int i = 0; i < weights.length; i++) weights[i] += (float) (0.05 * random.nextGaussian());
    }

    private DecoderExport export() {
        return new DecoderExport("tiny", SHAPE, Objective.NEXT_TOKEN, weights, vocabulary, 128);
    }

    @Test
    void theEngineGivesPyTorchsLogitsOnGguf() {
        export().gguf(folder.resolve("tiny.gguf"), TensorType.F32);
        compare(folder.resolve("tiny.gguf"));
    }

    @Test
    void theEngineGivesPyTorchsLogitsOnSafetensors() {
        export().safetensors(folder.resolve("tiny"));
        compare(folder.resolve("tiny"));
    }

    @Test
    void aRunCanBuildOnAnExportedFile() {
        export().gguf(folder.resolve("tiny.gguf"), TensorType.F32);
        Pretrained read = Pretrained.file(folder.resolve("tiny.gguf"));
        assertThat(read.shape()).isEqualTo(SHAPE);
        assertThat(read.weights()).isEqualTo(weights);
        assertThat(read.merges()).isEqualTo(vocabulary.mergeLines());
    }

    @Test
    void sizesThatTheFileDoesNotHaveAreNotBelieved() {
        new GgufWriter()
                .string("general.architecture", "llama")
                .uint32("llama.block_count", 1 << 20)
                .uint32("llama.embedding_length", 1 << 20)
                .uint32("llama.attention.head_count", 1 << 20)
                .uint32("llama.feed_forward_length", 1 << 20)
                .uint32("llama.vocab_size", 1 << 20)
                .write(folder.resolve("huge.gguf"));
        assertThatThrownBy(() -> Pretrained.file(folder.resolve("huge.gguf")))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("no more than the file's 0");
    }

    @Test
    void aRunCannotBuildOnAnotherArchitecture() {
        new DecoderExport("tiny", SHAPE, Objective.MASKED_DIFFUSION, weights, vocabulary, 128)
                .gguf(folder.resolve("tiny.gguf"), TensorType.F32);
        assertThatThrownBy(() -> Pretrained.file(folder.resolve("tiny.gguf")))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("general.architecture: found dream, expected llama");
    }

    /** Masked diffusion: every row sees the whole text. */
    @Test
    void theEngineGivesPyTorchsLogitsOfADiffusionModel() {
        new DecoderExport("tiny", SHAPE, Objective.MASKED_DIFFUSION, weights, vocabulary, 128)
                .gguf(folder.resolve("tiny.gguf"), TensorType.F32);
        compare(folder.resolve("tiny.gguf"), false);
    }

    private static void compare(Path path) {
        compare(path, true);
    }

    private static void compare(Path path, boolean causal) {
        int[] ids = new SplittableRandom(2).ints(100, 0, SHAPE.vocabulary()).toArray();
        float[] expected;
        try (Evaluator evaluator = new Evaluator(SHAPE, weights, causal, 0)) {
            expected = evaluator.logits(ids);
        }
        try (Kernels kernels = Kernels.of(KernelOptions.defaults());
                Model model = Model.of(ModelLoader.file(path, Optional.empty()), kernels, Optional.empty());
                Sequence sequence = model.newSequence(KvType.F32, KvType.F32)) {
            State state = model.embed(
                    new Rows().append(sequence, model.architecture().mask(), ids, 0, ids.length, true));
            model.advance(state);
            Logits logits = model.project(state);
            for (int row = 0; row < ids.length; row++)
                for (int token = 0; token < SHAPE.vocabulary(); token++)
                    assertThat(logits.values()[logits.offset(row) + token])
                            .as("row %d, token %d", row, token)
                            .isCloseTo(
                                    expected[row * SHAPE.vocabulary() + token],
                                    org.assertj.core.data.Offset.offset(1e-4f));
        }
    }

    @Test
    void theChatTemplateWritesWhatWasTrained() {
        export().gguf(folder.resolve("tiny.gguf"), TensorType.F16);
        try (LoadedModel loaded = ModelLoader.open(folder.resolve("tiny.gguf"), ModelLoader.Options.DEFAULTS)) {
            int[] ids = loaded.chatPrompt()
                    .ids(List.of(
                            Message.user(" The guard? <|end|>"), Message.assistant("Nobody"), Message.user("Who?")));
            assertThat(loaded.tokenizer().bytes(ids, true))
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("<|begin|><|user|>The guard? <|end|><|end|><|assistant|> Nobody<|end|>"
                            + "<|user|>Who?<|end|><|assistant|>");
            assertThat(IntStream.of(ids).filter(id -> id == vocabulary.special(ChatFormat.END))).hasSize(3);
        }
    }

    @Test
    void everyHeadIsProbed() {
        export().gguf(folder.resolve("tiny.gguf"), TensorType.F32);
        try (LoadedModel loaded = ModelLoader.open(folder.resolve("tiny.gguf"), ModelLoader.Options.DEFAULTS)) {
            List<HeadScore> scores = new HeadProbe(
                            loaded.model(),
                            loaded.tokenizer(),
                            user -> loaded.tokenizer().ids(user, EncodeOptions.PROMPT))
                    .run(Workloads.over(Prose.builtIn()).getFirst(), 100, 2);
            assertThat(scores).hasSize(SHAPE.layers() * SHAPE.heads());
            assertThat(scores).allSatisfy(score -> {
                assertThat(score.induction()).isBetween(0.0, 1.0);
                assertThat(score.retrieval()).isBetween(0.0, 1.0);
            });
        }
    }

    @Test
    void theEngineTokenizesLikeTraining() {
        export().gguf(folder.resolve("tiny.gguf"), TensorType.F16);
        try (ModelFile file = ModelFiles.open(folder.resolve("tiny.gguf"), Optional.empty())) {
            Tokenizer tokenizer = Tokenizers.of(file.metadata());
            for (String text : new String[] {
                "The guard's house: 1234 rooms,  two  spaces\n\n\tand tabs.\r\n", "naïve “quotes” ☃ 日本", "", " 7", "<|end|>"
            })
                assertThat(tokenizer.ids(text, EncodeOptions.PLAIN)).as(text).isEqualTo(vocabulary.encode(text));
            assertThat(tokenizer.ids("a", EncodeOptions.PROMPT)[0]).isEqualTo(vocabulary.special(ChatFormat.BEGIN));
        }
    }
}
