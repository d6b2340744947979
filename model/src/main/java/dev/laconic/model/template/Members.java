package dev.laconic.model.template;

import dev.laconic.model.template.Value.Dict;
import dev.laconic.model.template.Value.Int;
import dev.laconic.model.template.Value.Sequence;
import dev.laconic.model.template.Value.Str;
import dev.laconic.model.template.Value.Undefined;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Attributes, items and slices of values. */
final class Members {
    /** Methods that change a list or a mapping: they are there, but may not be used. */
    private static final Set<String> LIST_CHANGES =
            Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");

    private static final Set<String> DICT_CHANGES = Set.of("clear", "pop", "popitem", "setdefault", "update");

    private Members() {}

    /** {@code object.name}: the attribute of that name, else the item of that name. */
    static Value attribute(Interpreter in, Value object, String name) {
        if (object instanceof Undefined u) throw in.error(u.why() + ", expected something with '" + name + "'");
        return own(in, object, name)
                .or(() -> object instanceof Dict dict ? dict.get(name) : Optional.empty())
                .orElseGet(() -> new Undefined(in.describe(object) + " has no '" + name + "'"));
    }

    /** The attribute of that name, never an item. */
    static Value attributeOnly(Interpreter in, Value object, String name) {
        if (object instanceof Undefined u) throw in.error(u.why());
        return own(in, object, name).orElseGet(() -> new Undefined(in.describe(object) + " has no '" + name + "'"));
    }

    /** {@code object[index]}: the item of that index, else the attribute of that name. */
    static Value item(Interpreter in, Value object, Value index) {
        if (object instanceof Undefined u) throw in.error(u.why() + ", expected something with items");
        return element(object, index)
                .or(() -> index instanceof Str name ? own(in, object, name.text()) : Optional.empty())
                .orElseGet(() -> new Undefined(in.describe(object) + " has no item "
                        + (index instanceof Str s ? "'" + Text.abbreviate(s.text()) + "'" : in.text(index))));
    }

    private static Optional<Value> element(Value object, Value index) {
        if (object instanceof Dict dict) return Value.Key.of(index).map(key -> dict.entries().get(key));
        if (!(Operators.number(index).orElse(index) instanceof Int number)) return Optional.empty();
        int size =
                switch (object) {
                    case Str s -> Text.length(s.text());
                    case Sequence s -> s.size();
                    default -> 0;
                };
        long at = number.value() < 0 ? number.value() + size : number.value();
        if (at < 0 || at >= size) return Optional.empty();
        return Optional.of(
                object instanceof Str s
                        ? new Str(Text.slice(s.text(), (int) at, 1, 1), s.safe())
                        : ((Sequence) object).get((int) at));
    }

    static Value slice(
            Interpreter in, Value object, Optional<Value> start, Optional<Value> stop, Optional<Value> step) {
        if (object instanceof Undefined u) throw in.error(u.why() + ", expected something to slice");
        int size =
                switch (object) {
                    case Str s -> Text.length(s.text());
                    case Sequence s -> s.size();
                    default ->
                        throw in.error("found a slice of " + in.describe(object) + ", expected a string or a list");
                };
        long by = bound(in, step).orElse(1L);
        if (by == 0) throw in.error("found a slice with step 0");
        long from = clamp(bound(in, start), by > 0 ? 0 : size - 1, size, by);
        long to = clamp(bound(in, stop), by > 0 ? size : -1, size, by);
        long span = by > 0 ? to - from : from - to;
        long stride = by == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(by);
        int count = span <= 0 ? 0 : Math.toIntExact((span - 1) / stride + 1);
        in.work(count);
        int narrow = (int) Math.clamp(by, -size - 1L, size + 1L);
        return object instanceof Str s
                ? new Str(Text.slice(s.text(), (int) from, count, narrow), s.safe())
                : ((Sequence) object).slice((int) from, count, narrow);
    }

    private static Optional<Long> bound(Interpreter in, Optional<Value> bound) {
        return bound.filter(value -> value != Value.None.NONE).map(value -> {
            if (Operators.number(value).orElse(value) instanceof Int number) return number.value();
            throw in.error("found " + in.describe(value) + " as the bound of a slice, expected an integer");
        });
    }

