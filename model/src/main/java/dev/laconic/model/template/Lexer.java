package dev.laconic.model.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cuts template source into tokens. Whitespace follows Jinja with trim_blocks and lstrip_blocks: the newline after a
 * tag or comment and the blanks between the start of a line and a tag or comment go, {@code -} removes all whitespace
 * on its side, {@code +} keeps it, and one newline at the end of the source goes.
 */
final class Lexer {
    private final String name;
    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private boolean atLineStart = true;

    private Lexer(String name, String source) {
        this.name = name;
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    }

    static List<Token> tokens(String name, String source) {
        Lexer lexer = new Lexer(name, source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (at < source.length()) {
            int tag = nextTag();
            if (tag < 0) {
                text(source.substring(at));
                advance(source.length());
                break;
            }
            char kind = source.charAt(tag + 1);
            int inside = tag + 2;
            char sign = inside < source.length() ? source.charAt(inside) : ' ';
            if (sign == '-' || sign == '+') inside++;
            text(beforeTag(source.substring(at, tag), sign, kind == '{'));
            advance(tag);
            int raw = kind == '%' ? rawTag(inside, "raw", false) : -1;
            if (kind == '#') {
                comment(inside);
            } else if (raw >= 0) {
                raw(raw);
            } else {
                add(kind == '{' ? Token.Type.PRINT_BEGIN : Token.Type.TAG_BEGIN, source.substring(tag, tag + 2));
                advance(inside);
                expression(kind == '{');
            }
        }
        add(Token.Type.END, "");
    }

    /** Where the next tag, print or comment opens, or -1. */
    private int nextTag() {
        int brace = source.indexOf('{', at);
        while (brace >= 0 && brace + 1 < source.length()) {
            char next = source.charAt(brace + 1);
            if (next == '{' || next == '%' || next == '#') return brace;
            brace = source.indexOf('{', brace + 1);
        }
        return -1;
    }

    private String beforeTag(String text, char sign, boolean print) {
        if (sign == '-') return Text.stripEnd(text);
        if (sign == '+' || print) return text;
        int lineStart = text.lastIndexOf('\n') + 1;
        if (lineStart == 0 && !atLineStart) return text;
        for (int i = lineStart; i < text.length(); i++) if (!Text.isSpace(text.charAt(i))) return text;
        return text.substring(0, lineStart);
    }

    private void comment(int from) {
        int end = source.indexOf("#}", from);
        if (end < 0) throw error("found a comment without an end, expected '#}'");
        char sign = end > from ? source.charAt(end - 1) : ' ';
        close(end + 2, sign, true);
    }

    /** Skips what the end of a tag takes with it. */
    private void close(int end, char sign, boolean trimNewline) {
        if (sign == '-') while (end < source.length() && Text.isSpace(source.charAt(end))) end++;
        else if (sign != '+' && trimNewline && end < source.length() && source.charAt(end) == '\n') end++;
        advance(end);
        atLineStart = source.charAt(end - 1) == '\n';
    }

    /**
     * Where the tag that holds only {@code word} ends, given where it starts inside, or -1 if this is no such tag.
     *
     * @param plus whether the end may be written with a plus sign
     */
    private int rawTag(int inside, String word, boolean plus) {
        int i = skipSpace(inside);
        if (!source.startsWith(word, i)) return -1;
        i = skipSpace(i + word.length());
        if (i < source.length() && (source.charAt(i) == '-' || plus && source.charAt(i) == '+')) i++;
        return source.startsWith("%}", i) ? i + 2 : -1;
    }

    private int skipSpace(int i) {
        while (i < source.length() && Text.isSpace(source.charAt(i))) i++;
        return i;
    }

    private void raw(int start) {
        close(start, source.charAt(start - 3), false);
        for (int tag = source.indexOf("{%", at); tag >= 0; tag = source.indexOf("{%", tag + 1)) {
            int inside = tag + 2;
            char sign = inside < source.length() ? source.charAt(inside) : ' ';
            if (sign == '-' || sign == '+') inside++;
            int end = rawTag(inside, "endraw", true);
            if (end < 0) continue;
            text(beforeTag(source.substring(at, tag), sign, false));
            close(end, source.charAt(end - 3), true);
            return;
        }
        throw error("found a raw block without an end, expected '{% endraw %}'");
    }

    /** Reads the tokens up to and including the end of a print or tag. */
    private void expression(boolean print) {
        Deque<Character> open = new ArrayDeque<>();
        while (true) {
            advance(skipSpace(at));
            if (at >= source.length())
                throw error("found the end of the template, expected " + (print ? "'}}'" : "'%}'"));
            if (open.isEmpty() && end(print)) return;
            char c = source.charAt(at);
            if (c == '"' || c == '\'') string(c);
            else if (c >= '0' && c <= '9') number();
            else if (Character.isUnicodeIdentifierStart(source.codePointAt(at)) || c == '_') name();
            else operator(open);
        }
    }

    private boolean end(boolean print) {
        String mark = print ? "}}" : "%}";
        char sign = source.charAt(at);
        boolean signed = sign == '-' || sign == '+' && !print;
        int from = signed ? at + 1 : at;
        if (!source.startsWith(mark, from)) return false;
        add(print ? Token.Type.PRINT_END : Token.Type.TAG_END, mark);
        close(from + 2, signed ? sign : ' ', !print);
        return true;
    }

    private void name() {
        int end = at;
        while (end < source.length()) {
            int c = source.codePointAt(end);
            if (!Character.isUnicodeIdentifierPart(c) || Character.isIdentifierIgnorable(c)) break;
            end += Character.charCount(c);
        }
        take(Token.Type.NAME, end);
    }

    private void operator(Deque<Character> open) {
        for (String symbol : List.of("//", "**", "==", "!=", ">=", "<=")) {
            if (source.startsWith(symbol, at)) {
                take(Token.Type.OPERATOR, at + 2);
                return;
            }
        }
        char c = source.charAt(at);
        if ("+-/*%~[](){}<>=.:|,;".indexOf(c) < 0)
            throw error("found the character '" + Character.toString(source.codePointAt(at))
                    + "', expected a name, a literal or an operator");
        if (c == '(') open.push(')');
        else if (c == '[') open.push(']');
        else if (c == '{') open.push('}');
        else if (c == ')' || c == ']' || c == '}') {
            if (open.isEmpty()) throw error("found '" + c + "' that nothing opened");
            char expected = open.pop();
            if (c != expected) throw error("found '" + c + "', expected '" + expected + "'");
        }
        take(Token.Type.OPERATOR, at + 1);
    }

    private void number() {
        int end = at;
        if (source.charAt(at) == '0' && at + 2 < source.length()) {
            int radix =
                    switch (source.charAt(at + 1)) {
                        case 'x', 'X' -> 16;
                        case 'o', 'O' -> 8;
                        case 'b', 'B' -> 2;
                        default -> 0;
                    };
            if (radix > 0) {
                end = digits(at + 2, radix);
                if (end > at + 2) {
                    take(Token.Type.INTEGER, end);
                    return;
                }
            }
        }
        end = digits(at, 10);
        boolean real = false;
        boolean afterDot = at > 0 && source.charAt(at - 1) == '.';
        if (!afterDot) {
            if (end < source.length() && source.charAt(end) == '.' && digits(end + 1, 10) > end + 1) {
                end = digits(end + 1, 10);
                real = true;
            }
            if (end < source.length() && (source.charAt(end) == 'e' || source.charAt(end) == 'E')) {
                int exponent = end + 1;
                if (exponent < source.length() && "+-".indexOf(source.charAt(exponent)) >= 0) exponent++;
                if (digits(exponent, 10) > exponent) {
                    end = digits(exponent, 10);
                    real = true;
                }
            }
        }
        take(real ? Token.Type.FLOAT : Token.Type.INTEGER, end);
    }

    /** The end of the digits, single underscores between them, that start here. */
    private int digits(int from, int radix) {
        int end = from;
        for (int i = from; i < source.length(); i++) {
            char c = source.charAt(i);
            if (c < 128 && Character.digit(c, radix) >= 0) end = i + 1;
            else if (c != '_' || end != i || i == from) break;
        }
        return end;
    }

    private void string(char quote) {
        StringBuilder value = new StringBuilder();
        int i = at + 1;
        while (i < source.length() && source.charAt(i) != quote) {
            if (source.charAt(i) == '\\' && i + 1 < source.length()) i = escape(i + 1, value);
            else value.append(source.charAt(i++));
        }
        if (i >= source.length()) throw error("found a string without an end, expected " + quote);
        add(Token.Type.STRING, value.toString());
        advance(i + 1);
    }

    /** Appends what the escape means whose letter is at {@code i}, and returns where it ends. */
    private int escape(int i, StringBuilder value) {
        char c = source.charAt(i);
        switch (c) {
            case '\n' -> {}
            case '\\', '\'', '"' -> value.append(c);
            case 'a' -> value.append('\u0007');
            case 'b' -> value.append('\b');
            case 'f' -> value.append('\f');
            case 'n' -> value.append('\n');
            case 'r' -> value.append('\r');
            case 't' -> value.append('\t');
            case 'v' -> value.append('\u000b');
            case 'x' -> {
                return hex(i + 1, 2, value);
            }
            case 'u' -> {
                return hex(i + 1, 4, value);
            }
            case 'U' -> {
                return hex(i + 1, 8, value);
            }
            case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                int end = i;
                int code = 0;
                while (end < i + 3 && end < source.length() && Character.digit(source.charAt(end), 8) >= 0)
                    code = code * 8 + Character.digit(source.charAt(end++), 8);
                value.append((char) code);
                return end;
            }
            default -> value.append('\\').append(c);
        }
        return i + 1;
    }

    private int hex(int from, int digits, StringBuilder value) {
        int code = 0;
        for (int i = from; i < from + digits; i++) {
            int digit = i < source.length() ? Character.digit(source.charAt(i), 16) : -1;
            if (digit < 0) throw error("found an escape with fewer than its " + digits + " hexadecimal digits");
            code = code << 4 | digit;
        }
        if (!Character.isValidCodePoint(code)) throw error("found an escape for a character above U+10FFFF");
        value.appendCodePoint(code);
        return from + digits;
    }

    private void text(String text) {
        if (!text.isEmpty()) add(Token.Type.TEXT, text);
    }

    private void take(Token.Type type, int end) {
        add(type, source.substring(at, end));
        advance(end);
    }

    private void add(Token.Type type, String text) {
        tokens.add(new Token(type, text, line));
    }

    private void advance(int to) {
        for (; at < to; at++) if (source.charAt(at) == '\n') line++;
        atLineStart = false;
    }

    private TemplateException error(String problem) {
        return new TemplateException(name, line, problem);
    }
}
