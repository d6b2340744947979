package dev.laconic.model.template;

import dev.laconic.model.template.Value.Bool;
import dev.laconic.model.template.Value.Int;
import dev.laconic.model.template.Value.Real;
import dev.laconic.model.template.Value.Str;
import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Python's ways to put values into text: the percent operator, str.format and strftime. */
final class Format {
    /** The widest field and the finest precision a format may ask for. */
    private static final int MAX_WIDTH = 10_000;

    private static final int MAX_PRECISION = 400;

    private Format() {}

    // "..." % values

    static Value percent(Interpreter in, Str format, Value values) {
        Percent percent = new Percent(in, format, values);
        return new Str(percent.run(), format.safe());
    }

    private static final class Percent {
        private final Interpreter in;
        private final Str format;
        private final Value values;
        private final List<Value> sequence;
        private final StringBuilder out = new StringBuilder();
        private int at;
        private int used;

        Percent(Interpreter in, Str format, Value values) {
            this.in = in;
            this.format = format;
            this.values = values;
            this.sequence = values instanceof Value.Tuple tuple ? tuple.items() : List.of(values);
        }

        String run() {
            String text = format.text();
            in.work(text.length());
            boolean named = false;
            while (at < text.length()) {
                char c = text.charAt(at++);
                if (c != '%') {
                    out.append(c);
                    continue;
                }
                Optional<String> key = key(text);
                named |= key.isPresent();
                conversion(text, key);
            }
            boolean container =
                    switch (values) {
                        case Value.Dict d -> true;
                        case Value.Listing l -> true;
                        case Value.Range r -> true;
                        case Value.Undefined u -> true;
                        default -> false;
                    };
            if (used < sequence.size() && !named && !container)
                throw in.error("'%': found " + sequence.size() + " values for " + used + " places in the format");
            return out.toString();
        }

        private Optional<String> key(String text) {
            if (at >= text.length() || text.charAt(at) != '(') return Optional.empty();
            int end = text.indexOf(')', at);
            if (end < 0) throw in.error("'%': found '%(' without ')'");
            String key = text.substring(at + 1, end);
            at = end + 1;
            return Optional.of(key);
        }

        private void conversion(String text, Optional<String> key) {
            int start = at;
            while (at < text.length() && "#0- +".indexOf(text.charAt(at)) >= 0) at++;
            String flags = text.substring(start, at);
            int width = count(text, 0, MAX_WIDTH);
            int precision = -1;
            if (at < text.length() && text.charAt(at) == '.') {
                at++;
                precision = count(text, 0, MAX_PRECISION);
            }
            while (at < text.length() && "hlL".indexOf(text.charAt(at)) >= 0) at++;
            if (at >= text.length()) throw in.error("'%': found a format that ends inside a conversion");
            char type = text.charAt(at++);
            if (type == '%') {
                out.append('%');
                return;
            }
            convert(type, flags, width, precision, key.isPresent() ? lookUp(key.get()) : next());
        }

        private int count(String text, int otherwise, int most) {
            if (at < text.length() && text.charAt(at) == '*') {
                at++;
                if (next() instanceof Int i && i.value() >= 0 && i.value() <= most) return (int) i.value();
                throw in.error("'%': expected an integer from 0 to " + most + " for '*'");
            }
            int start = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') at++;
            return start == at ? otherwise : limited(in, "'%'", text.substring(start, at), most);
        }

        private Value lookUp(String key) {
            if (!(values instanceof Value.Dict dict)) throw in.error("'%': expected a mapping for '%(" + key + ")'");
            return dict.get(key).orElseThrow(() -> in.error("'%': found no value for '" + key + "'"));
        }

        private Value next() {
            if (used >= sequence.size()) throw in.error("'%': found too few values for the format");
            return sequence.get(used++);
        }

