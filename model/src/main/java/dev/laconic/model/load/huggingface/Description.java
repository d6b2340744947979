package dev.laconic.model.load.huggingface;

import dev.laconic.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What a model is, as GGUF's metadata say it; with the small tensors that GGUF computes from a configuration. */
final class Description {
    private final String architecture;
    private final SequencedMap<String, Object> values = new LinkedHashMap<>();
    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();

    Description(String architecture) {
        this.architecture = architecture;
        values.put("general.architecture", architecture);
    }

    /** A value under its full key. */
    Description global(String key, Object value) {
        values.put(key, value);
        return this;
    }

    /** An integer below the architecture's name. */
    Description put(String key, long value) {
        values.put(architecture + "." + key, value);
        return this;
    }

    Description put(String key, double value) {
        values.put(architecture + "." + key, value);
        return this;
    }

    Description put(String key, boolean value) {
        values.put(architecture + "." + key, value);
        return this;
    }

    Description put(String key, String value) {
        values.put(architecture + "." + key, value);
        return this;
    }

    Description put(String key, boolean[] value) {
        values.put(architecture + "." + key, value);
        return this;
    }

    Description tensor(String name, float[] elements) {
        tensors.put(name, Tensor.of(name, elements, elements.length));
        return this;
    }

    SequencedMap<String, Object> values() {
        return values;
    }

    SequencedMap<String, Tensor> tensors() {
        return tensors;
    }
}
