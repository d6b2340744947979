package dev.laconic.model.template;

import dev.laconic.model.template.Value.Bool;
import dev.laconic.model.template.Value.Int;
import dev.laconic.model.template.Value.Str;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The methods of Python's strings. */
final class StringMethods {
    private static final Map<String, Members.Method> METHODS = new HashMap<>();

    static {
        mapping("upper", Text::upper);
        mapping("lower", Text::lower);
        mapping("casefold", text -> Text.lower(Text.upper(text)));
        mapping("capitalize", Text::capitalize);
        mapping("title", Text::title);
        mapping("swapcase", Text::swapCase);
        predicate("isupper", text -> Text.allCased(text, Character::isUpperCase));
        predicate("islower", text -> Text.allCased(text, Character::isLowerCase));
        predicate("istitle", text -> Text.allCased(text, c -> true) && Text.title(text).equals(text));
        predicate("isspace", text -> Text.all(text, Text::isSpace));
        predicate("isalpha", text -> Text.all(text, Character::isLetter));
        predicate("isdigit", text -> Text.all(text, StringMethods::isDigit));
        predicate("isdecimal", text -> Text.all(text, Character::isDigit));
        predicate("isnumeric", text -> Text.all(text, StringMethods::isNumeric));
        predicate("isalnum", text -> Text.all(text, c -> Character.isLetter(c) || isNumeric(c)));
        predicate("isascii", text -> text.chars().allMatch(c -> c < 128));
        predicate("isprintable", text -> text.codePoints().allMatch(Text::isPrintable));
        predicate(
                "isidentifier",
                text -> Text.all(text, c -> c == '_' || Character.isUnicodeIdentifierPart(c))
                        && (text.charAt(0) == '_' || Character.isUnicodeIdentifierStart(text.codePointAt(0))));
        METHODS.put("strip", (in, s, a) -> strip(in, s, a, "strip", Text::strip));
        METHODS.put("lstrip", (in, s, a) -> strip(in, s, a, "lstrip", Text::stripStart));
        METHODS.put("rstrip", (in, s, a) -> strip(in, s, a, "rstrip", Text::stripEnd));
        METHODS.put("startswith", (in, s, a) -> affix(in, s, a, "startswith", String::startsWith));
        METHODS.put("endswith", (in, s, a) -> affix(in, s, a, "endswith", String::endsWith));
        METHODS.put("removeprefix", StringMethods::removePrefix);
        METHODS.put("removesuffix", StringMethods::removeSuffix);
        METHODS.put("split", (in, s, a) -> split(in, s, a, "split", Text::split, Text::words));
        METHODS.put("rsplit", (in, s, a) -> split(in, s, a, "rsplit", Text::splitLast, Text::wordsLast));
        METHODS.put("splitlines", StringMethods::splitLines);
        METHODS.put("partition", StringMethods::partition);
        METHODS.put("rpartition", StringMethods::partitionLast);
        METHODS.put("join", StringMethods::join);
        METHODS.put("replace", StringMethods::replace);
        METHODS.put("find", (in, s, a) -> new Int(find(in, s, a, "find", false)));
        METHODS.put("rfind", (in, s, a) -> new Int(find(in, s, a, "rfind", true)));
        METHODS.put("index", (in, s, a) -> found(in, find(in, s, a, "index", false)));
        METHODS.put("rindex", (in, s, a) -> found(in, find(in, s, a, "rindex", true)));
        METHODS.put("count", StringMethods::count);
        METHODS.put("format", (in, s, a) -> Format.braces(in, (Str) s, a));
        METHODS.put("center", (in, s, a) -> pad(in, s, a, "center"));
        METHODS.put("ljust", (in, s, a) -> pad(in, s, a, "ljust"));
        METHODS.put("rjust", (in, s, a) -> pad(in, s, a, "rjust"));
        METHODS.put("zfill", StringMethods::fillZeros);
        METHODS.put("expandtabs", StringMethods::expandTabs);
    }

    private StringMethods() {}

    static Optional<Members.Method> find(String name) {
        return Optional.ofNullable(METHODS.get(name));
    }

    private static boolean isDigit(int c) {
        return Character.isDigit(c) || c == 0xb2 || c == 0xb3 || c == 0xb9 || c >= 0x2070 && c <= 0x2089 && c != 0x2071;
    }

    private static boolean isNumeric(int c) {
        return switch (Character.getType(c)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
            default -> false;
        };
    }

    private static void mapping(String name, Function<String, String> change) {
        METHODS.put(name, (in, s, a) -> {
            a.bind(in, name, 0);
            String text = read(in, s);
            return new Str(change.apply(text), ((Str) s).safe());
        });
    }

