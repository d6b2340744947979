package dev.laconic.tokenize.text;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.tokenize.text.WordLexer.Contractions;
import dev.laconic.tokenize.text.WordLexer.Words;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Patterns that tokenizer files bring: known ones run as lexers, others as bounded regular expressions. */
public final class Patterns {
    private static final int LONGEST = 1 << 16;
    private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String PHRASE = "\\p{L}(?:[\\p{L}\\p{M}]| (?=\\p{L}))*";
    private static final Map<String, TextPattern> KNOWN = known();

    private Patterns() {}

    /**
     * The pattern that {@code regex}, in Oniguruma's syntax, describes.
     *
     * @param source the file, for error messages
     * @param field the place in it
     */
    public static TextPattern compile(String source, String field, String regex) {
        TextPattern known = KNOWN.get(canonical(regex));
        if (known != null) return known;
        if (regex.length() > LONGEST)
            throw new MalformedInputException(
                    source, field, "a pattern of " + regex.length() + " characters", "at most " + LONGEST);
        try {
            int flags = Pattern.MULTILINE | Pattern.UNIX_LINES | Pattern.UNICODE_CHARACTER_CLASS;
            return new BoundedRegex(Pattern.compile(Oniguruma.toJava(regex), flags));
        } catch (PatternSyntaxException | StackOverflowError e) {
            throw new MalformedInputException(
                    source, field, "the pattern " + regex + " (" + e.getMessage() + ")", "a regular expression");
        }
    }

    /** One spelling for patterns that differ in spelling only, as far as the known ones go. */
    private static String canonical(String regex) {
        return regex.replace("\r", "\\r")
                .replace("\n", "\\n")
                .replace("'(?i:[sdmt]|ll|ve|re)", CONTRACTIONS)
                .replace("?+", "?")
                .replace("++", "+")
                .replace("*+", "*")
                .replace("{1,3}+", "{1,3}")
                .replace("\\s*[\\r\\n]|", "\\s*[\\r\\n]+|")
                .replace("\\p{N}{1}|", "\\p{N}|")
                .replace(" ?[^\\s\\p{L}\\p{N}\\r\\n]+|", " ?[^\\s\\p{L}\\p{N}]+|")
                .replace("(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+", PHRASE);
    }

    private static Map<String, TextPattern> known() {
        Map<String, TextPattern> known = new HashMap<>();
        known.put(Gpt2Lexer.REGEX, new Gpt2Lexer());
        known.put("\\p{N}", Lexers.DIGIT);
        known.put("\\p{N}+", Lexers.DIGITS);
        known.put("\\p{N}{1,3}", Lexers.DIGITS_BY_THREE);
        known.put("[\\r\\n]", Lexers.LINE_END);
        known.put("\\s+$", Lexers.TRAILING_SPACE);
        for (int digits : new int[] {1, 3, Integer.MAX_VALUE}) {
            for (String after : new String[] {"", "\\r\\n", "\\r\\n/"}) {
                for (boolean contractions : new boolean[] {false, true}) {
                    put(known, contractions, Words.LETTERS, digits, after);
                    put(known, contractions, Words.LETTERS_AND_MARKS, digits, after);
                    put(known, contractions, Words.CASED, digits, after);
                    put(known, contractions, Words.PHRASES, digits, after);
                }
            }
        }
        return known;
    }

    private static void put(Map<String, TextPattern> known, boolean contractions, Words words, int digits, String after) {
        put(known, contractions, words, digits, after, Integer.MAX_VALUE);
        if (!after.isEmpty()) put(known, contractions, words, digits, after, 1);
    }

    private static void put(
            Map<String, TextPattern> known,
            boolean contractions,
            Words words,
            int digits,
            String after,
            int maxAfter) {
        String quote = contractions ? CONTRACTIONS : "";
        String number = digits == 1 ? "\\p{N}" : digits == 3 ? "\\p{N}{1,3}" : "\\p{N}+";
        String lead = "[^\\r\\n\\p{L}\\p{N}]?";
        String upper = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
        String lower = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
        String tail = contractions ? quote + "?" : "";
        String word =
                switch (words) {
                    case LETTERS -> lead + "\\p{L}+";
                    case PHRASES -> lead + PHRASE;
                    case LETTERS_AND_MARKS -> lead + "[\\p{L}\\p{M}]+";
                    default -> lead + upper + "*" + lower + "+" + tail + "|" + lead + upper + "+" + lower + "*" + tail;
                };
        boolean cased = words == Words.CASED;
        String first = contractions && !cased ? quote + "|" : "";
        String other = words == Words.LETTERS_AND_MARKS ? " ?[^\\s\\p{L}\\p{M}\\p{N}]+" : " ?[^\\s\\p{L}\\p{N}]+";
        String regex = first + word + "|" + number + "|" + other + (after.isEmpty() ? "" : "[" + after + (maxAfter == 1 ? "]?" : "]*"))
                + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        String taken = after.replace("\\r", "\r").replace("\\n", "\n");
        known.put(
                regex,
                new WordLexer(
                        contractions ? Contractions.FOLDED : Contractions.NONE,
                        cased,
                        words,
                        digits,
                        taken,
                        maxAfter));
    }
}
