package dev.laconic.model.template;

import dev.laconic.model.template.Value.Bool;
import dev.laconic.model.template.Value.Dict;
import dev.laconic.model.template.Value.Int;
import dev.laconic.model.template.Value.Listing;
import dev.laconic.model.template.Value.Range;
import dev.laconic.model.template.Value.Real;
import dev.laconic.model.template.Value.Sequence;
import dev.laconic.model.template.Value.Str;
import dev.laconic.model.template.Value.Tuple;
import dev.laconic.model.template.Value.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Python's truth, arithmetic, equality and order. */
final class Operators {
    /** What comparing two values costs, in characters that could be handled meanwhile. */
    private static final int STEP = 16;

    private Operators() {}

    static boolean truth(Value value) {
        return switch (value) {
            case Undefined u -> false;
            case Value.None n -> false;
            case Bool b -> b.value();
            case Int i -> i.value() != 0;
            case Real r -> r.value() != 0;
            case Str s -> !s.text().isEmpty();
            case Sequence s -> s.size() > 0;
            case Dict d -> !d.entries().isEmpty();
            case Value.View v -> !v.items().isEmpty();
            case Value.Stream s -> true;
            case Value.Namespace n -> true;
            case Value.Callable c -> true;
        };
    }

    static Value arithmetic(Interpreter in, String operator, Value left, Value right) {
        if (left instanceof Str format && operator.equals("%")) return Format.percent(in, format, right);
        defined(in, left);
        defined(in, right);
        if (number(left).isPresent() && number(right).isPresent())
            return numbers(in, operator, number(left).get(), number(right).get());
        if (operator.equals("+")) return join(in, left, right);
        if (operator.equals("*")) {
            if (right instanceof Int || right instanceof Bool) return repeat(in, left, right);
            if (left instanceof Int || left instanceof Bool) return repeat(in, right, left);
        }
        throw unfit(in, operator, left, right);
    }

    static Value sign(Interpreter in, String operator, Value operand) {
        defined(in, operand);
        Value number = number(operand)
                .orElseThrow(() -> in.error("found " + in.describe(operand) + " after '" + operator
                        + "', expected a number"));
        if (operator.equals("+")) return number;
        return number instanceof Int i
                ? new Int(exact(in, () -> Math.negateExact(i.value())))
                : new Real(-((Real) number).value());
    }

    private static Value join(Interpreter in, Value left, Value right) {
        switch (left) {
            case Str a when right instanceof Str b -> {
                in.work(a.text().length() + (long) b.text().length());
                if (a.safe() == b.safe()) return new Str(a.text() + b.text(), a.safe());
                String escapedLeft = a.safe() ? a.text() : Text.escapeHtml(a.text());
                String escapedRight = b.safe() ? b.text() : Text.escapeHtml(b.text());
                return new Str(escapedLeft + escapedRight, true);
            }
            case Listing a when right instanceof Listing b -> {
                return new Listing(concat(in, a.items(), b.items()));
            }
            case Tuple a when right instanceof Tuple b -> {
                return new Tuple(concat(in, a.items(), b.items()));
            }
            default -> throw unfit(in, "+", left, right);
        }
    }

    private static List<Value> concat(Interpreter in, List<Value> a, List<Value> b) {
        in.work(8L * (a.size() + (long) b.size()));
        List<Value> all = new ArrayList<>(a.size() + b.size());
        all.addAll(a);
        all.addAll(b);
        return all;
    }

    private static Value repeat(Interpreter in, Value value, Value times) {
        long wanted = times instanceof Int i ? i.value() : ((Bool) times).value() ? 1 : 0;
        long count = Math.max(wanted, 0);
        switch (value) {
            case Str s -> {
                in.work(product(s.text().length(), count));
                return new Str(s.text().isEmpty() ? "" : s.text().repeat((int) count), s.safe());
            }
            case Listing l -> {
                return new Listing(repeat(in, l.items(), count));
            }
            case Tuple t -> {
                return new Tuple(repeat(in, t.items(), count));
            }
            default -> throw unfit(in, "*", value, times);
        }
    }

    private static List<Value> repeat(Interpreter in, List<Value> items, long count) {
        in.work(product(8L * items.size(), count));
        List<Value> all = new ArrayList<>();
        if (!items.isEmpty()) for (long i = 0; i < count; i++) all.addAll(items);
        return all;
    }

