package dev.laconic.model.load.huggingface;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import dev.laconic.format.io.Json;
import dev.laconic.format.safetensors.SafetensorsDirectory;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Hugging Face model folder presented as the GGUF file of the same model would be: the same metadata keys, the same
 * tensor names. Experts are single tensors ({@code blk.0.ffn_up.3.weight}), since what needs no change stays mapped from
 * the file; rotary pairs keep Hugging Face's order and {@code laconic.rope.pairing} says so; {@code laconic.activation}
 * names the function that the configuration asks for.
 */
public final class HuggingFaceModel implements ModelFile {
    private final SafetensorsDirectory directory;
    private final Arena arena;
    private final Metadata metadata;
    private final SequencedMap<String, Tensor> tensors;
    private final Map<String, String> sources;

    private HuggingFaceModel(SafetensorsDirectory directory, Arena arena, Description description, TensorMap map) {
        this.directory = directory;
        this.arena = arena;
        this.metadata = new Metadata(directory.path().toString(), description.values());
        this.tensors = Collections.unmodifiableSequencedMap(map.tensors());
        this.sources = map.sources();
    }

    /** Opens a folder, or a safetensors file or index with its {@code config.json} beside it. */
    public static HuggingFaceModel open(Path path) {
        return of(SafetensorsDirectory.open(path));
    }

    /**
     * Names and lays out the tensors of an open folder, which is closed with the model.
     *
     * @throws UnsupportedModelException for a kind of model, a variant or a quantisation that is not known here
     * @throws MalformedInputException for a configuration with values that cannot be
     */
    public static HuggingFaceModel of(SafetensorsDirectory directory) {
        Arena arena = Arena.ofShared();
        try {
            Config config = textConfig(directory);
            Family family = Families.of(config);
            Config complete = family.complete(config);
            Description description = family.describe(complete);
            description.global("general.name", String.valueOf(directory.folder().getFileName()));
            TensorMap map = new TensorMap(directory, arena);
            family.map(complete, map);
            description.tensors().values().forEach(map::put);
            requireOutput(directory, complete, map);
            directory.chatTemplate().ifPresent(template -> description.global("tokenizer.chat_template", template));
            Pooling.of(directory, complete, map).ifPresent(code -> description.put("pooling_type", code));
            return new HuggingFaceModel(directory, arena, description, map);
        } catch (Throwable failure) {
            arena.close();
            directory.close();
            throw failure;
        }
    }

    /** The configuration of the text network: of a model for several kinds of input, the part on text. */
    private static Config textConfig(SafetensorsDirectory directory) {
        JsonNode root = directory.config();
        Config whole = Config.of(directory.folder().resolve("config.json").toString(), root);
        refuseQuantised(whole);
        Optional<Config> text = whole.section("text_config");
        text.ifPresent(HuggingFaceModel::refuseQuantised);
        return text.map(each -> each.withDefaults(outer(root))).orElse(whole);
    }

    private static JsonNode outer(JsonNode root) {
        ObjectNode outer = Json.mapper().createObjectNode();
        root.properties().stream()
                .filter(entry -> !entry.getValue().isObject())
                .forEach(entry -> outer.set(entry.getKey(), entry.getValue()));
        return outer;
    }

    private static void refuseQuantised(Config config) {
        config.section("quantization_config").ifPresent(quantised -> {
            throw config.unsupported("quantization_config", quantised.text("quant_method").orElse("a quantisation"),
                    "weights in F32, F16 or BF16", "quantised GGUF files");
        });
    }

    private static void requireOutput(SafetensorsDirectory directory, Config config, TensorMap map) {
        boolean untied = config.optionalFlag("tie_word_embeddings").filter(tied -> !tied).isPresent();
        boolean predicts = config.texts("architectures").stream()
                .anyMatch(name -> name.endsWith("ForCausalLM") || name.endsWith("LMHeadModel"));
        if (untied && predicts && !map.tensors().containsKey("output.weight"))
            throw new MalformedInputException(directory.path().toString(), "tensor lm_head.weight", "nothing",
                    "a matrix, since tie_word_embeddings is false");
    }

    public SafetensorsDirectory directory() {
        return directory;
    }

    @Override
    public Path path() {
        return directory.path();
    }

    @Override
    public Metadata metadata() {
        return metadata;
    }

    @Override
    public SequencedMap<String, Tensor> tensors() {
        return tensors;
    }

    /** @throws MalformedInputException if the folder lacks a tensor that its kind of model has under another name */
    @Override
    public Optional<Tensor> tensor(String name) {
        Optional<Tensor> tensor = Optional.ofNullable(tensors.get(name));
        if (tensor.isEmpty() && sources.containsKey(name))
            throw new MalformedInputException(
                    path().toString(), "tensor " + sources.get(name), "nothing", "the model's " + name);
        return tensor;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) arena.close();
        directory.close();
    }
}