        private void convert(char type, String flags, int width, int precision, Value value) {
            String body;
            String sign = "";
            switch (type) {
                case 's', 'r', 'a' -> {
                    body = type == 's' ? in.text(value) : Printer.literal(in, value);
                    if (precision >= 0) body = Text.slice(body, 0, Math.min(precision, Text.length(body)), 1);
                    if (format.safe() && !(value instanceof Str s && s.safe())) body = Text.escapeHtml(body);
                }
                case 'c' ->
                    body = value instanceof Int i && Character.isValidCodePoint((int) i.value())
                            ? Character.toString((int) i.value())
                            : in.text(value);
                case 'd', 'i', 'u', 'o', 'x', 'X' -> {
                    long number = integer(value, type);
                    sign = sign(number < 0, flags);
                    body = digits(number, type);
                    if (precision > body.length()) body = "0".repeat(precision - body.length()) + body;
                    if (flags.contains("#") && "oxX".indexOf(type) >= 0) sign += "0" + type;
                }
                case 'e', 'E', 'f', 'F', 'g', 'G' -> {
                    double number = Operators.number(value)
                            .map(Operators::real)
                            .orElseThrow(() -> in.error("'%" + type + "': found " + in.describe(value)
                                    + ", expected a number"));
                    sign = sign(number < 0 || 1 / number < 0, flags);
                    body = real(Math.abs(number), type, precision < 0 ? 6 : precision, flags.contains("#"));
                }
                default -> throw in.error("'%': found the unknown conversion '" + type + "'");
            }
            boolean number = "sracq".indexOf(type) < 0;
            pad(body, sign, width, flags.contains("-") ? '<' : number && flags.contains("0") ? '=' : '>', '0');
        }

        private void pad(String body, String sign, int width, char align, char zero) {
            int missing = Math.max(0, width - Text.length(body) - sign.length());
            in.work(body.length() + missing);
            String fill = (align == '=' ? "" + zero : " ").repeat(missing);
            switch (align) {
                case '<' -> out.append(sign).append(body).append(fill);
                case '=' -> out.append(sign).append(fill).append(body);
                default -> out.append(fill).append(sign).append(body);
            }
        }

        private long integer(Value value, char type) {
            Value number = Operators.number(value).orElse(value);
            if (number instanceof Int i) return i.value();
            if (number instanceof Real r && "diu".indexOf(type) >= 0 && Math.abs(r.value()) < 0x1p63)
                return (long) r.value();
            throw in.error("'%" + type + "': found " + in.describe(value) + ", expected an integer");
        }

        private static String sign(boolean negative, String flags) {
            return negative ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
        }
    }

    // "...".format(values)

    static Value braces(Interpreter in, Str format, Arguments arguments) {
        Braces braces = new Braces(in, format, arguments);
        return new Str(braces.run(format.text(), 0), format.safe());
    }

    private static final class Braces {
        private final Interpreter in;
        private final Str format;
        private final Arguments arguments;
        private int next;
        private boolean numbered;

        Braces(Interpreter in, Str format, Arguments arguments) {
            this.in = in;
            this.format = format;
            this.arguments = arguments;
        }

        String run(String text, int depth) {
            if (depth > 1) throw in.error("format: found places nested more than two deep");
            in.work(text.length());
            StringBuilder out = new StringBuilder();
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                boolean doubled = i + 1 < text.length() && text.charAt(i + 1) == c;
                if ((c == '{' || c == '}') && doubled && depth == 0) {
                    out.append(c);
                    i++;
                } else if (c == '}') {
                    throw in.error("format: found '}' that nothing opened");
                } else if (c == '{') {
                    int end = closing(text, i);
                    String field = field(text.substring(i + 1, end), depth);
                    in.work(field.length());
                    out.append(field);
                    i = end;
                } else {
                    out.append(c);
                }
            }
            return out.toString();
        }

        private int closing(String text, int open) {
            int depth = 0;
            for (int i = open; i < text.length(); i++) {
                if (text.charAt(i) == '{') depth++;
                if (text.charAt(i) == '}' && --depth == 0) return i;
            }
            throw in.error("format: found '{' without '}'");
        }

        private String field(String field, int depth) {
            int nameEnd = 0;
            boolean brackets = false;
            while (nameEnd < field.length()) {
                char c = field.charAt(nameEnd);
                if (c == '[') brackets = true;
                if (c == ']') brackets = false;
                if (!brackets && (c == '!' || c == ':')) break;
                nameEnd++;
            }
            Value value = value(field.substring(0, nameEnd));
            String rest = field.substring(nameEnd);
            if (rest.startsWith("!")) {
                if (rest.length() < 2 || rest.length() > 2 && rest.charAt(2) != ':')
                    throw in.error("format: found '" + Text.abbreviate(rest) + "', expected !s or !r and a colon");
                value = switch (rest.charAt(1)) {
                    case 's' -> Str.of(in.text(value));
                    case 'r', 'a' -> Str.of(Printer.literal(in, value));
                    default -> throw in.error("format: found the unknown conversion '!" + rest.charAt(1) + "'");
                };
                rest = rest.substring(2);
            }
            String spec = rest.isEmpty() ? "" : run(rest.substring(1), depth + 1);
            String text = spec(in, value, spec);
            boolean escaped = format.safe() && !(value instanceof Str s && s.safe());
            return escaped ? Text.escapeHtml(text) : text;
        }

