package dev.laconic.model.load.huggingface;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.io.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The values of a {@code config.json}. A null stands for absence; a key that is missing has the default of its kind of
 * model. Where several names are given, the first that has a value counts. Errors name the file and the field.
 */
final class Config {
    private final String file;
    private final String path;
    private final JsonNode values;

    private Config(String file, String path, JsonNode values) {
        this.file = file;
        this.path = path;
        this.values = values;
    }

    static Config of(String file, JsonNode values) {
        if (!values.isObject())
            throw new MalformedInputException(file, "JSON", "something else", "an object");
        return new Config(file, "", values);
    }

    /** This configuration with values for what it does not mention. */
    Config withDefaults(JsonNode defaults) {
        return new Config(file, path, over(defaults));
    }

    private ObjectNode over(JsonNode defaults) {
        ObjectNode merged = Json.mapper().createObjectNode();
        defaults.properties().forEach(entry -> merged.set(entry.getKey(), entry.getValue()));
        values.properties().forEach(entry -> merged.set(entry.getKey(), entry.getValue()));
        return merged;
    }

    /** The nested object of this name, where there is one. */
    Optional<Config> section(String name) {
        JsonNode section = values.path(name);
        if (section.isMissingNode() || section.isNull()) return Optional.empty();
        if (!section.isObject()) throw malformed(name, section, "an object");
        return Optional.of(new Config(file, path + name + ".", section));
    }

    boolean has(String name) {
        return value(name).isPresent();
    }

    private Optional<String> name(String... names) {
        return Arrays.stream(names).filter(this::has).findFirst();
    }

    private Optional<JsonNode> value(String name) {
        JsonNode value = values.path(name);
        return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    int requireInt(int min, int max, String... names) {
        return integer(min, max, names).orElseThrow(() -> missing(names[0], "an integer from " + min + " to " + max));
    }

    /** An integer; a number without a fraction counts as one. */
    Optional<Integer> integer(int min, int max, String... names) {
        return name(names).map(name -> {
            JsonNode value = values.path(name);
            double number = value.isNumber() ? value.asDouble() : Double.NaN;
            if (!(number >= min && number <= max) || number != Math.rint(number))
                throw malformed(name, value, "an integer from " + min + " to " + max);
            return (int) number;
        });
    }

    /** A finite number. */
    Optional<Double> number(String... names) {
        return name(names).map(name -> {
            JsonNode value = values.path(name);
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
            JsonNode value = values.path(name);
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
                file, path + name, shown.length() > 80 ? shown.substring(0, 80) + "..." : shown, expected);
    }

    UnsupportedModelException unsupported(String name, Object found, String... supported) {
        return new UnsupportedModelException(file, path + name, found, List.of(supported));
    }

    /** Refuses a value that would change the computation in a way this engine does not know. */
    void require(String name, boolean supportedOnly) {
        optionalFlag(name).filter(value -> value != supportedOnly).ifPresent(value -> {
            throw unsupported(name, value, String.valueOf(supportedOnly));
        });
    }
}
