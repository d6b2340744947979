package dev.laconic.core.technique;

import dev.laconic.core.Budget;
import dev.laconic.core.error.UsageException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of one option of a technique.
 *
 * @param name its key in configuration
 * @param type the type of one element
 * @param arity how many elements
 * @param defaultValue what stands where the user says nothing, as text; empty where the user must say
 * @param min the smallest number allowed, inclusive
 * @param max the largest number allowed, inclusive
 * @param choices the values of an enum option, else empty
 * @param help what it means
 */
public record OptionInfo(
        String name,
        Type type,
        Arity arity,
        Optional<String> defaultValue,
        double min,
        double max,
        List<String> choices,
        String help) {

    /** The type of one element. */
    public enum Type {
        INT("a whole number"),
        LONG("a whole number"),
        DOUBLE("a number"),
        BOOLEAN("true or false"),
        TEXT("text"),
        PATH("a path"),
        CHOICE("one of"),
        BUDGET("a count (256), a share (25%) or a size (4MiB)");

        private final String words;

        Type(String words) {
            this.words = words;
        }

        /** Whether {@code min} and {@code max} mean something. */
        public boolean ordered() {
            return this == INT || this == LONG || this == DOUBLE;
        }
    }

    /** How many elements an option holds. */
    public enum Arity {
        ONE,
        OPTIONAL,
        /** Elements joined by {@code +}; {@code \+} and {@code \\} stand for the characters themselves. */
        LIST
    }

    public OptionInfo {
        choices = List.copyOf(choices);
    }

    /** Whether the user must give a value. */
    public boolean required() {
        return arity == Arity.ONE && defaultValue.isEmpty();
    }

    /** What a value must look like, in words: {@code a whole number from 1 to 64}. */
    public String expected() {
        String element = type == Type.CHOICE ? "one of " + String.join(", ", choices) : type.words + range();
        return arity == Arity.LIST ? "a list, joined by +, of: " + element : element;
    }

    private String range() {
        if (!type.ordered()) return "";
        boolean low = min != Double.NEGATIVE_INFINITY;
        boolean high = max != Double.POSITIVE_INFINITY;
        if (low && high) return " from " + number(min) + " to " + number(max);
        if (low) return " of at least " + number(min);
        return high ? " of at most " + number(max) : "";
    }

    private static String number(double value) {
        return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
    }

    /**
     * The value that {@code text} stands for: an element, an Optional of one, or a List.
     *
     * @throws UsageException if it is not what {@link #expected} says
     */
    public Object parse(String text) {
        return switch (arity) {
            case ONE -> element(text);
            case OPTIONAL -> Optional.of(element(text));
            case LIST -> split(text).stream().map(this::element).toList();
        };
    }

    private Object element(String text) {
        try {
            Object value = switch (type) {
                case INT -> Integer.valueOf(text);
                case LONG -> Long.valueOf(text);
                case DOUBLE -> new BigDecimal(text).doubleValue();
                case BOOLEAN -> bool(text);
                case TEXT -> text;
                case PATH -> Path.of(text);
                case CHOICE -> choice(text);
                case BUDGET -> Budget.parse(text);
            };
            if (value instanceof Number number && !inRange(number.doubleValue())) throw wrong(text);
            return value;
        } catch (IllegalArgumentException | UsageException malformed) {
            throw wrong(text);
        }
    }

    private boolean inRange(double value) {
        return Double.isFinite(value) && value >= min && value <= max;
    }

    private UsageException wrong(String text) {
        return new UsageException(name + ": found \"" + text + "\", expected " + expected());
    }

    private static Boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private String choice(String text) {
        if (!choices.contains(text)) throw new IllegalArgumentException(text);
        return text;
    }

    static List<String> split(String text) {
        List<String> elements = new ArrayList<>();
        if (text.isEmpty()) return elements;
        StringBuilder element = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean escapes = c == '\\' && i + 1 < text.length() && "+\\".indexOf(text.charAt(i + 1)) >= 0;
            if (escapes) {
                element.append(text.charAt(++i));
            } else if (c == '+') {
                elements.add(element.toString());
                element.setLength(0);
            } else {
                element.append(c);
            }
        }
        elements.add(element.toString());
        return elements;
    }

    static String join(List<String> elements) {
        return String.join("+", elements.stream().map(OptionInfo::escape).toList());
    }

    private static String escape(String element) {
        return element.replace("\\", "\\\\").replace("+", "\\+");
    }
}
