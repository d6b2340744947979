package dev.laconic.format;

import dev.laconic.core.error.MalformedInputException;
import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * The typed key-value pairs of a model file, under GGUF's key names whatever the file's format. Integers of every width
 * read as {@code long}, floats of every width as {@code double}; arrays are {@code List<String>}, {@code long[]},
 * {@code float[]}, {@code double[]}, {@code boolean[]} or {@code List<Object>} of arrays; an integer above
 * {@link Long#MAX_VALUE} is a {@link BigInteger} that no method here gives out as a number. A value of another
 * type than asked for is an error that names the file and the key.
 */
public final class Metadata {
    private final String source;
    private final SequencedMap<String, Object> values;

    /**
     * @param source the file's name, for error messages
     * @param values Boolean, Long, BigInteger, Double, String or one of the array types above, in the file's order
     */
    public Metadata(String source, SequencedMap<String, Object> values) {
        this.source = source;
        this.values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
    }

    /** The file's name, for error messages. */
    public String source() {
        return source;
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    public SequencedSet<String> keys() {
        return values.sequencedKeySet();
    }

    /** All pairs, in the file's order. */
    public Map<String, Object> asMap() {
        return values;
    }

    public Optional<String> string(String key) {
        return get(key, String.class, "a string");
    }

    public String requireString(String key) {
        return string(key).orElseThrow(() -> missing(key, "a string"));
    }

    public Optional<Boolean> bool(String key) {
        return get(key, Boolean.class, "a boolean");
    }

    public Optional<Long> integer(String key) {
        return get(key, Long.class, "an integer");
    }

    /** An integer from {@code min} to {@code max}. */
    public int requireInt(String key, int min, int max) {
        return integer(key, min, max).orElseThrow(() -> missing(key, "an integer from " + min + " to " + max));
    }

    /** An integer from {@code min} to {@code max}, if the key is there. */
    public Optional<Integer> integer(String key, int min, int max) {
        return integer(key).map(value -> {
            if (value < min || value > max)
                throw new MalformedInputException(source, key, value, "an integer from " + min + " to " + max);
            return value.intValue();
        });
    }

    /** A finite number; an integer counts as one. */
    public Optional<Double> number(String key) {
        Object value = values.get(key);
        if (value == null) return Optional.empty();
        if (!(value instanceof Double) && !(value instanceof Long)) throw wrongType(key, value, "a number");
        double number = ((Number) value).doubleValue();
        if (!Double.isFinite(number)) throw new MalformedInputException(source, key, number, "a finite number");
        return Optional.of(number);
    }

    @SuppressWarnings("unchecked")
    public Optional<List<String>> strings(String key) {
        Object value = values.get(key);
        if (value == null) return Optional.empty();
        if (value instanceof List<?> list && (list.isEmpty() || list.getFirst() instanceof String))
            return Optional.of((List<String>) list);
        throw wrongType(key, value, "an array of strings");
    }

    public Optional<long[]> integers(String key) {
        return get(key, long[].class, "an array of integers");
    }

    /** An array of floats; one of doubles is rounded. */
    public Optional<float[]> floats(String key) {
        if (values.get(key) instanceof double[] doubles) {
            float[] floats = new float[doubles.length];
            for (int i = 0; i < floats.length; i++) floats[i] = (float) doubles[i];
            return Optional.of(floats);
        }
        return get(key, float[].class, "an array of floats");
    }

    public Optional<boolean[]> booleans(String key) {
        return get(key, boolean[].class, "an array of booleans");
    }

    private <T> Optional<T> get(String key, Class<T> type, String expected) {
        Object value = values.get(key);
        if (value == null) return Optional.empty();
        if (!type.isInstance(value)) throw wrongType(key, value, expected);
        return Optional.of(type.cast(value));
    }

    private MalformedInputException missing(String key, String expected) {
        return new MalformedInputException(source, key, "nothing", expected);
    }

    private MalformedInputException wrongType(String key, Object value, String expected) {
        String found = switch (value) {
            case String s -> "a string";
            case Boolean b -> "a boolean";
            case Long l -> "the integer " + l;
            case Double d -> "the number " + d;
            case BigInteger i -> "the integer " + i;
            default -> "an array";
        };
        return new MalformedInputException(source, key, found, expected);
    }
}
