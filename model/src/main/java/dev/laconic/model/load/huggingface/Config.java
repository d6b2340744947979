package dev.laconic.model.load.huggingface;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.io.Json;
import dev.laconic.format.io.Quoted;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The values of a {@code config.json}. A null stands for absence; a key that is missing has the default of its kind of
 * model. Where several names are given, the first that the file has a value for counts, or else the first that has a
 * default. Errors name the file and the field.
 */
final class Config {
    private static final int MAX_SHOWN = 80;

    private final String file;
    private final String path;
    private final JsonNode values;
    private final JsonNode defaults;

    private Config(String file, String path, JsonNode values, JsonNode defaults) {
        this.file = file;
        this.path = path;
        this.values = values;
        this.defaults = defaults;
    }

    static Config of(String file, JsonNode values) {
        if (!values.isObject())
            throw new MalformedInputException(file, "JSON", "something else", "an object");
        return new Config(file, "", values, Json.mapper().createObjectNode());
    }

    /** This configuration with values for what neither it nor its defaults so far mention. */
    Config withDefaults(JsonNode more) {
        ObjectNode merged = Json.mapper().createObjectNode();
        more.properties().forEach(entry -> merged.set(entry.getKey(), entry.getValue()));
        defaults.properties().forEach(entry -> merged.set(entry.getKey(), entry.getValue()));
        return new Config(file, path, values, merged);
    }

    /** The nested object of this name, where there is one. */
    Optional<Config> section(String name) {
        return value(name).map(section -> {
            if (!section.isObject()) throw malformed(name, section, "an object");
            return new Config(file, path + name + ".", section, Json.mapper().createObjectNode());
        });
    }

    boolean has(String name) {
        return value(name).isPresent();
    }

    private Optional<String> name(String... names) {
        return Arrays.stream(names)
                .filter(name -> !isNothing(values.path(name)))
                .findFirst()
                .or(() -> Arrays.stream(names).filter(this::has).findFirst());
    }

    private Optional<JsonNode> value(String name) {
        JsonNode value = values.has(name) ? values.path(name) : defaults.path(name);
        return isNothing(value) ? Optional.empty() : Optional.of(value);
    }

    private static boolean isNothing(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    int requireInt(int min, int max, String... names) {
        return integer(min, max, names).orElseThrow(() -> missing(names[0], "an integer from " + min + " to " + max));
    }

    /** An integer; a number without a fraction counts as one. */
    Optional<Integer> integer(int min, int max, String... names) {
        return name(names).map(name -> {
            JsonNode value = value(name).orElseThrow();
            double number = value.isNumber() ? value.asDouble() : Double.NaN;
            if (!(number >= min && number <= max) || number != Math.rint(number))
                throw malformed(name, value, "an integer from " + min + " to " + max);
            return (int) number;
        });
    }

    /** A finite number. */
    Optional<Double> number(String... names) {
        return name(names).map(name -> {
            JsonNode value = value(name).orElseThrow();
            if (!value.isNumber() || !Double.isFinite(value.asDouble())) throw malformed(name, value, "a finite number");
            return value.asDouble();
        });
    }

    /** A finite number above zero. */
    Optional<Double> positive(String... names) {
        return number(names).map(number -> {
            if (number <= 0) throw malformed(name(names).orElseThrow(), number, "a number above 0");
            return number;
        });
    }

    double requirePositive(String... names) {
        return positive(names).orElseThrow(() -> missing(names[0], "a number above 0"));
    }

    /** A boolean, false where it is absent. */
    boolean flag(String name) {
        return optionalFlag(name).orElse(false);
    }

    Optional<Boolean> optionalFlag(String name) {
        return value(name).map(value -> {
            if (!value.isBoolean()) throw malformed(name, value, "true or false");
            return value.asBoolean();
        });
    }

    Optional<String> text(String... names) {
        return name(names).map(name -> {
            JsonNode value = value(name).orElseThrow();
            if (!value.isString()) throw malformed(name, value, "a string");
            return value.stringValue();
        });
    }

    /** The strings of an array, none where it is absent. */
    List<String> texts(String name) {
        JsonNode array = value(name).orElseGet(Json.mapper()::createArrayNode);
        if (!array.isArray()) throw malformed(name, array, "an array of strings");
        return array.valueStream().map(value -> {
            if (!value.isString()) throw malformed(name, value, "strings");
            return value.stringValue();
        }).toList();
    }

    /** The finite numbers of an array. */
    Optional<float[]> numbers(String name) {
        return value(name).map(array -> {
            if (!array.isArray()) throw malformed(name, array, "an array of numbers");
            float[] numbers = new float[array.size()];
            for (int i = 0; i < numbers.length; i++) {
                if (!array.get(i).isNumber() || !Float.isFinite((float) array.get(i).asDouble()))
                    throw malformed(name, array.get(i), "finite numbers");
                numbers[i] = (float) array.get(i).asDouble();
            }
            return numbers;
        });
    }

    /** Whether an array of integers has any, of which an absent one has none. */
    boolean hasElements(String name) {
        return value(name).filter(array -> array.isArray() && !array.isEmpty()).isPresent();
    }

    MalformedInputException missing(String name, String expected) {
        return malformed(name, "nothing", expected);
    }

    MalformedInputException malformed(String name, Object found, String expected) {
        String shown = found.toString();
        return new MalformedInputException(
                file, path + name, shown.length() > MAX_SHOWN ? shown.substring(0, MAX_SHOWN) + "..." : shown, expected);
    }

    UnsupportedModelException unsupported(String name, Object found, String... supported) {
        String shown = found.toString();
        boolean plain = shown.length() <= MAX_SHOWN && shown.chars().noneMatch(Character::isISOControl);
        return new UnsupportedModelException(
                file, path + name, plain ? shown : Quoted.of(shown), List.of(supported));
    }

    /** Refuses a value that would change the computation in a way this engine does not know. */
    void require(String name, boolean supportedOnly) {
        optionalFlag(name).filter(value -> value != supportedOnly).ifPresent(value -> {
            throw unsupported(name, value, String.valueOf(supportedOnly));
        });
    }
}