    /** The product of two counts, as far as a long holds it. */
    private static long product(long a, long b) {
        return Math.multiplyHigh(a, b) != 0 || a * b < 0 ? Long.MAX_VALUE : a * b;
    }

    private static Value numbers(Interpreter in, String operator, Value left, Value right) {
        if (left instanceof Int a && right instanceof Int b && !operator.equals("/"))
            return integers(in, operator, a.value(), b.value());
        double a = real(left);
        double b = real(right);
        if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%")))
            throw in.error("found a division by zero");
        return new Real(
                switch (operator) {
                    case "+" -> a + b;
                    case "-" -> a - b;
                    case "*" -> a * b;
                    case "/" -> a / b;
                    case "//" -> Math.floor(a / b);
                    case "%" -> modulo(a, b);
                    default -> power(in, a, b);
                });
    }

    private static double modulo(double a, double b) {
        double rest = a % b;
        return rest != 0 && rest < 0 != b < 0 ? rest + b : rest == 0 ? Math.copySign(0, b) : rest;
    }

    private static double power(Interpreter in, double a, double b) {
        double power = Math.pow(a, b);
        if (a == 0 && b < 0) throw in.error("found zero to a negative power");
        if (Double.isNaN(power) && !Double.isNaN(a) && !Double.isNaN(b))
            throw in.error("found a negative number to a broken power, expected a real result");
        if (Double.isInfinite(power) && Double.isFinite(a) && Double.isFinite(b))
            throw in.error("found a power too large for a number");
        return power;
    }

    private static Value integers(Interpreter in, String operator, long a, long b) {
        if (b == 0 && (operator.equals("//") || operator.equals("%"))) throw in.error("found a division by zero");
        if (operator.equals("**") && b < 0) return new Real(power(in, a, b));
        return new Int(exact(in, () -> switch (operator) {
            case "+" -> Math.addExact(a, b);
            case "-" -> Math.subtractExact(a, b);
            case "*" -> Math.multiplyExact(a, b);
            case "//" -> Math.floorDivExact(a, b);
            case "%" -> Math.floorMod(a, b);
            default -> Math.powExact(a, (int) exponent(a, b));
        }));
    }

    /** An exponent that gives the same power, or overflow, and fits an int. */
    private static long exponent(long base, long exponent) {
        return base >= -1 && base <= 1 ? exponent > 0 ? 2 - (exponent & 1) : 0 : Math.min(exponent, 64);
    }

    private interface LongOperation {
        long get();
    }

    private static long exact(Interpreter in, LongOperation operation) {
        try {
            return operation.get();
        } catch (ArithmeticException e) {
            throw in.error("found an integer beyond 64 bits, the largest this interpreter computes with");
        }
    }

    /** The value as an integer or real number, if it is one; booleans count as 0 and 1. */
    static Optional<Value> number(Value value) {
        return switch (value) {
            case Int i -> Optional.of(i);
            case Real r -> Optional.of(r);
            case Bool b -> Optional.of(new Int(b.value() ? 1 : 0));
            default -> Optional.empty();
        };
    }

    static double real(Value number) {
        return number instanceof Int i ? i.value() : ((Real) number).value();
    }

    private static void defined(Interpreter in, Value value) {
        if (value instanceof Undefined u) throw in.error(u.why());
    }

    private static TemplateException unfit(Interpreter in, String operator, Value left, Value right) {
        return in.error("found " + in.describe(left) + " " + operator + " " + in.describe(right)
                + ", expected operands that fit");
    }

    static boolean compare(Interpreter in, String operator, Value left, Value right) {
        return switch (operator) {
            case "==" -> equal(in, left, right);
            case "!=" -> !equal(in, left, right);
            case "<" -> order(in, left, right) < 0 && !isNaN(right);
            case "<=" -> order(in, left, right) <= 0 && !isNaN(right);
            case ">" -> order(in, left, right) > 0 && !isNaN(left);
            case ">=" -> order(in, left, right) >= 0 && !isNaN(left);
            case "in" -> contains(in, right, left);
            default -> !contains(in, right, left);
        };
    }