    private static void predicate(String name, Predicate<String> test) {
        METHODS.put(name, (in, s, a) -> {
            a.bind(in, name, 0);
            return Bool.of(test.test(read(in, s)));
        });
    }

    /** The text of a string, counted as work. */
    private static String read(Interpreter in, Value string) {
        String text = ((Str) string).text();
        in.work(text.length());
        return text;
    }

    /** Another text for a string, escaped if that one is safe and this one is not. */
    private static String fit(Value string, Value other) {
        Str text = (Str) other;
        return ((Str) string).safe() && !text.safe() ? Text.escapeHtml(text.text()) : text.text();
    }

    private static Str like(Value string, String text) {
        return new Str(text, ((Str) string).safe());
    }

    private static Value like(Interpreter in, Value string, List<String> parts) {
        in.work(64L * parts.size());
        List<Value> values = new ArrayList<>(parts.size());
        for (String part : parts) values.add(like(string, part));
        return new Value.Listing(values);
    }

    /** The characters to strip: those of the text, whitespace without one. */
    static IntPredicate characters(Optional<String> chars) {
        if (chars.isEmpty()) return Text::isSpace;
        Set<Integer> set = chars.get().codePoints().boxed().collect(Collectors.toSet());
        return set::contains;
    }

    private interface Strip {
        String apply(String text, IntPredicate characters);
    }

    private static Value strip(Interpreter in, Value s, Arguments a, String name, Strip strip) {
        Arguments.Bound b = a.bind(in, name, 0, "chars");
        Optional<String> chars = b.some(0).map(value -> b.text(0));
        return like(s, strip.apply(read(in, s), characters(chars)));
    }

    private static Value affix(
            Interpreter in, Value s, Arguments a, String name, BiPredicate<String, String> test) {
        Arguments.Bound b = a.bind(in, name, 1, "prefix", "start", "end");
        String text = window(in, s, b, 1);
        List<Value> affixes = b.get(0) instanceof Value.Tuple tuple ? tuple.items() : List.of(b.get(0));
        for (Value affix : affixes) {
            if (!(affix instanceof Str part))
                throw in.error(name + ": found " + in.describe(affix) + ", expected a string or a tuple of strings");
            if (test.test(text, part.text())) return Bool.TRUE;
        }
        return Bool.FALSE;
    }

    /** The part of the string between the bounds that two arguments give. */
    private static String window(Interpreter in, Value s, Arguments.Bound b, int first) {
        if (b.some(first).isEmpty() && b.some(first + 1).isEmpty()) return read(in, s);
        return ((Str) Members.slice(in, s, b.some(first), b.some(first + 1), Optional.empty())).text();
    }

    private static Value removePrefix(Interpreter in, Value s, Arguments a) {
        String prefix = a.bind(in, "removeprefix", 1, "prefix").text(0);
        String text = read(in, s);
        return like(s, text.startsWith(prefix) ? text.substring(prefix.length()) : text);
    }

    private static Value removeSuffix(Interpreter in, Value s, Arguments a) {
        String suffix = a.bind(in, "removesuffix", 1, "suffix").text(0);
        String text = read(in, s);
        return like(s, text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text);
    }

    private interface Split {
        List<String> apply(String text, String separator, long limit);
    }

    private interface Words {
        List<String> apply(String text, long limit);
    }

    private static Value split(Interpreter in, Value s, Arguments a, String name, Split split, Words words) {
        Arguments.Bound b = a.bind(in, name, 0, "sep", "maxsplit");
        long limit = b.integer(1, -1);
        String text = read(in, s);
        if (b.some(0).isEmpty()) return like(in, s, words.apply(text, limit));
        return like(in, s, split.apply(text, separator(in, b, name), limit));
    }

    private static String separator(Interpreter in, Arguments.Bound b, String name) {
        String separator = b.text(0);
        if (separator.isEmpty()) throw in.error(name + ": found an empty separator");
        return separator;
    }

    private static Value splitLines(Interpreter in, Value s, Arguments a) {
        boolean keepEnds = a.bind(in, "splitlines", 0, "keepends").flag(0);
        return like(in, s, Text.lines(read(in, s), keepEnds));
    }

    private static Value partition(Interpreter in, Value s, Arguments a) {
        String separator = separator(in, a.bind(in, "partition", 1, "sep"), "partition");
        String text = read(in, s);
        int at = Text.find(text, separator, 0);
        return at < 0
                ? Value.Tuple.of(s, like(s, ""), like(s, ""))
                : parts(s, text, at, separator);
    }

