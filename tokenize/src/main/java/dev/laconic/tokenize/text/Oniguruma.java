package dev.laconic.tokenize.text;

import java.util.Locale;
import java.util.Set;

/** Rewrites a regular expression in Oniguruma's Ruby syntax into one that means the same to {@link java.util.regex}. */
final class Oniguruma {
    private static final Set<String> CATEGORIES = Set.of(
            "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe",
            "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co", "Cn", "LC");

    /**
     * What {@code \w} matches, as the inside of a class: six numbers of Latin-1 among it. The last letter makes
     * look-behind read surrogate pairs.
     */
    private static final String WORD = "\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}\u00B2\u00B3\u00B9\u00BC-\u00BE\uD800\uDC00";
    private static final String BOUNDARY =
            "(?:(?<=[" + WORD + "])(?![" + WORD + "])|(?<![" + WORD + "])(?=[" + WORD + "]))";

    private final String in;
    private final StringBuilder out = new StringBuilder();
    private int at;

    private Oniguruma(String in) {
        this.in = in;
    }

    static String toJava(String regex) {
        return new Oniguruma(regex).translate();
    }

    private String translate() {
        int classDepth = 0;
        int atom = 0;
        int group = 0;
        int[] groups = new int[in.length() + 1];
        while (at < in.length()) {
            char c = in.charAt(at);
            if (c == '\\') {
                if (classDepth == 0) atom = out.length();
                escape(classDepth > 0);
            } else if (classDepth > 0) {
                if (in.startsWith("[:", at) && in.indexOf(":]", at) > 0) {
                    posix();
                    continue;
                }
                if (c == '[') classDepth++;
                if (c == ']') classDepth--;
                out.append(c);
                at++;
                if (c == '[') bracket();
            } else if (c == '[') {
                atom = out.length();
                classDepth = 1;
                out.append(c);
                at++;
                bracket();
            } else if (c == '(') {
                groups[group++] = out.length();
                out.append(c);
                at++;
            } else if (c == ')') {
                if (group > 0) atom = groups[--group];
                out.append(c);
                at++;
            } else if (c == '{') {
                interval(atom);
            } else {
                if ("*+?|^$".indexOf(c) < 0) atom = out.length();
                out.append(c);
                at++;
            }
        }
        return out.toString();
    }

    /** Behind an opening bracket: a negation, and a closing bracket or hyphen that stands for itself. */
    private void bracket() {
        if (at < in.length() && in.charAt(at) == '^') {
            out.append('^');
            at++;
        }
        if (at < in.length() && in.charAt(at) == ']') {
            out.append("\\]");
            at++;
        }
    }

    /** {@code {n,m}}; a plus behind it repeats what it repeats, and is no sign of possession. */
    private void interval(int atom) {
        int end = in.indexOf('}', at);
        String body = end < 0 ? "" : in.substring(at + 1, end);
        if (!body.matches("\\d+|\\d+,|\\d+,\\d+|,\\d+")) {
            out.append("\\{");
            at++;
            return;
        }
        out.append('{').append(body.startsWith(",") ? "0" : "").append(body).append('}');
        at = end + 1;
        if (at < in.length() && in.charAt(at) == '+') {
            out.insert(atom, "(?:").append(")");
        }
    }

    private void escape(boolean inClass) {
        char c = at + 1 < in.length() ? in.charAt(at + 1) : '\\';
        switch (c) {
            case 'h' -> append("[0-9a-fA-F]", 2);
            case 'H' -> append("[^0-9a-fA-F]", 2);
            case 'w' -> append(inClass ? WORD : "[" + WORD + "]", 2);
            case 'W' -> append("[^" + WORD + "]", 2);
            case 'b' -> append(inClass ? "\\x08" : BOUNDARY, 2);
            case 'B' -> append("(?!" + BOUNDARY + ")", 2);
            case 'O' -> append("(?s:.)", 2);
            case 'p', 'P' -> property(c);
            default -> append(in.substring(at, Math.min(in.length(), at + 2)), 2);
        }
    }

    private void append(String java, int length) {
        out.append(java);
        at += length;
    }

    private void property(char letter) {
        if (at + 2 >= in.length() || in.charAt(at + 2) != '{') {
            append("\\" + letter, 2);
            return;
        }
        int end = in.indexOf('}', at);
        if (end < 0) {
            append("\\" + letter, 2);
            return;
        }
        String name = in.substring(at + 3, end);
        boolean negated = name.startsWith("^") != (letter == 'P');
        out.append(negated ? "\\P{" : "\\p{").append(javaName(name.replaceFirst("^\\^", ""))).append('}');
        at = end + 1;
    }

    private void posix() {
        int end = in.indexOf(":]", at);
        boolean negated = in.charAt(at + 2) == '^';
        String name = in.substring(at + (negated ? 3 : 2), end);
        if (name.equals("punct")) out.append(negated ? "[^\\p{P}\\p{S}]" : "\\p{P}\\p{S}");
        else if (name.equals("word")) out.append(negated ? "[^" + WORD + "]" : WORD);
        else out.append(negated ? "\\P{" : "\\p{").append(javaName(name)).append('}');
        at = end + 2;
    }

    private static String javaName(String name) {
        if (CATEGORIES.contains(name)) return name;
        return switch (name.toLowerCase(Locale.ROOT).replace("_", "").replace(" ", "").replace("-", "")) {
            case "alpha", "alphabetic" -> "IsAlphabetic";
            case "digit" -> "Nd";
            case "space", "whitespace" -> "IsWhite_Space";
            case "upper", "uppercase" -> "IsUppercase";
            case "lower", "lowercase" -> "IsLowercase";
            case "punct" -> "IsPunctuation";
            case "alnum" -> "Alnum";
            case "cntrl" -> "Cntrl";
            case "xdigit" -> "XDigit";
            case "blank" -> "Blank";
            case "graph" -> "Graph";
            case "print" -> "Print";
            case "ascii" -> "ASCII";
            case "letter" -> "L";
            case "mark" -> "M";
            case "number" -> "N";
            case "punctuation" -> "P";
            case "symbol" -> "S";
            case "separator" -> "Z";
            case "other" -> "C";
            default -> name.startsWith("Is") ? name : "Is" + name;
        };
    }
}
