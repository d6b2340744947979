package dev.laconic.model.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.KernelOptions.Activations;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.model.Mask;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.arch.Architectures;
import dev.laconic.testkit.SharedData;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every reference model of an architecture that is registered; those in float32 with every provider. */
class ParityTest {
    private static final List<String> PROVIDERS = List.of("scalar", "vector");

    private static KernelOptions options(String provider) {
        return new KernelOptions(provider, 1, Activations.F32);
    }

    private static ReferenceSet references() {
        return ReferenceSet.open(SharedData.require("parity/INDEX.json").getParent());
    }

    static Stream<Arguments> models() {
        return withProviders(references().models().stream());
    }

    static Stream<Arguments> decoders() {
        return withProviders(references().models().stream().filter(model -> model.kind().equals("decoder")));
    }

    static Stream<Arguments> quantised() {
        return references().quantisedModels().stream().map(model -> Arguments.argumentSet(model.name(), model));
    }

    private static Stream<Arguments> withProviders(Stream<Reference> models) {
        return models.filter(model -> Architectures.names().contains(model.architecture()))
                .flatMap(model -> PROVIDERS.stream().map(provider -> Arguments.argumentSet(
                        model.name() + ", " + provider, model, provider)));
    }

    @ParameterizedTest
    @MethodSource("models")
    void logitsStreamsAndContinuationsEqualTheReference(Reference reference, String provider) {
        try (Kernels kernels = Kernels.of(options(provider))) {
            assertEqual(Parity.compare(reference, kernels, false));
        }
    }

    @ParameterizedTest
    @MethodSource("quantised")
    void quantisedWeightsEqualTheirDecodedValues(Reference reference) {
        try (Kernels kernels = Kernels.of(options("auto"))) {
            assertEqual(Parity.compare(reference, kernels, false));
        }
    }

    @ParameterizedTest
    @MethodSource("quantised")
    void roundedActivationsStayClose(Reference reference) {
        try (Kernels kernels = Kernels.of(options("auto").withActivations(Activations.INT8))) {
            assertEqual(Parity.compare(reference, kernels, true));
        }
    }

    private static void assertEqual(ParityResult result) {
        assertThat(result.status()).as(result.toString()).isEqualTo(ParityResult.Status.EQUAL);
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void anyCutIntoStepsGivesTheSameLogits(Reference reference, String provider) {
        float tolerance = provider.equals("scalar") ? 0 : 1e-5f;
        int[] tokens = reference.tokens();
        try (Kernels kernels = Kernels.of(options(provider));
                Model model = Parity.open(reference, kernels)) {
            if (model.architecture().mask() != Mask.CAUSAL) return;
            float[] whole = logits(model, tokens, tokens.length, new int[0]);
            int[] other = Arrays.copyOfRange(tokens, 20, 40);
            for (int chunk : new int[] {1, 7, 16})
                assertClose(logits(model, tokens, chunk, new int[0]), whole, tolerance, "steps of " + chunk);
            assertClose(logits(model, tokens, tokens.length, other), whole, tolerance, "beside another text");
        }
    }

    private static void assertClose(float[] actual, float[] expected, float tolerance, String what) {
        Difference difference = Difference.of(actual, 0, expected);
        assertThat(difference.maxAbs()).as(what).isLessThanOrEqualTo(tolerance);
    }

    /** Logits of every position, in steps of {@code chunk} tokens, each step with another text in front. */
    private static float[] logits(Model model, int[] tokens, int chunk, int[] other) {
        float[] all = new float[tokens.length * model.vocabulary()];
        try (Sequence sequence = model.newSequence(KvType.F32, KvType.F32);
                Sequence beside = model.newSequence(KvType.F32, KvType.F32)) {
            for (int at = 0; at < tokens.length; at += chunk) {
                Rows rows = new Rows();
                if (other.length > 0) rows.append(beside, other, 0, other.length, true);
                int end = Math.min(tokens.length, at + chunk);
                State state = model.embed(rows.append(sequence, tokens, at, end, true));
                model.advance(state);
                System.arraycopy(model.project(state).values(), other.length * model.vocabulary(), all,
                        at * model.vocabulary(), (end - at) * model.vocabulary());
            }
        }
        return all;
    }
}
