package dev.laconic.core.technique;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A technique as the user writes it: {@code ems:budget=256,window=32}.
 *
 * @param id which technique
 * @param options what is set, as text, in the order it was written; what is not set has its default
 */
public record TechniqueSpec(String id, Map<String, String> options) {

    public TechniqueSpec {
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /** A technique with all options at their defaults. */
    public TechniqueSpec(String id) {
        this(id, Map.of());
    }

    @Override
    public String toString() {
        return Chain.print(this);
    }
}
