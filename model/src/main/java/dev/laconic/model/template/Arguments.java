package dev.laconic.model.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** The values given to a call. */
record Arguments(List<Value> positional, SequencedMap<String, Value> named) {
    static final Arguments NONE = of();

    static Arguments of(Value... positional) {
        return new Arguments(List.of(positional), new LinkedHashMap<>());
    }

    /** Without the first {@code count} positional arguments. */
    Arguments rest(int count) {
        return new Arguments(positional.subList(count, positional.size()), named);
    }

    /**
     * Sorts the arguments into parameters.
     *
     * @param function what is called, for error messages
     * @param required how many of the parameters must be given
     * @throws TemplateException if one is missing, given twice or unknown
     */
    Bound bind(Interpreter in, String function, int required, String... parameters) {
        if (positional.size() > parameters.length)
            throw in.error(function + ": found " + positional.size() + " arguments, expected at most "
                    + parameters.length);
        Value[] values = new Value[parameters.length];
        for (int i = 0; i < positional.size(); i++) values[i] = positional.get(i);
        named.forEach((name, value) -> {
            int i = List.of(parameters).indexOf(name);
            if (i < 0) throw in.error(function + ": found the unknown argument " + name);
            if (values[i] != null) throw in.error(function + ": found two values for the argument " + name);
            values[i] = value;
        });
        for (int i = 0; i < required; i++)
            if (values[i] == null) throw in.error(function + ": found no value for the argument " + parameters[i]);
        return new Bound(in, function, parameters, values);
    }

    /** Arguments by the place of their parameter. */
    static final class Bound {
        private final Interpreter in;
        private final String function;
        private final String[] parameters;
        private final Value[] values;

        private Bound(Interpreter in, String function, String[] parameters, Value[] values) {
            this.in = in;
            this.function = function;
            this.parameters = parameters;
            this.values = values;
        }

        Optional<Value> optional(int i) {
            return Optional.ofNullable(values[i]);
        }

        /** The argument, unless it is missing or none. */
        Optional<Value> some(int i) {
            return optional(i).filter(value -> value != Value.None.NONE);
        }

        Value get(int i) {
            return values[i];
        }

        String text(int i, String otherwise) {
            return values[i] == null ? otherwise : text(i);
        }

        String text(int i) {
            if (values[i] instanceof Value.Str s) return s.text();
            throw wrong(i, "a string");
        }

        boolean flag(int i) {
            return values[i] != null && in.truth(values[i]);
        }

        long integer(int i, long otherwise) {
            return values[i] == null ? otherwise : integer(i);
        }

        long integer(int i) {
            return switch (values[i]) {
                case Value.Int number -> number.value();
                case Value.Bool flag -> flag.value() ? 1 : 0;
                default -> throw wrong(i, "an integer");
            };
        }

        private TemplateException wrong(int i, String expected) {
            return in.error(function + ": argument " + parameters[i] + ": found " + in.describe(values[i])
                    + ", expected " + expected);
        }
    }
}
