package dev.laconic.model.template;

import dev.laconic.model.template.Value.Dict;
import dev.laconic.model.template.Value.Function;
import dev.laconic.model.template.Value.Str;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Functions that every template can call. */
final class Globals {
    /** Numbers a range may hold. */
    private static final int MAX_RANGE = 100_000;

    private static final Map<String, Value> FUNCTIONS = Map.of(
            "range", new Function("range", Globals::range),
            "dict", new Function("dict", Globals::dict),
            "namespace", new Function("namespace", Globals::namespace),
            "raise_exception", new Function("raise_exception", Globals::raise),
            "strftime_now", new Function("strftime_now", Globals::time),
            "cycler", new Function("cycler", Globals::cycler),
            "joiner", new Function("joiner", Globals::joiner));

    private Globals() {}

    static Optional<Value> find(String name) {
        return Optional.ofNullable(FUNCTIONS.get(name));
    }

    private static Value range(Interpreter in, Arguments arguments) {
        Arguments.Bound b = arguments.bind(in, "range", 1, "start", "stop", "step");
        long start = b.optional(1).isPresent() ? b.integer(0) : 0;
        long stop = b.optional(1).isPresent() ? b.integer(1) : b.integer(0);
        long step = b.integer(2, 1);
        if (step == 0) throw in.error("range: found step 0");
        // Numbers this far apart are refused before their difference can overflow.
        if (Math.max(Math.abs((double) start), Math.abs((double) stop)) > 1L << 60)
            throw in.error("range: found bounds " + start + " and " + stop + ", expected at most 2^60 in size");
        long span = step > 0 ? stop - start : start - stop;
        long stride = step == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(step);
        long size = span <= 0 ? 0 : (span - 1) / stride + 1;
        if (size > MAX_RANGE)
            throw in.error("range: found " + size + " numbers, expected at most " + MAX_RANGE);
        return new Value.Range(start, stop, step, (int) size);
    }

    private static Value dict(Interpreter in, Arguments arguments) {
        Dict dict = Dict.empty();
        if (arguments.positional().size() > 1) throw in.error("dict: found several arguments, expected one at most");
        for (Value source : arguments.positional()) {
            if (source instanceof Value.Undefined u) throw in.error(u.why());
            if (source instanceof Dict other) {
                in.work(80L * other.entries().size());
                dict.entries().putAll(other.entries());
                continue;
            }
            for (Value item : in.items(source)) {
                List<Value> pair = in.items(item);
                if (pair.size() != 2) throw in.error("dict: found " + pair.size() + " values, expected pairs");
                dict.entries().put(in.key(pair.get(0)), pair.get(1));
            }
        }
        arguments.named().forEach(dict::put);
        return dict;
    }

    private static Value namespace(Interpreter in, Arguments arguments) {
        Value.Namespace namespace = new Value.Namespace(new LinkedHashMap<>());
        ((Dict) dict(in, arguments)).entries().forEach((key, value) -> {
            if (!(key.value() instanceof Str name))
                throw in.error("namespace: found " + in.describe(key.value()) + " as a name, expected a string");
            namespace.attributes().put(name.text(), value);
        });
        return namespace;
    }

    private static Value raise(Interpreter in, Arguments arguments) {
        Value message = arguments.bind(in, "raise_exception", 1, "message").get(0);
        throw in.error("the template refuses: " + in.text(message));
    }

    private static Value time(Interpreter in, Arguments arguments) {
        return Str.of(Format.time(in, arguments.bind(in, "strftime_now", 1, "format").text(0)));
    }

    private static Value cycler(Interpreter in, Arguments arguments) {
        if (arguments.positional().isEmpty()) throw in.error("cycler: found no values to choose from");
        return new Cycler(arguments.positional());
    }

    private static Value joiner(Interpreter in, Arguments arguments) {
        Value separator = arguments.bind(in, "joiner", 0, "sep").optional(0).orElse(Str.of(", "));
        return new Joiner(separator);
    }

    /** Gives its values in turn. */
    private static final class Cycler implements Value.Callable {
        private final List<Value> values;
        private int at;

        Cycler(List<Value> values) {
            this.values = values;
        }

        @Override
        public String name() {
            return "cycler";
        }

        @Override
        public Value call(Interpreter in, Arguments arguments) {
            throw in.error("found a call of a cycler, expected its 'next', 'reset' or 'current'");
        }

        @Override
        public Optional<Value> attribute(Interpreter in, String name) {
            return switch (name) {
                case "current" -> Optional.of(values.get(at));
                case "next" -> Optional.of(new Function("next", (interpreter, arguments) -> {
                    Value value = values.get(at);
                    at = (at + 1) % values.size();
                    return value;
                }));
                case "reset" -> Optional.of(new Function("reset", (interpreter, arguments) -> {
                    at = 0;
                    return Value.None.NONE;
                }));
                default -> Optional.empty();
            };
        }
    }

    /** Gives nothing the first time, the separator from then on. */
    private static final class Joiner implements Value.Callable {
        private final Value separator;
        private boolean used;

        Joiner(Value separator) {
            this.separator = separator;
        }

        @Override
        public String name() {
            return "joiner";
        }

        @Override
        public Value call(Interpreter in, Arguments arguments) {
            if (used) return separator;
            used = true;
            return Str.EMPTY;
        }
    }
}