    private static long clamp(Optional<Long> bound, long otherwise, int size, long step) {
        if (bound.isEmpty()) return otherwise;
        long at = bound.get() < 0 ? bound.get() + size : bound.get();
        return step > 0 ? Math.clamp(at, 0, size) : Math.clamp(at, -1, size - 1);
    }

    /** An attribute that values of this type have: a method, or a part of a loop, a macro, a namespace. */
    private static Optional<Value> own(Interpreter in, Value object, String name) {
        return switch (object) {
            case Str s -> StringMethods.find(name).map(method -> bind(object, name, method));
            case Value.Listing l when LIST_CHANGES.contains(name) -> Optional.of(forbidden(in, object, name));
            case Dict d when DICT_CHANGES.contains(name) -> Optional.of(forbidden(in, object, name));
            case Value.Tuple t when t.names().contains(name) ->
                Optional.of(t.get(t.names().indexOf(name)));
            case Value.Range r when name.equals("start") -> Optional.of(new Int(r.start()));
            case Value.Range r when name.equals("stop") -> Optional.of(new Int(r.stop()));
            case Value.Range r when name.equals("step") -> Optional.of(new Int(r.step()));
            case Sequence s when name.equals("copy") && !(s instanceof Value.Listing) -> Optional.empty();
            case Sequence s -> sequenceMethod(name).map(method -> bind(object, name, method));
            case Dict d -> dictMethod(name).map(method -> bind(object, name, method));
            case Value.Namespace n -> Optional.ofNullable(n.attributes().get(name));
            case Value.Callable c -> c.attribute(in, name);
            default -> Optional.empty();
        };
    }

    private static Undefined forbidden(Interpreter in, Value object, String name) {
        return new Undefined("'" + name + "' of " + in.describe(object) + " may not be used in a template");
    }

    private static Value bind(Value object, String name, Method method) {
        return new Value.Function(name, (in, arguments) -> method.call(in, object, arguments));
    }

    /** A function of the value it is taken from. */
    @FunctionalInterface
    interface Method {
        Value call(Interpreter in, Value object, Arguments arguments);
    }

    private static Optional<Method> dictMethod(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "get" -> (in, d, a) -> {
                        Arguments.Bound b = a.bind(in, "get", 1, "key", "default");
                        return Optional.ofNullable(((Dict) d).entries().get(in.key(b.get(0))))
                                .or(() -> b.optional(1))
                                .orElse(Value.None.NONE);
                    };
                    case "items" -> (in, d, a) -> view(in, a, "items", ((Dict) d).items());
                    case "keys" -> (in, d, a) -> view(in, a, "keys", ((Dict) d).keys());
                    case "values" -> (in, d, a) ->
                            view(in, a, "values", List.copyOf(((Dict) d).entries().values()));
                    case "copy" -> (in, d, a) -> {
                        a.bind(in, "copy", 0);
                        return d;
                    };
                    default -> null;
                });
    }

    private static Value view(Interpreter in, Arguments arguments, String name, List<Value> items) {
        arguments.bind(in, name, 0);
        in.work(80L * items.size());
        return new Value.View("dict_" + name, items);
    }

    private static Optional<Method> sequenceMethod(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "index" -> (in, s, a) -> {
                        Value wanted = a.bind(in, "index", 1, "value").get(0);
                        int at = 0;
                        for (Value item : in.items(s)) {
                            if (Operators.equal(in, item, wanted)) return new Int(at);
                            at++;
                        }
                        throw in.error("index: found no such value in " + in.describe(s));
                    };
                    case "count" -> (in, s, a) -> {
                        Value wanted = a.bind(in, "count", 1, "value").get(0);
                        int count = 0;
                        for (Value item : in.items(s)) if (Operators.equal(in, item, wanted)) count++;
                        return new Int(count);
                    };
                    case "copy" -> (in, s, a) -> {
                        a.bind(in, "copy", 0);
                        return s;
                    };
                    default -> null;
                });
    }
}
