package dev.laconic.model.parity;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.io.Json;
import dev.laconic.model.Embedder.Pooling;
import dev.laconic.model.parity.Reference.Greedy;
import dev.laconic.model.parity.Reference.Pair;
import dev.laconic.model.parity.Reference.Stream;
import dev.laconic.model.parity.Reference.Vectors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** A folder of models with recorded outputs, listed by its {@code INDEX.json}; numbers lie beside as raw float32. */
public final class ReferenceSet {
    private static final Pattern LAYER_OUTPUT = Pattern.compile("l_out-(\\d+)");

    private final Path folder;
    private final JsonNode index;

    private ReferenceSet(Path folder, JsonNode index) {
        this.folder = folder;
        this.index = index;
    }

    /** @throws LaconicException if the folder has no readable index */
    public static ReferenceSet open(Path folder) {
        Path file = folder.resolve("INDEX.json");
        return new ReferenceSet(
                folder, Json.read(file).orElseThrow(() -> new LaconicException(file + ": there is no such file")));
    }

    /** Models with float32 weights. */
    public List<Reference> models() {
        List<Reference> references = new ArrayList<>();
        for (JsonNode model : index.path("models")) references.add(reference(model, "logits", "greedy"));
        return references;
    }

    /** Models with quantised weights, against the same weights decoded to float32. */
    public List<Reference> quantisedModels() {
        List<Reference> references = new ArrayList<>();
        for (JsonNode model : index.path("quantised_models"))
            references.add(reference(model, "logits_dequantised", "greedy_dequantised"));
        return references;
    }

    private Reference reference(JsonNode model, String logits, String greedy) {
        JsonNode recorded = model.path("references");
        JsonNode rounded = model.path("distance_native_vs_dequantised").path("nmse");
        String kind = model.path("kind").asString("decoder");
        int[] text = ids(model.path("tokens"));
        boolean translates = model.has("decoder_tokens");
        return new Reference(
                model.path("name").asString(),
                folder.resolve(model.path("file").asString()),
                model.path("architecture").asString(),
                kind,
                translates ? Optional.of(text) : Optional.empty(),
                translates ? ids(model.path("decoder_tokens")) : text,
                vectors(recorded, text, ids(model.path("tokens2"))),
                kind.equals("decoder") ? streams(recorded.path("hidden")) : List.of(),
                floats(recorded.path(logits)),
                greedy(model.path(greedy)),
                pair(model.path("batch2"), recorded.path("batch2_logits")),
                rounded.isNumber() ? OptionalDouble.of(rounded.asDouble()) : OptionalDouble.empty());
    }

    private List<Vectors> vectors(JsonNode recorded, int[] first, int[] second) {
        List<Vectors> vectors = new ArrayList<>();
        addVectors(vectors, recorded, "embeddings_per_token", first, Optional.empty());
        addVectors(vectors, recorded, "embeddings_per_token_2", second, Optional.empty());
        addVectors(vectors, recorded, "encoder_output", first, Optional.empty());
        addVectors(vectors, recorded, "pooled_mean", first, Optional.of(Pooling.MEAN));
        addVectors(vectors, recorded, "pooled_cls", first, Optional.of(Pooling.CLS));
        return vectors;
    }

    private void addVectors(
            List<Vectors> vectors, JsonNode recorded, String name, int[] tokens, Optional<Pooling> pooling) {
        floats(recorded.path(name)).ifPresent(values -> vectors.add(new Vectors(name, tokens, pooling, values)));
    }

    private List<Stream> streams(JsonNode hidden) {
        List<Stream> streams = new ArrayList<>();
        if (hidden.isMissingNode()) return streams;
        float[] all = floats(hidden).orElseThrow();
        for (JsonNode part : hidden.path("parts")) {
            String name = part.path("name").asString();
            Matcher layer = LAYER_OUTPUT.matcher(name);
            int from = part.path("offset_floats").asInt();
            float[] values = java.util.Arrays.copyOfRange(all, from, from + part.path("floats").asInt());
            if (layer.matches()) streams.add(new Stream(name, Integer.parseInt(layer.group(1)), values));
            else if (name.equals("result_norm")) streams.add(new Stream(name, Stream.FINAL_NORM, values));
        }
        return streams;
    }

    private static Optional<Greedy> greedy(JsonNode node) {
        if (node.isMissingNode()) return Optional.empty();
        double[] margins = node.path("top1_minus_top2").valueStream().mapToDouble(JsonNode::asDouble).toArray();
        return Optional.of(new Greedy(ids(node.path("prompt")), ids(node.path("ids")), margins));
    }

    private Optional<Pair> pair(JsonNode texts, JsonNode logits) {
        return floats(logits).map(values -> new Pair(ids(texts.path("tokens_a")), ids(texts.path("tokens_b")), values));
    }

    private static int[] ids(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::asInt).toArray();
    }

    private Optional<float[]> floats(JsonNode recorded) {
        if (recorded.isMissingNode()) return Optional.empty();
        Path file = folder.resolve(recorded.path("file").asString());
        try {
            byte[] bytes = Files.readAllBytes(file);
            long expected = Float.BYTES;
            for (JsonNode size : recorded.path("shape")) expected = Math.multiplyExact(expected, size.asLong());
            if (bytes.length != expected)
                throw new MalformedInputException(
                        file.toString(), "file size", bytes.length + " bytes", expected + " bytes");
            float[] values = new float[bytes.length / Float.BYTES];
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
            return Optional.of(values);
        } catch (IOException e) {
            throw new LaconicException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
