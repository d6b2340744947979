package dev.laconic.model.load.huggingface;

import dev.laconic.format.io.Json;
import dev.laconic.model.load.huggingface.Names.Line;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * One kind of Hugging Face model: the GGUF architecture it is, the meaning of its configuration, and the names and
 * layouts of its tensors. Made by {@link Builder}; immutable.
 */
final class Family {
    private static final int MAX_EXPERTS = 1 << 12;

    /** A numbered series of layers: GGUF's and Hugging Face's prefix, how many there are, the tensors of each. */
    private record Stack(String gguf, String prefix, Function<Config, Integer> count, Names names) {}

    private final Function<Config, String> architecture;
    private final JsonNode defaults;
    private final List<String> bodies;
    private final List<String> markers;
    private final Names names;
    private final Names heads;
    private final List<Stack> stacks;
    private final Map<String, Function<Config, Transform>> transforms;
    private final List<BiConsumer<Config, Description>> details;
    private final boolean tiedUnlessSaid;

    private Family(Builder builder) {
        architecture = builder.architecture;
        defaults = builder.defaults;
        bodies = builder.bodies;
        markers = builder.markers;
        names = builder.names;
        heads = builder.heads;
        stacks = List.copyOf(builder.stacks);
        transforms = Map.copyOf(builder.transforms);
        details = List.copyOf(builder.details);
        tiedUnlessSaid = builder.tiedUnlessSaid;
    }

    /** The configuration with this kind's defaults for what it does not say. */
    Config complete(Config config) {
        return config.withDefaults(defaults);
    }

    Description describe(Config config) {
        Description description = new Description(architecture.apply(config));
        details.forEach(detail -> detail.accept(config, description));
        return description;
    }

    void map(Config config, TensorMap tensors) {
        String body = bodies.stream()
                .filter(prefix -> markers.stream().anyMatch(marker -> tensors.has(prefix + marker)))
                .findFirst()
                .orElse(bodies.getFirst());
        names.lines().forEach(line -> take(config, tensors, "", body, line));
        boolean tied = config.optionalFlag("tie_word_embeddings").orElse(tiedUnlessSaid);
        String root = body.startsWith("language_model.") ? "language_model." : "";
        for (Line line : heads.lines()) {
            if (tied && line.gguf().startsWith("output.")) continue;
            take(config, tensors, "", root, line);
            take(config, tensors, "", "", line);
        }
        for (Stack stack : stacks) {
            int count = stack.count.apply(config);
            for (int layer = 0; layer < count; layer++)
                mapLayer(config, tensors, stack.gguf + layer + ".", body + stack.prefix + layer + ".", stack.names);
        }
    }

    private void mapLayer(Config config, TensorMap tensors, String gguf, String prefix, Names layer) {
        if (!tensors.hasBelow(prefix))
            throw config.malformed("num_hidden_layers", "a layer without tensors", "tensors whose names begin with " + prefix);
        int experts = config.integer(0, MAX_EXPERTS, Keys.EXPERTS).orElse(0);
        for (Line line : layer.lines()) {
            if (!line.ofExperts()) {
                take(config, tensors, gguf, prefix, line);
                continue;
            }
            boolean more = true;
            for (int expert = 0; expert < experts && more; expert++)
                more = take(config, tensors, gguf, prefix, line.expert(expert));
        }
        tensors.requireAllUsed(prefix);
    }

    /** Takes one line's tensor; false if it is not there. */
    private boolean take(Config config, TensorMap tensors, String ggufPrefix, String prefix, Line line) {
        String gguf = ggufPrefix + line.gguf();
        String name = prefix + line.name();
        if (name.contains(Names.HEAD)) return tensors.stack(gguf, name);
        Function<Config, Transform> transform = transforms.get(line.gguf());
        return tensors.take(gguf, name, transform == null ? Transform.none() : transform.apply(config));
    }

    static Builder of(String architecture) {
        return new Builder(_ -> architecture);
    }

    static Builder of(Function<Config, String> architecture) {
        return new Builder(architecture);
    }

    /** Collects what a family is. */
    static final class Builder {
        private final Function<Config, String> architecture;
        private JsonNode defaults = Json.mapper().createObjectNode();
        private List<String> bodies = List.of("model.", "language_model.model.", "model.language_model.", "");
        private List<String> markers = List.of("embed_tokens.weight");
        private Names names = Names.of();
        private Names heads = Names.of("output lm_head");
        private final List<Stack> stacks = new ArrayList<>();
        private final Map<String, Function<Config, Transform>> transforms = new LinkedHashMap<>();
        private final List<BiConsumer<Config, Description>> details = new ArrayList<>();
        private boolean tiedUnlessSaid;

        private Builder(Function<Config, String> architecture) {
            this.architecture = architecture;
        }

        /** What a configuration that does not mention a key means, in JSON. */
        Builder defaults(String json) {
            defaults = Json.mapper().readTree(json);
            return this;
        }

        /** Prefixes that the tensors of the network may have, told apart by whether the marker lies below. */
        Builder bodies(String marker, String... prefixes) {
            return bodies(List.of(marker), prefixes);
        }

        Builder bodies(List<String> newMarkers, String... prefixes) {
            markers = newMarkers;
            bodies = List.of(prefixes);
            return this;
        }

        /** Tensors of the network outside its layers. */
        Builder names(String... tables) {
            names = Names.of(tables);
            return this;
        }

        /** Tensors beside the network: its heads. A matrix {@code output} is left out where embeddings are tied. */
        Builder heads(String... tables) {
            heads = Names.of(tables);
            return this;
        }

        Builder layers(String prefix, String... tables) {
            return stack("blk.", prefix, Keys::layers, tables);
        }

        Builder stack(String gguf, String prefix, Function<Config, Integer> count, String... tables) {
            stacks.add(new Stack(gguf, prefix, count, Names.of(tables)));
            return this;
        }

        /** Lays the tensors of these GGUF names, without their prefix, out anew. */
        Builder transform(Function<Config, Transform> transform, String... ggufNames) {
            for (String name : ggufNames) transforms.put(name, transform);
            return this;
        }

        Builder describe(BiConsumer<Config, Description> detail) {
            details.add(detail);
            return this;
        }

        /** Embeddings are the output matrix too unless the configuration says otherwise. */
        Builder tied() {
            tiedUnlessSaid = true;
            return this;
        }

        Family build() {
            return new Family(this);
        }
    }
}
