package dev.laconic.model.load.huggingface;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.io.Quoted;
import dev.laconic.format.safetensors.SafetensorsDirectory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Collects a folder's tensors under their GGUF names, and knows which ones nobody asked for. */
final class TensorMap {
    /** Ends of the names of tensors that hold no weights: masks, positions and angles that older models saved. */
    private static final List<String> NO_WEIGHTS = List.of(
            "inv_freq", "attn.bias", "attention.bias", "self_attention.bias", "masked_bias", "position_ids", "cos_cached",
            "sin_cached");

    private final SafetensorsDirectory directory;
    private final Arena arena;
    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Set<String> used = new HashSet<>();
    private final NavigableSet<String> names;

    TensorMap(SafetensorsDirectory directory, Arena arena) {
        this.directory = directory;
        this.arena = arena;
        this.names = new TreeSet<>(directory.tensors().keySet());
        names.addAll(directory.unsupported().keySet());
    }

    SequencedMap<String, Tensor> tensors() {
        return tensors;
    }

    /** The Hugging Face name under which each GGUF tensor was looked for first. */
    Map<String, String> sources() {
        return sources;
    }

    boolean has(String name) {
        return names.contains(name);
    }

    private SortedSet<String> below(String prefix) {
        return names.subSet(prefix, prefix + Character.MAX_VALUE);
    }

    /** Whether there is any tensor whose name begins so. */
    boolean hasBelow(String prefix) {
        return !below(prefix).isEmpty();
    }

    void put(Tensor tensor) {
        tensors.put(tensor.name(), tensor);
    }

    /** Takes a tensor over if it is there and nothing has this GGUF name yet; false if it is not there. */
    boolean take(String gguf, String name, Transform transform) {
        sources.putIfAbsent(gguf, name);
        if (!has(name)) return false;
        used.add(name);
        if (tensors.containsKey(gguf)) return true;
        Tensor laidOut = transform.apply(directory.tensor(name).orElseThrow(), arena);
        tensors.put(gguf, laidOut.named(gguf));
        return true;
    }

    /** Takes the tensors {@code name} of head 0, 1 and so on as one; false if there are none. */
    boolean stack(String gguf, String name) {
        sources.putIfAbsent(gguf, name.replace(Names.HEAD, "0"));
        List<Tensor> parts = new ArrayList<>();
        String part = name.replace(Names.HEAD, "0");
        while (has(part)) {
            used.add(part);
            parts.add(directory.tensor(part).orElseThrow());
            part = name.replace(Names.HEAD, Integer.toString(parts.size()));
        }
        if (parts.isEmpty()) return false;
        if (!Transform.alike(parts))
            throw new MalformedInputException(directory.path().toString(), "tensors " + name, "different shapes or types",
                    "one shape and type for all heads");
        tensors.put(gguf, Transform.stacked(parts, arena).named(gguf));
        return true;
    }

    /**
     * Refuses weights below a prefix that no name claimed: a variant of the architecture that would be computed wrongly.
     */
    void requireAllUsed(String prefix) {
        for (String name : below(prefix))
            if (!used.contains(name) && NO_WEIGHTS.stream().noneMatch(name::endsWith))
                throw new UnsupportedModelException(directory.path().toString(), "tensor", Quoted.of(name),
                        List.of("the tensors of the published architecture"));
    }
}