        private Value value(String name) {
            int end = 0;
            while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') end++;
            Value value = argument(name.substring(0, end));
            while (end < name.length()) {
                boolean item = name.charAt(end) == '[';
                int start = end + 1;
                end = start;
                while (end < name.length() && (item ? name.charAt(end) != ']' : ".[".indexOf(name.charAt(end)) < 0))
                    end++;
                String part = name.substring(start, end);
                if (part.isEmpty() || item && end == name.length())
                    throw in.error("format: found the field '" + Text.abbreviate(name) + "', expected a name");
                if (item) end++;
                value = item ? Members.item(in, value, index(part)) : Members.attribute(in, value, part);
            }
            return value;
        }

        private Value index(String part) {
            boolean number = Text.all(part, c -> c >= '0' && c <= '9');
            return number ? new Int(limited(in, "format", part, 1_000_000)) : Str.of(part);
        }

        private Value argument(String name) {
            boolean automatic = name.isEmpty();
            if (!automatic && !Text.all(name, c -> c >= '0' && c <= '9')) {
                Value value = arguments.named().get(name);
                if (value == null) throw in.error("format: found no value for '" + Text.abbreviate(name) + "'");
                return value;
            }
            if (automatic ? numbered : next > 0)
                throw in.error("format: found numbered and unnumbered places in one format");
            numbered = !automatic;
            int index = automatic ? next++ : limited(in, "format", name, 1_000_000);
            if (index >= arguments.positional().size())
                throw in.error("format: found no value for place " + index);
            return arguments.positional().get(index);
        }
    }

    /** Formats one value by a specification [[fill]align][sign][#][0][width][grouping][.precision][type]. */
    static String spec(Interpreter in, Value value, String spec) {
        if (spec.isEmpty()) return in.text(value);
        Spec parsed = new Spec(in, spec);
        return switch (Operators.number(value).filter(number -> !(value instanceof Bool)).orElse(value)) {
            case Int i -> parsed.integer(i.value());
            case Real r -> parsed.real(r.value());
            case Bool b -> "".indexOf(parsed.type) >= 0 ? parsed.text(in.text(b)) : parsed.integer(b.value() ? 1 : 0);
            case Str s -> parsed.text(s.text());
            default ->
                throw in.error("format: found " + in.describe(value) + " with the specification '"
                        + Text.abbreviate(spec) + "', expected a string or a number");
        };
    }

    private static final class Spec {
        private final Interpreter in;
        private String fill = " ";
        private char align;
        private String sign = "-";
        private boolean alternate;
        private int width;
        private String grouping = "";
        private int precision = -1;
        private char type;

        Spec(Interpreter in, String spec) {
            this.in = in;
            int at = 0;
            int first = Character.charCount(spec.codePointAt(0));
            if (spec.length() > first && "<>^=".indexOf(spec.charAt(first)) >= 0) {
                fill = spec.substring(0, first);
                align = spec.charAt(first);
                at = first + 1;
            } else if ("<>^=".indexOf(spec.charAt(0)) >= 0) {
                align = spec.charAt(at++);
            }
            if (at < spec.length() && "+- ".indexOf(spec.charAt(at)) >= 0) sign = spec.substring(at, ++at);
            if (at < spec.length() && spec.charAt(at) == '#') {
                alternate = true;
                at++;
            }
            if (at < spec.length() && spec.charAt(at) == '0') {
                if (align == 0) {
                    fill = "0";
                    align = '=';
                }
                at++;
            }
            int start = at;
            while (at < spec.length() && Character.digit(spec.charAt(at), 10) >= 0) at++;
            if (at > start) width = limited(in, "format", spec.substring(start, at), MAX_WIDTH);
            if (at < spec.length() && ",_".indexOf(spec.charAt(at)) >= 0) grouping = spec.substring(at, ++at);
            if (at < spec.length() && spec.charAt(at) == '.') {
                start = ++at;
                while (at < spec.length() && Character.digit(spec.charAt(at), 10) >= 0) at++;
                precision = limited(in, "format", spec.substring(start, at), MAX_PRECISION);
            }
            if (at < spec.length()) type = spec.charAt(at++);
            if (at < spec.length())
                throw in.error("format: found the specification '" + Text.abbreviate(spec)
                        + "', expected fill, align, sign, width, precision and type");
        }

        String text(String text) {
            if (type != 0 && type != 's' || align == '=' && !fill.equals("0"))
                throw in.error("format: found the type '" + type + "' or the alignment '" + align + "' for a string");
            String cut = precision < 0 ? text : Text.slice(text, 0, Math.min(precision, Text.length(text)), 1);
            return pad("", cut, align == 0 || align == '=' ? '<' : align);
        }

        String integer(long value) {
            return switch (type) {
                case 0, 'd', 'n', 'b', 'o', 'x', 'X' -> {
                    if (precision >= 0) throw in.error("format: found a precision for an integer");
                    String prefix = alternate && "boxX".indexOf(type) >= 0 ? "0" + type : "";
                    String digits = digits(value, type == 0 || type == 'n' ? 'd' : type);
                    yield number(value < 0, prefix, digits, "");
                }
                case 'c' -> {
                    if (value < 0 || value > Character.MAX_CODE_POINT)
                        throw in.error("format: found " + value + ", expected a character's number");
                    yield pad("", Character.toString((int) value), align == 0 ? '<' : align);
                }
                default -> real(value);
            };
        }

        String real(double value) {
            boolean negative = value < 0 || 1 / value < 0;
            double size = Math.abs(value);
            String text =
                    switch (type) {
                        case 0 ->
                            precision < 0 ? Numbers.text(size) : plain(size);
                        case 'e', 'E', 'f', 'F', 'g', 'G' ->
                            Format.real(size, type, precision < 0 ? 6 : precision, alternate);
                        case 'n' -> Format.real(size, 'g', precision < 0 ? 6 : precision, alternate);
                        case '%' -> Format.real(size * 100, 'f', precision < 0 ? 6 : precision, alternate) + "%";
                        default -> throw in.error("format: found the unknown type '" + type + "' for a number");
                    };
            int whole = 0;
            while (whole < text.length() && Character.digit(text.charAt(whole), 10) >= 0) whole++;
            return number(negative, "", text.substring(0, whole), text.substring(whole));
        }

        /** As %g, but with a digit after the point. */
        private String plain(double size) {
            String text = Format.real(size, 'g', precision, false);
            boolean whole = text.chars().allMatch(c -> c >= '0' && c <= '9');
            return whole ? text + ".0" : text;
        }

        private String number(boolean negative, String prefix, String digits, String rest) {
            String mark = (negative ? "-" : sign.equals("-") ? "" : sign) + prefix;
            String grouped = group(digits);
            return pad(mark, grouped + rest, align == 0 ? '>' : align);
        }

        private String group(String digits) {
            if (grouping.isEmpty()) return digits;
            int size = "boxX".indexOf(type) >= 0 && type != 0 ? 4 : 3;
            StringBuilder grouped = new StringBuilder();
            for (int i = 0; i < digits.length(); i++) {
                if (i > 0 && (digits.length() - i) % size == 0) grouped.append(grouping);
                grouped.append(digits.charAt(i));
            }
            return grouped.toString();
        }

        private String pad(String mark, String body, char side) {
            int missing = Math.max(0, width - Text.length(body) - mark.length());
            in.work(missing);
            return switch (side) {
                case '<' -> mark + body + fill.repeat(missing);
                case '^' -> fill.repeat(missing / 2) + mark + body + fill.repeat(missing - missing / 2);
                case '=' -> mark + fill.repeat(missing) + body;
                default -> fill.repeat(missing) + mark + body;
            };
        }
    }

    private static String digits(long value, char type) {
        String digits =
                switch (type) {
                    case 'b' -> Long.toString(value, 2);
                    case 'o' -> Long.toString(value, 8);
                    case 'x', 'X' -> Long.toString(value, 16);
                    default -> Long.toString(value);
                };
        String size = digits.startsWith("-") ? digits.substring(1) : digits;
        return type == 'X' ? size.toUpperCase(Locale.ROOT) : size;
    }

    private static String real(double size, char type, int precision, boolean keepZeros) {
        String text;
        if (Double.isNaN(size)) text = "nan";
        else if (Double.isInfinite(size)) text = "inf";
        else
            text = switch (type) {
                case 'e', 'E' -> Numbers.exponential(size, precision);
                case 'f', 'F' -> Numbers.fixed(size, precision);
                default -> Numbers.general(size, precision, keepZeros);
            };
        return Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text;
    }

    private static int limited(Interpreter in, String what, String digits, int most) {
        if (digits.isEmpty()) return 0;
        if (digits.length() < 10 && Integer.parseInt(digits) <= most) return Integer.parseInt(digits);
        throw in.error(what + ": found the number " + Text.abbreviate(digits) + ", expected at most " + most);
    }

    // strftime

    /** The time of the rendering, in the C locale. */
    static String time(Interpreter in, String format) {
        ZonedDateTime now = in.now();
        in.work(format.length() * 8L);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char code = format.charAt(++i);
            char padding = 0;
            if ((code == '-' || code == '_' || code == '0') && i + 1 < format.length()) {
                padding = code;
                code = format.charAt(++i);
            }
            String field = field(now, code);
            if (padding == '-') field = field.replaceFirst("^[0 ]+(?=\\d)", "");
            if (padding == '_') field = spaced(field);
            out.append(field);
        }
        return out.toString();
    }

    private static String spaced(String field) {
        int zeros = 0;
        while (zeros + 1 < field.length() && field.charAt(zeros) == '0') zeros++;
        return " ".repeat(zeros) + field.substring(zeros);
    }

    private static String field(ZonedDateTime t, char code) {
        int weekday = t.getDayOfWeek().getValue();
        return switch (code) {
            case 'a' -> t.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'A' -> t.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' -> t.getMonth().name().charAt(0) + Text.lower(t.getMonth().name().substring(1, 3));
            case 'B' -> t.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'c' -> String.join(
                    " ", field(t, 'a'), field(t, 'b'), field(t, 'e'), field(t, 'T'), field(t, 'Y'));
            case 'C' -> padded(t.getYear() / 100, 2);
            case 'd' -> padded(t.getDayOfMonth(), 2);
            case 'D', 'x' -> field(t, 'm') + "/" + field(t, 'd') + "/" + field(t, 'y');
            case 'e' -> spaced(padded(t.getDayOfMonth(), 2));
            case 'f' -> padded(t.get(ChronoField.MICRO_OF_SECOND), 6);
            case 'F' -> field(t, 'Y') + "-" + field(t, 'm') + "-" + field(t, 'd');
            case 'G' -> String.valueOf(t.get(IsoFields.WEEK_BASED_YEAR));
            case 'H' -> padded(t.getHour(), 2);
            case 'I' -> padded((t.getHour() + 11) % 12 + 1, 2);
            case 'j' -> padded(t.getDayOfYear(), 3);
            case 'm' -> padded(t.getMonthValue(), 2);
            case 'M' -> padded(t.getMinute(), 2);
            case 'n' -> "\n";
            case 'p' -> t.getHour() < 12 ? "AM" : "PM";
            case 'r' -> field(t, 'I') + ":" + field(t, 'M') + ":" + field(t, 'S') + " " + field(t, 'p');
            case 'R' -> field(t, 'H') + ":" + field(t, 'M');
            case 's' -> String.valueOf(t.toEpochSecond());
            case 'S' -> padded(t.getSecond(), 2);
            case 't' -> "\t";
            case 'T', 'X' -> field(t, 'R') + ":" + field(t, 'S');
            case 'u' -> String.valueOf(weekday);
            case 'U' -> padded((t.getDayOfYear() + 6 - weekday % 7) / 7, 2);
            case 'V' -> padded(t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2);
            case 'w' -> String.valueOf(weekday % 7);
            case 'W' -> padded((t.getDayOfYear() + 6 - (weekday + 6) % 7) / 7, 2);
            case 'y' -> padded(t.getYear() % 100, 2);
            case 'Y' -> String.valueOf(t.getYear());
            // A time without zone, as Python's datetime.now() is, has neither offset nor zone name.
            case 'z', 'Z' -> "";
            case '%' -> "%";
            default -> "%" + code;
        };
    }

    private static String padded(int value, int width) {
        String digits = String.valueOf(value);
        return "0".repeat(Math.max(0, width - digits.length())) + digits;
    }
}
