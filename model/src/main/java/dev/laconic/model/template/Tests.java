package dev.laconic.model.template;

import dev.laconic.model.template.Value.Bool;
import dev.laconic.model.template.Value.Int;
import dev.laconic.model.template.Value.Str;
import dev.laconic.model.template.Value.Undefined;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What can stand after {@code is}. */
final class Tests {
    /** A test of a value under arguments. */
    @FunctionalInterface
    interface Body {
        boolean apply(Interpreter in, Value value, Arguments arguments);
    }

    private static final Map<String, Body> TESTS = new TreeMap<>();

    static {
        plain("defined", value -> !(value instanceof Undefined));
        plain("undefined", value -> value instanceof Undefined);
        plain("none", value -> value == Value.None.NONE);
        plain("boolean", value -> value instanceof Bool);
        plain("true", value -> value instanceof Bool b && b.value());
        plain("false", value -> value instanceof Bool b && !b.value());
        plain("integer", value -> value instanceof Int);
        plain("float", value -> value instanceof Value.Real);
        plain("number", value -> Operators.number(value).isPresent());
        plain("string", value -> value instanceof Str);
        plain("mapping", value -> value instanceof Value.Dict);
        plain("iterable", Tests::iterable);
        plain("sequence", Tests::sequence);
        plain("callable", value -> value instanceof Value.Callable || value instanceof Undefined);
        plain("escaped", value -> value instanceof Str s && s.safe());
        TESTS.put("lower", (in, value, a) -> Text.allCased(text(in, "lower", value, a), Character::isLowerCase));
        TESTS.put("upper", (in, value, a) -> Text.allCased(text(in, "upper", value, a), Character::isUpperCase));
        TESTS.put("odd", (in, value, a) -> remainder(in, "odd", value, new Int(2), a) == 1);
        TESTS.put("even", (in, value, a) -> remainder(in, "even", value, new Int(2), a) == 0);
        TESTS.put("divisibleby", (in, value, a) -> {
            Value by = a.bind(in, "divisibleby", 1, "num").get(0);
            return remainder(in, "divisibleby", value, by, Arguments.NONE) == 0;
        });
        TESTS.put("sameas", (in, value, a) -> same(value, a.bind(in, "sameas", 1, "other").get(0)));
        TESTS.put("filter", (in, value, a) -> Filters.find(name(in, "filter", value, a)).isPresent());
        TESTS.put("test", (in, value, a) -> find(name(in, "test", value, a)).isPresent());
        comparison("==", "eq", "equalto");
        comparison("!=", "ne");
        comparison("<", "lt", "lessthan");
        comparison("<=", "le");
        comparison(">", "gt", "greaterthan");
        comparison(">=", "ge");
        comparison("in");
    }

    private Tests() {}

    static Optional<Body> find(String name) {
        return Optional.ofNullable(TESTS.get(name));
    }

    static String names() {
        return String.join(", ", TESTS.keySet());
    }

    private static void plain(String name, Predicate<Value> test) {
        TESTS.put(name, (in, value, a) -> {
            a.bind(in, name, 0);
            return test.test(value);
        });
    }

    private static void comparison(String operator, String... names) {
        Body test = (in, value, a) ->
                Operators.compare(in, operator, value, a.bind(in, operator, 1, "other").get(0));
        TESTS.put(operator, test);
        for (String name : names) TESTS.put(name, test);
    }

    private static boolean iterable(Value value) {
        return switch (value) {
            case Undefined u -> true;
            case Value.View v -> true;
            case Value.Stream s -> true;
            default -> sequence(value);
        };
    }

    private static boolean sequence(Value value) {
        return switch (value) {
            case Undefined u -> true;
            case Str s -> true;
            case Value.Sequence s -> true;
            case Value.Dict d -> true;
            default -> false;
        };
    }

    private static boolean same(Value a, Value b) {
        return a == b
                || switch (a) {
                    case Bool x -> b instanceof Bool y && x.value() == y.value();
                    case Int x -> b instanceof Int y && x.value() == y.value();
                    case Str x -> b instanceof Str y && x.text().equals(y.text());
                    default -> false;
                };
    }

    private static String text(Interpreter in, String test, Value value, Arguments arguments) {
        arguments.bind(in, test, 0);
        String text = in.text(value);
        in.work(text.length());
        return text;
    }

    private static String name(Interpreter in, String test, Value value, Arguments arguments) {
        arguments.bind(in, test, 0);
        return in.text(value);
    }

    private static double remainder(Interpreter in, String test, Value value, Value by, Arguments arguments) {
        arguments.bind(in, test, 0);
        if (value instanceof Str || value instanceof Undefined || Operators.number(value).isEmpty())
            throw in.error(test + ": found " + in.describe(value) + ", expected a number");
        return Operators.real(Operators.arithmetic(in, "%", value, by));
    }
}
