package dev.laconic.core.technique;

import dev.laconic.core.error.UsageException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The checked values of all options of one technique: what was given, and defaults for the rest. */
public final class OptionValues {
    private final Map<String, Object> values = new HashMap<>();

    private OptionValues() {}

    /**
     * Checks what was given against what the technique takes.
     *
     * @throws UsageException if a key is unknown, a value is not what its option expects or a required one is missing
     */
    static OptionValues of(TechniqueInfo info, Map<String, String> given) {
        List<String> known = info.options().stream().map(OptionInfo::name).toList();
        for (String key : given.keySet())
            if (!known.contains(key))
                throw new UsageException(info + ": " + Nearest.unknown("option", key, known, "options"));
        OptionValues checked = new OptionValues();
        for (OptionInfo option : info.options()) checked.values.put(option.name(), value(info, option, given));
        return checked;
    }

    private static Object value(TechniqueInfo info, OptionInfo option, Map<String, String> given) {
        Optional<String> text = Optional.ofNullable(given.get(option.name())).or(option::defaultValue);
        if (option.required() && text.isEmpty())
            throw new UsageException(info + ": " + option.name() + ": found nothing, expected " + option.expected()
                    + ": " + option.help());
        if (text.isEmpty()) return option.arity() == OptionInfo.Arity.LIST ? List.of() : Optional.empty();
        try {
            return option.parse(text.get());
        } catch (UsageException wrong) {
            throw new UsageException(info + ": " + wrong.getMessage());
        }
    }

    /** The value of an option of one element. */
    public <T> T value(String name, Class<T> type) {
        return element(type).apply(values.get(name));
    }

    /** The value of an option that may be absent. */
    public <T> Optional<T> optional(String name, Class<T> type) {
        return ((Optional<?>) values.get(name)).map(element(type));
    }

    /** The value of an option of several elements. */
    public <T> List<T> list(String name, Class<T> type) {
        return ((List<?>) values.get(name)).stream().map(element(type)).toList();
    }

    /** Elements are held as what they are, enum constants as their configuration names. */
    private static <T> Function<Object, T> element(Class<T> type) {
        if (!type.isEnum()) return type::cast;
        Map<String, T> constants = new HashMap<>();
        for (T constant : type.getEnumConstants()) constants.put(choice(((Enum<?>) constant).name()), constant);
        return name -> constants.get((String) name);
    }

    /** An enum constant's name in configuration: {@code PER_TOKEN} is {@code per-token}. */
    public static String choice(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
