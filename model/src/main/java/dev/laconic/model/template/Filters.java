package dev.laconic.model.template;

import dev.laconic.model.template.Value.Bool;
import dev.laconic.model.template.Value.Dict;
import dev.laconic.model.template.Value.Int;
import dev.laconic.model.template.Value.Listing;
import dev.laconic.model.template.Value.Real;
import dev.laconic.model.template.Value.Sequence;
import dev.laconic.model.template.Value.Str;
import dev.laconic.model.template.Value.Stream;
import dev.laconic.model.template.Value.Tuple;
import dev.laconic.model.template.Value.Undefined;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** What can stand after {@code |}: Jinja's filters, with {@code tojson} as chat templates have it. */
final class Filters {
    /** A function of a value and arguments. */
    @FunctionalInterface
    interface Body {
        Value apply(Interpreter in, Value input, Arguments arguments);
    }

    private static final Map<String, Body> FILTERS = new TreeMap<>();

    static {
        text("upper", Text::upper);
        text("lower", Text::lower);
        text("capitalize", Text::capitalize);
        text("title", Filters::title);
        FILTERS.put("trim", Filters::trim);
        FILTERS.put("replace", Filters::replace);
        FILTERS.put("string", (in, v, a) -> v instanceof Str ? v : Str.of(in.text(v)));
        FILTERS.put("safe", (in, v, a) -> new Str(in.text(v), true));
        FILTERS.put("escape", (in, v, a) -> v instanceof Str s && s.safe() ? v : escape(in, v));
        FILTERS.put("forceescape", (in, v, a) -> escape(in, v));
        FILTERS.put("center", Filters::center);
        FILTERS.put("indent", Filters::indent);
        FILTERS.put("truncate", Filters::truncate);
        FILTERS.put("wordcount", (in, v, a) -> new Int(wordCount(read(in, v))));
        FILTERS.put("urlencode", (in, v, a) -> Str.of(urlEncode(in, v)));
        FILTERS.put("format", Filters::format);
        FILTERS.put("tojson", Json::filter);
        FILTERS.put("int", Filters::integer);
        FILTERS.put("float", Filters::real);
        FILTERS.put("abs", Filters::absolute);
        FILTERS.put("round", Filters::round);
        FILTERS.put("default", Filters::otherwise);
        FILTERS.put("length", Filters::length);
        FILTERS.put("first", Filters::first);
        FILTERS.put("last", Filters::last);
        FILTERS.put("list", (in, v, a) -> new Listing(List.copyOf(in.items(v))));
        FILTERS.put("reverse", Filters::reverse);
        FILTERS.put("join", Filters::join);
        FILTERS.put("sum", Filters::sum);
        FILTERS.put("min", (in, v, a) -> extreme(in, v, a, "min", -1));
        FILTERS.put("max", (in, v, a) -> extreme(in, v, a, "max", 1));
        FILTERS.put("sort", Filters::sort);
        FILTERS.put("dictsort", Filters::dictSort);
        FILTERS.put("unique", Filters::unique);
        FILTERS.put("groupby", Filters::groupBy);
        FILTERS.put("batch", Filters::batch);
        FILTERS.put("slice", Filters::slice);
        FILTERS.put("items", Filters::items);
        FILTERS.put("attr", (in, v, a) -> Members.attributeOnly(in, v, a.bind(in, "attr", 1, "name").text(0)));
        FILTERS.put("map", Filters::map);
        FILTERS.put("select", (in, v, a) -> select(in, v, a, false, true));
        FILTERS.put("reject", (in, v, a) -> select(in, v, a, false, false));
        FILTERS.put("selectattr", (in, v, a) -> select(in, v, a, true, true));
        FILTERS.put("rejectattr", (in, v, a) -> select(in, v, a, true, false));
        FILTERS.put("count", FILTERS.get("length"));
        FILTERS.put("d", FILTERS.get("default"));
        FILTERS.put("e", FILTERS.get("escape"));
    }

