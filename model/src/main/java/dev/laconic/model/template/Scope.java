package dev.laconic.model.template;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Variables of one block, over those of the block around it. */
final class Scope {
    private final Optional<Scope> outer;
    private final Map<String, Value> variables;

    Scope(Scope outer) {
        this.outer = Optional.of(outer);
        this.variables = new HashMap<>();
    }

    /** The outermost scope. */
    Scope(Map<String, Value> variables) {
        this.outer = Optional.empty();
        this.variables = variables;
    }

    Optional<Value> find(String name) {
        Scope scope = this;
        while (true) {
            Value value = scope.variables.get(name);
            if (value != null) return Optional.of(value);
            if (scope.outer.isEmpty()) return Optional.empty();
            scope = scope.outer.get();
        }
    }

    void set(String name, Value value) {
        variables.put(name, value);
    }
}
