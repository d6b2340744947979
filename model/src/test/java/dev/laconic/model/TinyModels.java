package dev.laconic.model;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.testkit.TinyLlama;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/** Small random models that tests run. */
public final class TinyModels {
    private TinyModels() {}

    public static Model llama(String provider) {
        return llama(provider, 1, TinyLlama.Sizes.SMALL);
    }

    public static Model llama(String provider, int threads, TinyLlama.Sizes sizes) {
        TinyLlama tiny = TinyLlama.of(sizes, 42);
        ModelFile file = new InMemory(new Metadata("tiny llama", tiny.metadata()), tiny.tensors());
        return Model.of(
                file,
                Kernels.of(KernelOptions.defaults().withProvider(provider).withThreads(threads)),
                Optional.empty());
    }

    public static int[] ids(RandomGenerator random, int count, int vocabulary) {
        return random.ints(count, 0, vocabulary).toArray();
    }

    /** Logits of every position of a text, in one step. */
    public static float[] logits(Model model, Sequence sequence, int[] ids) {
        State state = model.embed(new Rows().append(sequence, ids, 0, ids.length, true));
        model.advance(state);
        Logits logits = model.project(state);
        return java.util.Arrays.copyOf(logits.values(), logits.rows() * logits.vocabulary());
    }

    private record InMemory(Metadata metadata, SequencedMap<String, Tensor> tensors) implements ModelFile {
        @Override
        public Path path() {
            return Path.of("tiny.gguf");
        }

        @Override
        public void close() {}
    }
}
