package dev.laconic.model.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import dev.laconic.format.ModelFiles;
import dev.laconic.format.io.Json;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.arch.Architectures;
import dev.laconic.model.parity.Reference;
import dev.laconic.model.parity.ReferenceSet;
import dev.laconic.testkit.Seeds;
import dev.laconic.testkit.SharedData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files whose metadata or tensors are wrong are refused with a message for the user, and nothing else happens. */
class HostileModelsTest {
    private static final Kernels KERNELS =
            Kernels.of(KernelOptions.defaults().withProvider("scalar").withThreads(1));

    static Stream<Arguments> hostileFiles() {
        Path index = SharedData.require("parity/INDEX.json");
        return Json.read(index).orElseThrow().path("hostile").path("gguf").valueStream()
                .map(entry -> Arguments.argumentSet(
                        entry.path("file").asString(),
                        index.resolveSibling(entry.path("file").asString()),
                        entry.path("why").asString()));
    }

    @ParameterizedTest
    @MethodSource("hostileFiles")
    void hostileFilesAreRefused(Path file, String why) {
        String name = file.getFileName().toString();
        boolean vocabularyOnly = name.startsWith("vocab-") || name.startsWith("tokens-");
        Optional<LaconicException> refusal = run(() -> ModelFiles.open(file, Optional.empty()));
        if (why.contains("must load")) assertThat(refusal).isEmpty();
        else if (!vocabularyOnly) assertThat(refusal.orElseThrow()).hasMessageContaining(name);
    }

    @Test
    void anUnknownArchitectureIsAnsweredWithThoseThatAreKnown() {
        Path file = SharedData.require("parity/hostile/gguf/architecture-unknown.gguf");
        assertThat(run(() -> ModelFiles.open(file, Optional.empty())).orElseThrow())
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("zzz-not-a-model")
                .hasMessageContaining(String.join(", ", Architectures.names()));
    }

    @Test
    void anyHyperParameterMayHaveAnyValue() {
        List<Reference> references = references();
        Seeds.check(400, random -> {
            Reference reference = references.get(random.nextInt(references.size()));
            run(() -> altered(reference, random));
        });
    }

    private static List<Reference> references() {
        return ReferenceSet.open(SharedData.require("parity/INDEX.json").getParent()).models().stream()
                .filter(model -> model.kind().equals("decoder") && Architectures.names().contains(model.architecture()))
                .toList();
    }

    /** The reference's model with a value of its metadata changed or dropped, or a tensor dropped or reshaped. */
    private static ModelFile altered(Reference reference, RandomGenerator random) {
        ModelFile file = ModelFiles.open(reference.file(), Optional.empty());
        SequencedMap<String, Object> values = new LinkedHashMap<>(file.metadata().asMap());
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>(file.tensors());
        if (random.nextInt(4) == 0) {
            Tensor tensor = pick(new ArrayList<>(tensors.values()), random);
            if (random.nextBoolean()) tensors.remove(tensor.name());
            else tensors.put(tensor.name(), tensor.reshape(tensor.elements()));
        } else {
            String prefix = reference.architecture() + ".";
            String key = pick(values.keySet().stream().filter(each -> each.startsWith(prefix)).toList(), random);
            if (random.nextInt(8) == 0) values.remove(key);
            else values.put(key, pick(EXTREMES, random));
        }
        return new InMemory(file, new Metadata("altered " + reference.name(), values), tensors);
    }

    private static final List<Object> EXTREMES = List.of(
            0L, 1L, -1L, 3L, 7L, 1000L, 1L << 20, (long) Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE, 0.0, -1.0, 1e-30,
            1e300, Double.NaN, true, "linear", "nonsense", new long[0], new long[] {1, 0, 2}, new boolean[] {true});

    private static <T> T pick(List<T> list, RandomGenerator random) {
        return list.get(random.nextInt(list.size()));
    }

    /** Loads a model and runs three tokens; anything but success or a message for the user is thrown. */
    private static Optional<LaconicException> run(java.util.function.Supplier<ModelFile> opened) {
        try (Model model = Model.of(opened.get(), KERNELS, Optional.empty());
                Sequence sequence = model.newSequence()) {
            State state = model.embed(
                    new Rows().append(sequence, model.architecture().mask(), new int[] {1, 2, 3}, 0, 3, true));
            model.advance(state);
            model.project(state);
            return Optional.empty();
        } catch (LaconicException e) {
            return Optional.of(e);
        }
    }

    private record InMemory(ModelFile file, Metadata metadata, SequencedMap<String, Tensor> tensors)
            implements ModelFile {
        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
