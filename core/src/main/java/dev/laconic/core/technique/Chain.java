package dev.laconic.core.technique;

import dev.laconic.core.error.UsageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The text form of a chain of techniques.
 *
 * <pre>
 * chain := "none" | item ("," item)*
 * item  := id | id ":" key "=" value | key "=" value      the last form continues the technique before it
 * value := any text without a comma that does not begin with a double quote, stripped of spaces around it
 *        | a double-quoted text, in which \" and \\ stand for the characters themselves
 * </pre>
 */
final class Chain {
    static final String NONE = "none";
    private static final String NAME = "[a-z0-9][a-z0-9.-]*";

    private final String text;
    private int at;

    private Chain(String text) {
        this.text = text;
    }

    /** Whether {@code name} can stand as an id or a key. */
    static boolean isName(String name) {
        return name.matches(NAME);
    }

    /**
     * Reads a chain.
     *
     * @throws UsageException if it is not one; the message says where
     */
    static List<TechniqueSpec> parse(String text) {
        return text.strip().equals(NONE) ? List.of() : new Chain(text).chain();
    }

    private List<TechniqueSpec> chain() {
        List<TechniqueSpec> chain = new ArrayList<>();
        String id = null;
        Map<String, String> options = new LinkedHashMap<>();
        do {
            String name = name();
            if (!take('=')) {
                if (id != null) chain.add(new TechniqueSpec(id, options));
                id = name;
                options = new LinkedHashMap<>();
                if (!take(':')) continue;
                name = name();
                if (!take('=')) throw wrong("'=' and a value after \"" + name + "\"");
            }
            if (id == null)
                throw new UsageException("\"" + text + "\": option \"" + name
                        + "\" stands before any technique, expected id:" + name + "=value");
            if (options.put(name, value()) != null)
                throw new UsageException("\"" + text + "\": " + id + ": option \"" + name + "\" is set twice");
        } while (take(','));
        if (at < text.length()) throw wrong("',' or the end");
        chain.add(new TechniqueSpec(id, options));
        return chain;
    }

    private boolean take(char c) {
        if (at >= text.length() || text.charAt(at) != c) return false;
        at++;
        return true;
    }

    private String name() {
        int from = at;
        while (at < text.length() && ",:=".indexOf(text.charAt(at)) < 0) at++;
        String name = text.substring(from, at).strip();
        if (isName(name)) return name;
        at = from;
        throw wrong("a name of lower-case letters, digits, dots and dashes");
    }

    private String value() {
        if (take('"')) return quoted();
        int from = at;
        while (at < text.length() && text.charAt(at) != ',') at++;
        return text.substring(from, at).strip();
    }

    private String quoted() {
        StringBuilder value = new StringBuilder();
        while (!take('"')) {
            if (at < text.length() - 1 && text.charAt(at) == '\\') at++;
            if (at >= text.length()) throw wrong("a closing double quote");
            value.append(text.charAt(at++));
        }
        return value.toString();
    }

    private UsageException wrong(String expected) {
        String found = at >= text.length() ? "the end" : "\"" + text.substring(at) + "\"";
        return new UsageException("\"" + text + "\": found " + found + ", expected " + expected);
    }

    static String print(List<TechniqueSpec> chain) {
        return chain.isEmpty()
                ? NONE
                : String.join(",", chain.stream().map(Chain::print).toList());
    }

    static String print(TechniqueSpec technique) {
        StringBuilder text = new StringBuilder(technique.id());
        char separator = ':';
        for (Map.Entry<String, String> option : technique.options().entrySet()) {
            text.append(separator).append(option.getKey()).append('=').append(quote(option.getValue()));
            separator = ',';
        }
        return text.toString();
    }

    private static String quote(String value) {
        if (value.indexOf(',') < 0 && !value.startsWith("\"") && value.equals(value.strip())) return value;
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
