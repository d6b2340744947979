package dev.laconic.model.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.State;
import dev.laconic.model.arch.Architectures;
import dev.laconic.model.block.Attention;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Layouts and hyper-parameters of many architectures in models whose weights a formula draws, against a few logits that
 * an independent engine computed with them.
 */
class GoldenModelsTest {
    private static final float TOLERANCE = 1e-4f;
    private static final int CONTEXT = 256;
    private static final JsonNode GOLDEN = read();

    private static JsonNode read() {
        try (InputStream in = GoldenModelsTest.class.getResourceAsStream("golden-models.json")) {
            return JsonMapper.shared().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<Arguments> models() {
        return GOLDEN.path("models").valueStream()
                .map(model -> Arguments.argumentSet(model.path("name").asString(), model));
    }

    @ParameterizedTest
    @MethodSource("models")
    void logitsEqualTheRecordedOnes(JsonNode golden) {
        int[] tokens = GOLDEN.path("tokens").valueStream().mapToInt(JsonNode::asInt).toArray();
        try (Kernels kernels = Kernels.of(KernelOptions.defaults().withThreads(1));
                Model model = Model.of(Drawn.of(golden, tokens), kernels, Optional.of(CONTEXT));
                Sequence sequence = model.newSequence(KvType.F32, KvType.F32)) {
            State state = model.embed(
                    new Rows().append(sequence, model.architecture().mask(), tokens, 0, tokens.length, true));
            model.advance(state);
            float[] logits = model.project(state).values();
            for (int i = 0; i < GOLDEN.path("positions").size(); i++)
                assertClose(logits, GOLDEN.path("positions").get(i).asInt() * model.vocabulary(),
                        golden.path("logits").get(i));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void rowsThatEndInTheLastLayerChangeNothing(JsonNode golden) {
        int[] tokens = GOLDEN.path("tokens").valueStream().mapToInt(JsonNode::asInt).toArray();
        try (Kernels kernels = Kernels.of(KernelOptions.defaults().withThreads(1));
                Model model = Model.of(Drawn.of(golden, tokens), kernels, Optional.of(CONTEXT));
                Sequence whole = model.newSequence();
                Sequence ending = model.newSequence()) {
            State state = model.newState();
            int half = tokens.length / 2;
            for (int from = 0; from < tokens.length; from += half) {
                int to = Math.min(tokens.length, from + half);
                float[] expected = logits(model, model.embed(rows(model, whole, tokens, from, to), state));
                float[] actual = logits(model, model.embed(rows(model, ending, tokens, from, to), state).logitsOnly());
                assertThat(state.size()).isEqualTo(1);
                assertThat(actual).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void layersTellBeforehandWhatTheyAttendWithAndTakeRowsUpAgain(JsonNode golden) {
        int[] tokens = GOLDEN.path("tokens").valueStream().mapToInt(JsonNode::asInt).toArray();
        try (Kernels kernels = Kernels.of(KernelOptions.defaults().withThreads(1));
                Model model = Model.of(Drawn.of(golden, tokens), kernels, Optional.of(CONTEXT));
                Sequence sequence = model.newSequence(KvType.F32, KvType.F32)) {
            Seen seen = new Seen();
            sequence.hooks(seen);
            State state = model.embed(rows(model, sequence, tokens, 0, tokens.length));
            for (Attention.Spec spec : model.architecture().attentions()) {
                int layer = spec.layer();
                float[] hidden = Arrays.copyOf(state.hidden(), tokens.length * model.architecture().width());
                model.architecture().queries(state, layer);
                float[] queries = taken(state, State.Buffer.QUERY);
                model.keysAndValues(state);
                float[] keys = taken(state, State.Buffer.KEY);
                float[] values = taken(state, State.Buffer.VALUE);
                model.advance(state, layer, layer + 1);
                assertThat(queries).isEqualTo(seen.queries);
                assertThat(keys).isEqualTo(seen.keys);
                float[] cached = new float[tokens.length * spec.valueDimension()];
                sequence.cache().head(layer, spec.kvHeads() - 1).readValues(0, tokens.length, cached, 0);
                for (int row = 0; row < tokens.length; row++)
                    assertThat(Arrays.copyOfRange(cached, row * spec.valueDimension(), (row + 1) * spec.valueDimension()))
                            .isEqualTo(Arrays.copyOfRange(values, ((row + 1) * spec.kvHeads() - 1) * spec.valueDimension(),
                                    (row + 1) * spec.kvHeads() * spec.valueDimension()));
                float[] expected = Arrays.copyOf(state.hidden(), hidden.length);
                Rows again = new Rows().span(sequence, model.architecture().mask());
                for (int row = 0; row < tokens.length; row++) again.token(tokens[row], row, row == tokens.length - 1);
                state = model.resume(again, layer, hidden, 0, state);
                model.advance(state, layer, layer + 1);
                assertThat(Arrays.copyOf(state.hidden(), hidden.length)).isEqualTo(expected);
            }
        }
    }

    private static float[] taken(State state, State.Buffer buffer) {
        return Arrays.copyOf(state.values(buffer), state.size() * state.width(buffer));
    }

    /** What a layer attended with. */
    private static final class Seen implements SequenceHooks {
        private float[] queries = {};
        private float[] keys = {};

        @Override
        public boolean wantsQueries(int layer) {
            return true;
        }

        @Override
        public void beforeAttention(
                int layer, Sequence sequence, int position, int rows,
                float[] newQueries, int offset, int stride, float[] newKeys, int keyOffset, int keyStride) {
            queries = Arrays.copyOf(newQueries, rows * stride);
            keys = Arrays.copyOf(newKeys, rows * keyStride);
        }
    }

    private static Rows rows(Model model, Sequence sequence, int[] ids, int from, int to) {
        return new Rows().append(sequence, model.architecture().mask(), ids, from, to, false);
    }

    private static float[] logits(Model model, State state) {
        model.advance(state);
        return Arrays.copyOf(model.project(state).values(), model.vocabulary());
    }

    private static void assertClose(float[] logits, int offset, JsonNode expected) {
        double squares = expected.valueStream().mapToDouble(x -> x.asDouble() * x.asDouble()).sum();
        float tolerance = TOLERANCE * (float) Math.max(1, Math.sqrt(squares / expected.size()) / 2);
        for (int token = 0; token < expected.size(); token++)
            assertThat(logits[offset + token]).isCloseTo(expected.get(token).floatValue(), within(tolerance));
    }

    @Test
    void everyDecoderIsRecordedHereOrInTheReferenceModels() {
        Set<String> recorded = new TreeSet<>();
        GOLDEN.path("models").forEach(model -> recorded.add(model.path("architecture").asString()));
        Set<String> elsewhere = Set.of("qwen2vl", "t5");
        assertThat(Architectures.names()).filteredOn(name -> !name.contains("bert") && !name.endsWith("encoder"))
                .allMatch(name -> recorded.contains(name) || elsewhere.contains(name));
    }

    /** A model in memory: every element is a function of its tensor's name and its place. */
    private record Drawn(Metadata metadata, SequencedMap<String, Tensor> tensors) implements ModelFile {
        private static final int VOCABULARY = 32;

        static Drawn of(JsonNode golden, int[] tokens) {
            String architecture = golden.path("architecture").asString();
            SequencedMap<String, Object> values = new LinkedHashMap<>();
            values.put("general.architecture", architecture);
            golden.path("metadata").properties()
                    .forEach(each -> values.put(architecture + "." + each.getKey(), value(each.getValue())));
            SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
            golden.path("tensors").properties().forEach(each -> draw(tensors, each.getKey(), each.getValue()));
            int layer = 0;
            for (JsonNode block : golden.path("blocks"))
                for (int i = 0; i < block.path("layers").asInt(); i++, layer++) {
                    String prefix = "blk." + layer + ".";
                    block.path("tensors").properties()
                            .forEach(each -> draw(tensors, prefix + each.getKey(), each.getValue()));
                }
            assertThat(IntStream.of(tokens)).allMatch(token -> token < VOCABULARY);
            return new Drawn(new Metadata(golden.path("name").asString(), values), tensors);
        }

        private static Object value(JsonNode node) {
            if (node.isBoolean()) return node.asBoolean();
            if (node.isIntegralNumber()) return node.asLong();
            if (node.isNumber()) return node.asDouble();
            if (node.isArray()) return node.valueStream().mapToLong(JsonNode::asLong).toArray();
            return node.asString();
        }

        private static void draw(SequencedMap<String, Tensor> tensors, String name, JsonNode sizes) {
            List<Long> shape = new ArrayList<>();
            sizes.valueStream().map(JsonNode::asLong).forEach(shape::addFirst);
            long[] outermostFirst = shape.stream().mapToLong(Long::longValue).toArray();
            float[] elements = new float[Math.toIntExact(LongStream.of(outermostFirst).reduce(1, Math::multiplyExact))];
            double middle = middle(name);
            double reach = reach(name, sizes.get(0).asInt());
            long seed = hash(name);
            for (int i = 0; i < elements.length; i++)
                elements[i] = (float) (middle + reach * (2 * uniform(seed + (i + 1) * 0x9E3779B97F4A7C15L) - 1));
            tensors.put(name, Tensor.of(name, elements, outermostFirst));
        }

        private static double middle(String name) {
            if (name.endsWith(".bias")) return 0;
            if (name.contains("norm") || name.endsWith(".scale")) return 1;
            return name.contains("rope_f") ? 2.5 : 0;
        }

        private static double reach(String name, int inputs) {
            if (name.endsWith(".bias") || name.contains("norm") || name.endsWith(".scale")) return 0.3;
            if (name.contains("rope_f")) return 1.5;
            if (name.contains("sinks") || name.equals("token_embd.weight") || name.equals("position_embd.weight")) return 1.7;
            return name.equals("output.weight") ? 0.45 : 2.25 / Math.sqrt(inputs);
        }

        /** FNV-1a. */
        private static long hash(String name) {
            long hash = 0xCBF29CE484222325L;
            for (byte b : name.getBytes(StandardCharsets.UTF_8)) hash = (hash ^ b) * 0x100000001B3L;
            return hash;
        }

        /** SplitMix64's output for a state, as a number from 0 to 1. */
        private static double uniform(long state) {
            long z = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
            z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
            return ((z ^ z >>> 31) >>> 40) / (double) (1 << 24);
        }

        @Override
        public Path path() {
            return Path.of(metadata.source());
        }

        @Override
        public void close() {}
    }
}
