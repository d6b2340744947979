package dev.laconic.model.template;

import dev.laconic.core.error.UsageException;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A compiled Jinja template. Safe for use by several threads. */
public final class Template {
    /** Of syntax and of variables. */
    private static final int MAX_NESTING = 100;

    private final String name;
    private final Parser.Parsed parsed;
    private final TemplateLimits limits;

    private Template(String name, Parser.Parsed parsed, TemplateLimits limits) {
        this.name = name;
        this.parsed = parsed;
        this.limits = limits;
    }

    /**
     * @param name what error messages call the template
     * @throws TemplateException if the source is not a template
     */
    public static Template compile(String name, String source) {
        return compile(name, source, TemplateLimits.DEFAULT);
    }

    /** @throws TemplateException if the source is not a template */
    public static Template compile(String name, String source, TemplateLimits limits) {
        return new Template(name, Parser.parse(name, source, Math.min(limits.depth(), MAX_NESTING)), limits);
    }

    public String name() {
        return name;
    }

    /** Every name, attribute and string that stands in the template's expressions. */
    public Set<String> words() {
        return parsed.words();
    }

    /** Whether the template has generation blocks. */
    public boolean generates() {
        return parsed.generates();
    }

    /**
     * @param variables by name; values are null, booleans, numbers, strings, and collections and maps of these
     * @throws TemplateException if the template fails, refuses or exceeds its limits
     * @throws UsageException if a variable is of another type
     */
    public Rendering render(Map<String, ?> variables) {
        return render(variables, Clock.systemDefaultZone());
    }

    /**
     * @param clock what {@code strftime_now} reads
     * @throws TemplateException if the template fails, refuses or exceeds its limits
     * @throws UsageException if a variable is of another type
     */
    public Rendering render(Map<String, ?> variables, Clock clock) {
        Map<String, Value> values = new HashMap<>();
        variables.forEach((variable, value) -> values.put(variable, value(variable, value, 0)));
        return new Interpreter(name, limits, ZonedDateTime.now(clock)).run(parsed.body(), values);
    }

    private static Value value(String path, Object object, int depth) {
        if (depth > MAX_NESTING)
            throw new UsageException("template variable " + path + ": found values nested more than " + MAX_NESTING
                    + " deep");
        return switch (object) {
            case null -> Value.None.NONE;
            case Boolean b -> Value.Bool.of(b);
            case Integer i -> new Value.Int(i);
            case Long l -> new Value.Int(l);
            case Short i -> new Value.Int(i);
            case Byte i -> new Value.Int(i);
            case Number n -> new Value.Real(n.doubleValue());
            case CharSequence s -> Value.Str.of(s.toString());
            case Map<?, ?> map -> {
                Value.Dict dict = new Value.Dict(new LinkedHashMap<>());
                map.forEach((key, value) -> dict.put(String.valueOf(key), value(path, value, depth + 1)));
                yield dict;
            }
            case Collection<?> collection -> {
                List<Value> items = collection.stream()
                        .map(value -> value(path, value, depth + 1))
                        .toList();
                yield new Value.Listing(items);
            }
            default ->
                throw new UsageException("template variable " + path + ": found a "
                        + object.getClass().getSimpleName()
                        + ", expected a boolean, a number, a string, a collection, a map or null");
        };
    }
}