    private Filters() {}

    static Optional<Body> find(String name) {
        return Optional.ofNullable(FILTERS.get(name));
    }

    static String names() {
        return String.join(", ", FILTERS.keySet());
    }

    // Text

    private static void text(String name, UnaryOperator<String> change) {
        FILTERS.put(name, (in, v, a) -> {
            a.bind(in, name, 0);
            return like(v, change.apply(read(in, v)));
        });
    }

    /** What printing the value gives, counted as work. */
    private static String read(Interpreter in, Value value) {
        String text = in.text(value);
        in.work(text.length());
        return text;
    }

    private static Str like(Value value, String text) {
        return new Str(text, value instanceof Str s && s.safe());
    }

    private static String title(String text) {
        StringBuilder out = new StringBuilder(text.length());
        boolean start = true;
        for (int i = 0; i < text.length(); ) {
            int size = Character.charCount(text.codePointAt(i));
            String letter = text.substring(i, i + size);
            boolean separator = "-({[<".contains(letter) || Text.isSpace(text.charAt(i));
            out.append(start ? Text.upper(letter) : Text.lower(letter));
            start = separator;
            i += size;
        }
        return out.toString();
    }

    private static Value trim(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "trim", 0, "chars");
        Optional<String> chars = b.some(0).map(v -> b.text(0));
        return like(value, Text.strip(read(in, value), StringMethods.characters(chars)));
    }

    private static Value replace(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "replace", 2, "old", "new", "count");
        long limit = b.some(2).isPresent() ? b.integer(2) : -1;
        return Str.of(
                StringMethods.replace(in, read(in, value), in.text(b.get(0)), in.text(b.get(1)), limit));
    }

    private static Value escape(Interpreter in, Value value) {
        return new Str(Text.escapeHtml(read(in, value)), true);
    }

    private static Value center(Interpreter in, Value value, Arguments a) {
        long width = a.bind(in, "center", 0, "width").integer(0, 80);
        return like(value, StringMethods.pad(in, read(in, value), width, " ", "center"));
    }

    private static Value indent(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "indent", 0, "width", "first", "blank");
        if (!(value instanceof Str)) throw in.error("indent: found " + in.describe(value) + ", expected a string");
        String indent;
        if (b.optional(0).isPresent() && b.get(0) instanceof Str s) {
            indent = s.text();
        } else {
            long width = Math.max(0, b.integer(0, 4));
            in.work(width);
            indent = " ".repeat((int) width);
        }
        List<String> lines = Text.lines(read(in, value) + "\n", false);
        in.work((long) lines.size() * indent.length());
        StringBuilder out = new StringBuilder(b.flag(1) ? indent : "");
        for (int i = 0; i < lines.size(); i++) {
            if (i > 0) out.append('\n');
            if (i > 0 && (b.flag(2) || !lines.get(i).isEmpty())) out.append(indent);
            out.append(lines.get(i));
        }
        return like(value, out.toString());
    }

    private static Value truncate(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "truncate", 0, "length", "killwords", "end", "leeway");
        if (!(value instanceof Str)) throw in.error("truncate: found " + in.describe(value) + ", expected a string");
        String text = read(in, value);
        String end = b.text(2, "...");
        long length = b.integer(0, 255);
        long leeway = b.some(3).isPresent() ? b.integer(3) : 5;
        int endLength = Text.length(end);
        if (length < endLength || leeway < 0)
            throw in.error("truncate: found length " + length + " and leeway " + leeway + ", expected at least "
                    + endLength + " and 0");
        if (Text.length(text) - leeway <= length) return like(value, text);
        String cut = Text.slice(text, 0, (int) (length - endLength), 1);
        if (!b.flag(1)) cut = Text.splitLast(cut, " ", 1).getFirst();
        return like(value, cut + end);
    }

    private static int wordCount(String text) {
        int count = 0;
        boolean inside = false;
        for (int c : text.codePoints().toArray()) {
            boolean letter = Character.isLetterOrDigit(c) || c == '_';
            if (letter && !inside) count++;
            inside = letter;
        }
        return count;
    }

    private static String urlEncode(Interpreter in, Value value) {
        List<Value> pairs =
                switch (value) {
                    case Dict d -> d.items();
                    case Sequence s -> in.items(s);
                    case Value.View v -> in.items(v);
                    case Stream s -> in.items(s);
                    default -> {
                        yield List.of();
                    }
                };
        if (pairs.isEmpty() && !(value instanceof Dict) && !(value instanceof Sequence))
            return percentEncode(read(in, value), "/", "%20");
        StringBuilder out = new StringBuilder();
        for (Value pair : pairs) {
            List<Value> parts = in.items(pair);
            if (parts.size() != 2) throw in.error("urlencode: found " + parts.size() + " values, expected pairs");
            if (!out.isEmpty()) out.append('&');
            out.append(percentEncode(read(in, parts.get(0)), "", "+"))
                    .append('=')
                    .append(percentEncode(read(in, parts.get(1)), "", "+"));
        }
        return out.toString();
    }

    private static String percentEncode(String text, String kept, String space) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (plain || "_.-~".indexOf(c) >= 0 || kept.indexOf(c) >= 0) out.append(c);
            else if (c == ' ') out.append(space);
            else out.append(String.format("%%%02X", (int) c));
        }
        return out.toString();
    }

    private static Value format(Interpreter in, Value value, Arguments a) {
        if (!a.positional().isEmpty() && !a.named().isEmpty())
            throw in.error("format: found positional and named arguments, expected one kind");
        Value values = new Tuple(a.positional());
        if (!a.named().isEmpty()) {
            Dict dict = Dict.empty();
            a.named().forEach(dict::put);
            values = dict;
        }
        return Format.percent(in, like(value, in.text(value)), values);
    }

    // Numbers

    private static Value integer(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "int", 0, "default", "base");
        Value otherwise = b.optional(0).orElse(new Int(0));
        int base = Math.clamp(b.integer(1, 10), -1, 37);
        if (value instanceof Undefined u) throw in.error(u.why());
        if (value instanceof Str s) {
            in.work(s.text().length());
            Optional<BigInteger> whole = parseInteger(s.text(), base);
            if (whole.isPresent()) return whole(in, new BigDecimal(whole.get()));
        }
        Optional<Double> number = number(value);
        if (number.isEmpty() || !Double.isFinite(number.get())) return otherwise;
        if (value instanceof Int i) return i;
        return whole(in, new BigDecimal(number.get()).setScale(0, RoundingMode.DOWN));
    }

    private static Value whole(Interpreter in, BigDecimal whole) {
        if (whole.toBigInteger().bitLength() > 63)
            throw in.error("int: found an integer beyond 64 bits, the largest this interpreter computes with");
        return new Int(whole.longValue());
    }

    private static Optional<BigInteger> parseInteger(String text, int base) {
        String digits = Text.strip(text, Text::isSpace);
        boolean negative = digits.startsWith("-");
        if (negative || digits.startsWith("+")) digits = digits.substring(1);
        int radix = base;
        if (digits.length() > 1 && digits.charAt(0) == '0') {
            int prefixed =
                    switch (Character.toLowerCase(digits.charAt(1))) {
                        case 'x' -> 16;
                        case 'o' -> 8;
                        case 'b' -> 2;
                        default -> 0;
                    };
            if (prefixed != 0 && (base == prefixed || base == 0)) {
                radix = prefixed;
                digits = digits.substring(2);
                if (digits.startsWith("_")) digits = digits.substring(1);
            }
        }
        if (radix == 0) radix = 10;
        if (radix < 2 || radix > 36 || digits.length() > 1000 || !grouped(digits, radix)) return Optional.empty();
        BigInteger value = new BigInteger(digits.replace("_", ""), radix);
        return Optional.of(negative ? value.negate() : value);
    }

    /** Whether the text is digits with single underscores between them. */
    private static boolean grouped(String digits, int radix) {
        boolean digit = false;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c == '_' ? !digit : Character.digit(c, radix) < 0) return false;
            digit = c != '_';
        }
        return digit;
    }

    private static Value real(Interpreter in, Value value, Arguments a) {
        Value otherwise = a.bind(in, "float", 0, "default").optional(0).orElse(new Real(0));
        if (value instanceof Undefined u) throw in.error(u.why());
        if (value instanceof Str s) in.work(s.text().length());
        return number(value).<Value>map(Real::new).orElse(otherwise);
    }

    /** What Python's float() makes of a value. */
    private static Optional<Double> number(Value value) {
        if (!(value instanceof Str s)) return Operators.number(value).map(Operators::real);
        String text = Text.lower(Text.strip(s.text(), Text::isSpace));
        String unsigned = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        double sign = text.startsWith("-") ? -1 : 1;
        if (unsigned.equals("inf") || unsigned.equals("infinity")) return Optional.of(sign / 0);
        if (unsigned.equals("nan")) return Optional.of(Double.NaN);
        if (text.length() > 1000 || !decimal(unsigned)) return Optional.empty();
        return Optional.of(Double.parseDouble(text.replace("_", "")));
    }

    private static boolean decimal(String text) {
        int mark = text.indexOf('e');
        String mantissa = mark < 0 ? text : text.substring(0, mark);
        if (mark >= 0) {
            String exponent = text.substring(mark + 1);
            if (exponent.startsWith("-") || exponent.startsWith("+")) exponent = exponent.substring(1);
            if (!grouped(exponent, 10)) return false;
        }
        int point = mantissa.indexOf('.');
        if (point < 0) return grouped(mantissa, 10);
        String whole = mantissa.substring(0, point);
        String part = mantissa.substring(point + 1);
        if (whole.isEmpty() && part.isEmpty()) return false;
        return (whole.isEmpty() || grouped(whole, 10)) && (part.isEmpty() || grouped(part, 10));
    }

    private static Value absolute(Interpreter in, Value value, Arguments a) {
        a.bind(in, "abs", 0);
        return switch (Operators.number(value).orElse(value)) {
            case Int i when i.value() < 0 -> Operators.sign(in, "-", i);
            case Int i -> i;
            case Real r -> new Real(Math.abs(r.value()));
            case Undefined u -> throw in.error(u.why());
            default -> throw in.error("abs: found " + in.describe(value) + ", expected a number");
        };
    }

    private static Value round(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "round", 0, "precision", "method");
        int precision = Math.clamp(b.integer(0, 0), -400, 400);
        String method = b.text(1, "common");
        Value number = Operators.number(value).orElse(value);
        double size;
        switch (number) {
            case Int i -> size = i.value();
            case Real r -> size = r.value();
            case Undefined u -> throw in.error(u.why());
            default -> throw in.error("round: found " + in.describe(value) + ", expected a number");
        }
        switch (method) {
            case "common" -> {
                if (number instanceof Int i && precision >= 0) return i;
                if (!Double.isFinite(size)) return number;
                BigDecimal rounded = new BigDecimal(size).setScale(precision, RoundingMode.HALF_EVEN);
                if (number instanceof Int) return whole(in, rounded);
                return new Real(Math.copySign(rounded.doubleValue(), size));
            }
            case "ceil", "floor" -> {
                double scale = Math.pow(10, precision);
                double scaled = method.equals("ceil") ? Math.ceil(size * scale) : Math.floor(size * scale);
                return new Real(scaled / scale);
            }
            default -> throw in.error("round: found the method '" + method + "', expected common, ceil or floor");
        }
    }

    // Choice

    private static Value otherwise(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "default", 0, "default_value", "boolean");
        boolean missing = value instanceof Undefined || b.flag(1) && !in.truth(value);
        return missing ? b.optional(0).orElse(Str.EMPTY) : value;
    }

    // Sequences

    private static Value length(Interpreter in, Value value, Arguments a) {
        a.bind(in, "length", 0);
        return new Int(
                switch (value) {
                    case Undefined u -> 0;
                    case Str s -> {
                        in.work(s.text().length());
                        yield Text.length(s.text());
                    }
                    case Sequence s -> s.size();
                    case Dict d -> d.entries().size();
                    case Value.View v -> v.items().size();
                    default -> throw in.error("length: found " + in.describe(value)
                            + ", expected a string, a list or a mapping");
                });
    }

    private static Value first(Interpreter in, Value value, Arguments a) {
        a.bind(in, "first", 0);
        if (value instanceof Stream stream) return stream.next().orElseGet(Filters::nothing);
        List<Value> items = in.items(value);
        return items.isEmpty() ? nothing() : items.getFirst();
    }

    private static Value last(Interpreter in, Value value, Arguments a) {
        a.bind(in, "last", 0);
        if (value instanceof Stream)
            throw in.error("last: found " + in.describe(value) + ", expected a list; the filter 'list' makes one");
        List<Value> items = in.items(value);
        return items.isEmpty() ? nothing() : items.getLast();
    }

    private static Value nothing() {
        return new Undefined("there is no item in an empty sequence");
    }

    private static Value reverse(Interpreter in, Value value, Arguments a) {
        a.bind(in, "reverse", 0);
        if (value instanceof Str s) {
            int length = Text.length(read(in, s));
            return like(s, length == 0 ? "" : Text.slice(s.text(), length - 1, length, -1));
        }
        List<Value> items = new ArrayList<>(in.items(value));
        Collections.reverse(items);
        return value instanceof Stream ? new Listing(items) : new Stream("list_reverseiterator", items);
    }

    private static Value join(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "join", 0, "d", "attribute");
        String separator = b.optional(0).map(in::text).orElse("");
        StringBuilder out = new StringBuilder();
        boolean first = true;
        for (Value item : in.items(value)) {
            String text = in.text(attribute(in, item, b.some(1)));
            in.work(separator.length() + text.length());
            if (!first) out.append(separator);
            out.append(text);
            first = false;
        }
        return Str.of(out.toString());
    }

    private static Value sum(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "sum", 0, "attribute", "start");
        Value sum = b.optional(1).orElse(new Int(0));
        if (sum instanceof Str) throw in.error("sum: found a string to start from, expected a number; see 'join'");
        for (Value item : in.items(value))
            sum = Operators.arithmetic(in, "+", sum, attribute(in, item, b.some(0)));
        return sum;
    }

    private static Value extreme(Interpreter in, Value value, Arguments a, String name, int sign) {
        Arguments.Bound b = a.bind(in, name, 0, "case_sensitive", "attribute");
        List<Value> items = in.items(value);
        if (items.isEmpty()) return nothing();
        Value best = items.getFirst();
        Value bestKey = folded(attribute(in, best, b.some(1)), b.flag(0));
        for (Value item : items.subList(1, items.size())) {
            Value key = folded(attribute(in, item, b.some(1)), b.flag(0));
            if (sign * Operators.order(in, key, bestKey) > 0) {
                best = item;
                bestKey = key;
            }
        }
        return best;
    }

    private static Value sort(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "sort", 0, "reverse", "case_sensitive", "attribute");
        List<Optional<Value>> attributes = new ArrayList<>();
        if (b.some(2).isPresent() && b.get(2) instanceof Str s)
            for (String part : Text.split(s.text(), ",", -1)) attributes.add(Optional.of(Str.of(part)));
        else attributes.add(b.some(2));
        return new Listing(sorted(in, in.items(value), b.flag(0), item -> {
            List<Value> key = new ArrayList<>();
            for (Optional<Value> attribute : attributes) key.add(folded(attribute(in, item, attribute), b.flag(1)));
            return new Tuple(key);
        }));
    }

    private static Value dictSort(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "dictsort", 0, "case_sensitive", "by", "reverse");
        if (!(value instanceof Dict dict))
            throw in.error("dictsort: found " + in.describe(value) + ", expected a mapping");
        String by = b.text(1, "key");
        if (!by.equals("key") && !by.equals("value"))
            throw in.error("dictsort: found '" + Text.abbreviate(by) + "' to sort by, expected 'key' or 'value'");
        in.work(80L * dict.entries().size());
        int part = by.equals("key") ? 0 : 1;
        return new Listing(
                sorted(in, dict.items(), b.flag(2), item -> folded(((Tuple) item).get(part), b.flag(0))));
    }

    private record Keyed(Value key, Value item) {}

    /** Sorts by what {@code key} makes of each item; equal items keep their order, in reverse order too. */
    private static List<Value> sorted(
            Interpreter in, List<Value> items, boolean reverse, UnaryOperator<Value> key) {
        List<Keyed> keyed = new ArrayList<>(items.size());
        for (Value item : items) keyed.add(new Keyed(key.apply(item), item));
        Comparator<Keyed> order = (a, b) -> Operators.order(in, a.key(), b.key());
        keyed.sort(reverse ? order.reversed() : order);
        List<Value> sorted = new ArrayList<>(items.size());
        for (Keyed item : keyed) sorted.add(item.item());
        return sorted;
    }

    private static Value unique(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "unique", 0, "case_sensitive", "attribute");
        Set<Value.Key> seen = new HashSet<>();
        List<Value> unique = new ArrayList<>();
        for (Value item : in.items(value))
            if (seen.add(in.key(folded(attribute(in, item, b.some(1)), b.flag(0))))) unique.add(item);
        return Stream.generator(unique);
    }

    private static Value groupBy(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "groupby", 1, "attribute", "default", "case_sensitive");
        UnaryOperator<Value> real = item -> {
            Value found = attribute(in, item, b.some(0));
            return found instanceof Undefined ? b.some(1).orElse(found) : found;
        };
        UnaryOperator<Value> key = item -> folded(real.apply(item), b.flag(2));
        List<Value> groups = new ArrayList<>();
        List<Value> group = new ArrayList<>();
        Optional<Value> last = Optional.empty();
        for (Value item : sorted(in, in.items(value), false, key)) {
            Value now = key.apply(item);
            if (last.isPresent() && !Operators.equal(in, last.get(), now)) {
                groups.add(group(real.apply(group.getFirst()), group));
                group = new ArrayList<>();
            }
            group.add(item);
            last = Optional.of(now);
        }
        if (last.isPresent()) groups.add(group(real.apply(group.getFirst()), group));
        return new Listing(groups);
    }

    private static Value group(Value key, List<Value> items) {
        return new Tuple(List.of(key, new Listing(items)), List.of("grouper", "list"));
    }

    private static Value batch(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "batch", 1, "linecount", "fill_with");
        long count = b.integer(0);
        List<Value> batches = new ArrayList<>();
        List<Value> batch = new ArrayList<>();
        for (Value item : in.items(value)) {
            if (batch.size() == count) {
                batches.add(new Listing(batch));
                batch = new ArrayList<>();
            }
            batch.add(item);
        }
        if (!batch.isEmpty()) {
            if (b.some(1).isPresent() && batch.size() < count) {
                in.work(8 * (count - batch.size()));
                while (batch.size() < count) batch.add(b.get(1));
            }
            batches.add(new Listing(batch));
        }
        return Stream.generator(batches);
    }

    private static Value slice(Interpreter in, Value value, Arguments a) {
        Arguments.Bound b = a.bind(in, "slice", 1, "slices", "fill_with");
        long slices = b.integer(0);
        if (slices == 0) throw in.error("slice: found 0 slices");
        List<Value> items = in.items(value);
        List<Value> parts = new ArrayList<>();
        int from = 0;
        if (slices > 0) in.work(slices);
        for (long i = 0; i < slices; i++) {
            boolean longer = i < items.size() % slices;
            int to = from + (int) (items.size() / slices) + (longer ? 1 : 0);
            List<Value> part = new ArrayList<>(items.subList(from, to));
            in.work(80);
            if (!longer && b.some(1).isPresent()) part.add(b.get(1));
            parts.add(new Listing(part));
            from = to;
        }
        return Stream.generator(parts);
    }

    private static Value items(Interpreter in, Value value, Arguments a) {
        a.bind(in, "items", 0);
        return switch (value) {
            case Undefined u -> Stream.generator(List.of());
            case Dict d -> {
                in.work(80L * d.entries().size());
                yield Stream.generator(d.items());
            }
            default -> throw in.error("items: found " + in.describe(value) + ", expected a mapping");
        };
    }

    private static Value map(Interpreter in, Value value, Arguments a) {
        List<Value> mapped = new ArrayList<>();
        if (a.positional().isEmpty() && a.named().containsKey("attribute")) {
            Arguments.Bound b = a.bind(in, "map", 1, "attribute", "default");
            for (Value item : iterate(in, value)) {
                Value found = attribute(in, item, b.some(0));
                mapped.add(found instanceof Undefined ? b.some(1).orElse(found) : found);
            }
            return Stream.generator(mapped);
        }
        if (a.positional().isEmpty() || !(a.positional().getFirst() instanceof Str name))
            throw in.error("map: expected the name of a filter, or attribute=...");
        for (Value item : iterate(in, value)) mapped.add(in.filter(name.text(), item, a.rest(1)));
        return Stream.generator(mapped);
    }

    private static Value select(Interpreter in, Value value, Arguments a, boolean byAttribute, boolean wanted) {
        int skip = byAttribute ? 1 : 0;
        String filter = (wanted ? "select" : "reject") + (byAttribute ? "attr" : "");
        if (a.positional().size() < skip) throw in.error(filter + ": expected the name of an attribute");
        Optional<Value> attribute = byAttribute ? Optional.of(a.positional().getFirst()) : Optional.empty();
        Optional<String> test = Optional.empty();
        if (a.positional().size() > skip) {
            if (!(a.positional().get(skip) instanceof Str name))
                throw in.error(filter + ": found " + in.describe(a.positional().get(skip))
                        + ", expected the name of a test");
            test = Optional.of(name.text());
        }
        Arguments rest = test.isPresent() ? a.rest(skip + 1) : Arguments.NONE;
        List<Value> selected = new ArrayList<>();
        for (Value item : iterate(in, value)) {
            Value tested = attribute(in, item, attribute);
            boolean holds = test.isPresent() ? in.test(test.get(), tested, rest) : in.truth(tested);
            if (holds == wanted) selected.add(item);
        }
        return Stream.generator(selected);
    }

    /** The items, none if the value counts as false. */
    private static List<Value> iterate(Interpreter in, Value value) {
        return in.truth(value) ? in.items(value) : List.of();
    }

    /** What a path of names and indices with dots between them leads to. */
    private static Value attribute(Interpreter in, Value item, Optional<Value> path) {
        if (path.isEmpty()) return item;
        if (!(path.get() instanceof Str names)) return Members.item(in, item, path.get());
        Value value = item;
        for (String name : Text.split(names.text(), ".", -1)) {
            in.work(1);
            boolean index = name.length() < 10 && Text.all(name, c -> c >= '0' && c <= '9');
            value = Members.item(in, value, index ? new Int(Integer.parseInt(name)) : Str.of(name));
        }
        return value;
    }

    private static Value folded(Value key, boolean caseSensitive) {
        return key instanceof Str s && !caseSensitive ? Str.of(Text.lower(s.text())) : key;
    }
}