    static boolean equal(Interpreter in, Value left, Value right) {
        in.work(STEP);
        if (number(left).isPresent() && number(right).isPresent()) return equalNumbers(left, right);
        return switch (left) {
            case Str a when right instanceof Str b -> {
                in.work(a.text().length() == b.text().length() ? a.text().length() : 0);
                yield a.text().equals(b.text());
            }
            case Undefined a -> right instanceof Undefined;
            case Listing a when right instanceof Listing b -> equalItems(in, a, b);
            case Tuple a when right instanceof Tuple b -> equalItems(in, a, b);
            case Range a when right instanceof Range b -> equalItems(in, a, b);
            case Dict a when right instanceof Dict b -> equalEntries(in, a, b);
            default -> left == right;
        };
    }

    private static boolean equalItems(Interpreter in, Sequence a, Sequence b) {
        if (a.size() != b.size()) return false;
        in.enter();
        boolean equal = true;
        for (int i = 0; i < a.size() && equal; i++) equal = equal(in, a.get(i), b.get(i));
        in.leave();
        return equal;
    }

    private static boolean equalEntries(Interpreter in, Dict a, Dict b) {
        if (a.entries().size() != b.entries().size()) return false;
        in.enter();
        for (Map.Entry<Value.Key, Value> entry : a.entries().entrySet()) {
            Value other = b.entries().get(entry.getKey());
            if (other == null || !equal(in, entry.getValue(), other)) {
                in.leave();
                return false;
            }
        }
        in.leave();
        return true;
    }

    private static boolean equalNumbers(Value left, Value right) {
        return orderNumbers(left, right) == 0 && !isNaN(left);
    }

    /** A total order: what is not a number comes last. */
    private static int orderNumbers(Value left, Value right) {
        Value a = number(left).orElseThrow();
        Value b = number(right).orElseThrow();
        if (a instanceof Int x && b instanceof Int y) return Long.compare(x.value(), y.value());
        if (a instanceof Int x) return order(x.value(), real(b));
        if (b instanceof Int y) return -order(y.value(), real(a));
        return real(a) == real(b) ? 0 : Double.compare(real(a), real(b));
    }

    private static int order(long a, double b) {
        if (!(b < 0x1p63)) return -1;
        if (b < -0x1p63) return 1;
        int whole = Long.compare(a, (long) b);
        return whole != 0 ? whole : Double.compare(0, b - (long) b);
    }

    private static boolean isNaN(Value value) {
        return value instanceof Real r && Double.isNaN(r.value());
    }

    /** Negative, zero or positive as {@code left} comes before, with or after {@code right}. */
    static int order(Interpreter in, Value left, Value right) {
        in.work(STEP);
        defined(in, left);
        defined(in, right);
        if (number(left).isPresent() && number(right).isPresent()) return orderNumbers(left, right);
        return switch (left) {
            case Str a when right instanceof Str b -> {
                in.work(Math.min(a.text().length(), b.text().length()));
                yield Text.compare(a.text(), b.text());
            }
            case Listing a when right instanceof Listing b -> orderItems(in, a, b);
            case Tuple a when right instanceof Tuple b -> orderItems(in, a, b);
            default ->
                throw in.error("found a comparison of " + in.describe(left) + " and " + in.describe(right)
                        + ", expected two numbers, two strings, two lists or two tuples");
        };
    }

    private static int orderItems(Interpreter in, Sequence a, Sequence b) {
        in.enter();
        int order = 0;
        for (int i = 0; i < Math.min(a.size(), b.size()) && order == 0; i++)
            if (!equal(in, a.get(i), b.get(i))) order = order(in, a.get(i), b.get(i));
        in.leave();
        return order != 0 ? order : Integer.compare(a.size(), b.size());
    }

    static boolean contains(Interpreter in, Value container, Value wanted) {
        return switch (container) {
            case Str text -> {
                if (!(wanted instanceof Str part))
                    throw in.error("found " + in.describe(wanted) + " in a string, expected a string");
                in.work(text.text().length());
                yield Text.find(text.text(), part.text(), 0) >= 0;
            }
            case Dict dict -> !(wanted instanceof Tuple) && dict.entries().containsKey(in.key(wanted));
            case Value.Stream stream -> {
                for (Optional<Value> next = stream.next(); next.isPresent(); next = stream.next())
                    if (equal(in, next.get(), wanted)) yield true;
                yield false;
            }
            default -> {
                for (Value item : in.items(container)) if (equal(in, item, wanted)) yield true;
                yield false;
            }
        };
    }
}
