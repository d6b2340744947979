package dev.laconic.model.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Values as JSON, as Python's json.dumps writes them. */
final class Json {
    private final Interpreter in;
    private final boolean ascii;
    private final Optional<String> indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sortKeys;
    private final StringBuilder out = new StringBuilder();

    private Json(
            Interpreter in,
            boolean ascii,
            Optional<String> indent,
            String itemSeparator,
            String keySeparator,
            boolean sortKeys) {
        this.in = in;
        this.ascii = ascii;
        this.indent = indent;
        this.itemSeparator = itemSeparator;
        this.keySeparator = keySeparator;
        this.sortKeys = sortKeys;
    }

    /** The filter {@code tojson(ensure_ascii=false, indent=none, separators=none, sort_keys=false)}. */
    static Value filter(Interpreter in, Value input, Arguments arguments) {
        Arguments.Bound b =
                arguments.bind(in, "tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        Optional<String> indent = b.some(1).map(value -> value instanceof Value.Str s
                ? s.text()
                : " ".repeat(Math.clamp(b.integer(1), 0, 1000)));
        String item = indent.isPresent() ? "," : ", ";
        String key = ": ";
        if (b.some(2).isPresent()) {
            List<Value> separators = in.items(b.get(2));
            if (separators.size() != 2
                    || !(separators.get(0) instanceof Value.Str first)
                    || !(separators.get(1) instanceof Value.Str second))
                throw in.error("tojson: argument separators: expected two strings");
            item = first.text();
            key = second.text();
        }
        Json json = new Json(in, b.flag(0), indent, item, key, b.flag(3));
        json.write(input, 0);
        return Value.Str.of(json.out.toString());
    }

    private void write(Value value, int level) {
        in.enter();
        in.work(32);
        switch (value) {
            case Value.None n -> out.append("null");
            case Value.Bool b -> out.append(b.value());
            case Value.Int i -> out.append(i.value());
            case Value.Real r -> out.append(number(r.value()));
            case Value.Str s -> {
                in.work(s.text().length());
                string(s.text());
            }
            case Value.Listing l -> list(l.items(), level);
            case Value.Tuple t -> list(t.items(), level);
            case Value.Dict d -> object(d, level);
            default ->
                throw in.error("tojson: found " + in.describe(value)
                        + ", expected none, booleans, numbers, strings, lists and mappings");
        }
        in.leave();
    }

    private static String number(double value) {
        if (Double.isNaN(value)) return "NaN";
        if (Double.isInfinite(value)) return value > 0 ? "Infinity" : "-Infinity";
        return Numbers.text(value);
    }

    private void list(List<Value> items, int level) {
        out.append('[');
        for (int i = 0; i < items.size(); i++) {
            if (i > 0) out.append(itemSeparator);
            newLine(level + 1);
            write(items.get(i), level + 1);
        }
        if (!items.isEmpty()) newLine(level);
        out.append(']');
    }

    private void object(Value.Dict dict, int level) {
        List<Value.Key> keys = new ArrayList<>(dict.entries().keySet());
        if (sortKeys) keys.sort(Comparator.comparing(Value.Key::value, (a, b) -> Operators.order(in, a, b)));
        out.append('{');
        for (int i = 0; i < keys.size(); i++) {
            if (i > 0) out.append(itemSeparator);
            newLine(level + 1);
            string(key(keys.get(i).value()));
            out.append(keySeparator);
            write(dict.entries().get(keys.get(i)), level + 1);
        }
        if (!keys.isEmpty()) newLine(level);
        out.append('}');
    }

    private static String key(Value key) {
        return switch (key) {
            case Value.Str s -> s.text();
            case Value.Bool b -> String.valueOf(b.value());
            case Value.Int i -> String.valueOf(i.value());
            case Value.Real r -> number(r.value());
            default -> "null";
        };
    }

    private void newLine(int level) {
        if (indent.isEmpty()) return;
        in.work((long) level * indent.get().length());
        out.append('\n').append(indent.get().repeat(level));
    }

    private void string(String text) {
        in.work(text.length());
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20 || ascii && c > 0x7e) out.append(String.format("\\u%04x", (int) c));
                    else out.append(c);
                }
            }
        }
        out.append('"');
    }
}