    private static Value partitionLast(Interpreter in, Value s, Arguments a) {
        String separator = separator(in, a.bind(in, "rpartition", 1, "sep"), "rpartition");
        String text = read(in, s);
        int at = Text.findLast(text, separator);
        return at < 0
                ? Value.Tuple.of(like(s, ""), like(s, ""), s)
                : parts(s, text, at, separator);
    }

    private static Value parts(Value s, String text, int at, String separator) {
        return Value.Tuple.of(
                like(s, text.substring(0, at)), like(s, separator), like(s, text.substring(at + separator.length())));
    }

    private static Value join(Interpreter in, Value s, Arguments a) {
        List<Value> items = in.items(a.bind(in, "join", 1, "iterable").get(0));
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < items.size(); i++) {
            if (!(items.get(i) instanceof Str item))
                throw in.error("join: found " + in.describe(items.get(i)) + ", expected strings only");
            int before = text.length();
            if (i > 0) text.append(((Str) s).text());
            text.append(fit(s, item));
            in.work(text.length() - before);
        }
        return like(s, text.toString());
    }

    private static Value replace(Interpreter in, Value s, Arguments a) {
        Arguments.Bound b = a.bind(in, "replace", 2, "old", "new", "count");
        b.text(1);
        return like(s, replace(in, read(in, s), b.text(0), fit(s, b.get(1)), b.integer(2, -1)));
    }

    /** Replaces, after counting what the result will hold. */
    static String replace(Interpreter in, String text, String old, String with, long limit) {
        long times = Text.count(text, old);
        if (limit >= 0) times = Math.min(times, limit);
        in.work(text.length() + times * with.length());
        return Text.replace(text, old, with, limit);
    }

    /** Index of the part in code points, or -1. */
    private static long find(Interpreter in, Value s, Arguments a, String name, boolean last) {
        Arguments.Bound b = a.bind(in, name, 1, "sub", "start", "end");
        String part = b.text(0);
        String window = window(in, s, b, 1);
        int at = last ? Text.findLast(window, part) : Text.find(window, part, 0);
        if (at < 0) return -1;
        int start = 0;
        if (b.some(1).isPresent()) {
            int size = Text.length(((Str) s).text());
            long wanted = b.integer(1);
            start = Math.clamp(wanted < 0 ? wanted + size : wanted, 0, size);
            if (wanted > size) return -1;
        }
        return start + window.codePointCount(0, at);
    }

    private static Value found(Interpreter in, long at) {
        if (at < 0) throw in.error("index: found no such part in the string");
        return new Int(at);
    }

    private static Value count(Interpreter in, Value s, Arguments a) {
        Arguments.Bound b = a.bind(in, "count", 1, "sub", "start", "end");
        return new Int(Text.count(window(in, s, b, 1), b.text(0)));
    }

    private static Value pad(Interpreter in, Value s, Arguments a, String name) {
        Arguments.Bound b = a.bind(in, name, 1, "width", "fillchar");
        String fill = b.text(1, " ");
        if (Text.length(fill) != 1)
            throw in.error(name + ": found " + Text.length(fill) + " characters to fill with, expected one");
        return like(s, pad(in, read(in, s), b.integer(0), fill, name));
    }

    /** Pads to a width as the method of this name does. */
    static String pad(Interpreter in, String text, long width, String fill, String method) {
        int length = Text.length(text);
        if (width <= length) return text;
        in.work(width);
        int missing = (int) (width - length);
        int left =
                switch (method) {
                    case "ljust" -> 0;
                    case "rjust" -> missing;
                    default -> missing / 2 + (missing & (int) width & 1);
                };
        return fill.repeat(left) + text + fill.repeat(missing - left);
    }

    private static Value fillZeros(Interpreter in, Value s, Arguments a) {
        long width = a.bind(in, "zfill", 1, "width").integer(0);
        String text = read(in, s);
        boolean signed = text.startsWith("-") || text.startsWith("+");
        String sign = signed ? text.substring(0, 1) : "";
        return like(s, sign + pad(in, text.substring(sign.length()), width - sign.length(), "0", "rjust"));
    }

    private static Value expandTabs(Interpreter in, Value s, Arguments a) {
        long size = a.bind(in, "expandtabs", 0, "tabsize").integer(0, 8);
        StringBuilder text = new StringBuilder();
        int column = 0;
        for (int c : read(in, s).codePoints().toArray()) {
            if (c == '\t') {
                long spaces = size > 0 ? size - column % size : 0;
                in.work(spaces);
                text.append(" ".repeat((int) spaces));
                column += (int) spaces;
            } else {
                text.appendCodePoint(c);
                column = c == '\n' || c == '\r' ? 0 : column + 1;
            }
        }
        return like(s, text.toString());
    }
}
