package dev.laconic.model.load.huggingface;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.Weights;
import dev.laconic.tokenize.Tokenizers;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Hugging Face model as every GGUF engine expects it to be written: rotary pairs as neighbours where the architecture
 * has them so, experts stacked, the tokenizer.json among the metadata. What is laid out anew lies outside the heap until this is closed, which closes the model.
 */
public final class GgufLayout implements ModelFile {
    private static final Pattern EXPERT = Pattern.compile("(.*ffn_(?:gate|up|down))\\.(\\d+)\\.(weight|bias)");
    private static final Pattern ROTATED = Pattern.compile("blk\\.\\d+\\.attn_(q|k|qkv)\\.(?:weight|bias)");

    private final HuggingFaceModel model;
    private final Arena arena = Arena.ofShared();
    private final Metadata metadata;
    private final SequencedMap<String, Tensor> tensors;

    private GgufLayout(HuggingFaceModel model) {
        this.model = model;
        SequencedMap<String, Object> values = new LinkedHashMap<>(model.metadata().asMap());
        boolean halves = Rope.Pairing.HALVES.name().equals(values.remove(Weights.ROPE_PAIRING_KEY));
        values.putAll(Tokenizers.metadata(model.directory().folder()));
        metadata = new Metadata(model.metadata().source(), values);
        SequencedMap<String, Tensor> laidOut = new LinkedHashMap<>();
        Map<String, List<Tensor>> experts = new LinkedHashMap<>();
        for (Tensor tensor : model.tensors().values()) {
            Matcher expert = EXPERT.matcher(tensor.name());
            Matcher rotated = ROTATED.matcher(tensor.name());
            if (expert.matches())
                experts.computeIfAbsent(expert.group(1) + "_exps." + expert.group(3), _ -> new ArrayList<>()).add(tensor);
            else if (halves && rotated.matches())
                laidOut.put(tensor.name(), neighbours(tensor, rotated.group(1)));
            else laidOut.put(tensor.name(), tensor);
        }
        experts.forEach((name, parts) -> {
            laidOut.put(name, Transform.stacked(parts, arena).named(name));
        });
        tensors = Collections.unmodifiableSequencedMap(laidOut);
    }

    /** Lays an open model out anew. */
    public static GgufLayout of(HuggingFaceModel model) {
        try {
            return new GgufLayout(model);
        } catch (Throwable failure) {
            model.close();
            throw failure;
        }
    }

    private Tensor neighbours(Tensor tensor, String part) {
        int heads = integer("attention.head_count");
        int kvHeads = integer("attention.head_count_kv");
        int turned = switch (part) {
            case "q" -> heads;
            case "k" -> kvHeads;
            default -> heads + kvHeads;
        };
        return Transform.neighbours(turned, integer("attention.key_length"), integer("rope.dimension_count"))
                .apply(tensor, arena);
    }

    private int integer(String key) {
        return metadata.requireInt(metadata.requireString("general.architecture") + "." + key, 1, Integer.MAX_VALUE);
    }

    @Override
    public Path path() {
        return model.path();
    }

    @Override
    public Metadata metadata() {
        return metadata;
    }

    @Override
    public SequencedMap<String, Tensor> tensors() {
        return tensors;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) arena.close();
        model.close();
    }
}
