package dev.laconic.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.testkit.Seeds;
import dev.laconic.tokenize.text.BoundedRegex;
import dev.laconic.tokenize.text.Gpt2Lexer;
import dev.laconic.tokenize.text.Patterns;
import dev.laconic.tokenize.text.Text;
import dev.laconic.tokenize.text.TextPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lexers written by hand cut where the regular expressions cut that they stand for. */
class LexersTest {
    private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS;

    @ParameterizedTest
    @ValueSource(
            strings = {
                Gpt2Lexer.REGEX,
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                        + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                        + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*"
                        + "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
                        + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}"
                        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
                "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
                        + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                        + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                        + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}"
                        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "\\p{N}",
                "\\p{N}+",
                "\\p{N}{1,3}",
                "[\\r\\n]",
                "\\s+$"
            })
    void lexersCutLikeTheirPatterns(String regex) {
        TextPattern lexer = Patterns.compile("test", "pattern", regex);
        assertThat(lexer).as("a lexer").isNotInstanceOf(BoundedRegex.class);
        TextPattern oracle = new BoundedRegex(Pattern.compile(regex, FLAGS));
        Seeds.check(400, random -> {
            Text text = new Text();
            text.set(Texts.random(random));
            assertThat(matches(lexer, text)).as(text.toString()).isEqualTo(matches(oracle, text));
        });
    }

    private static List<String> matches(TextPattern pattern, Text text) {
        List<String> matches = new ArrayList<>();
        for (int at = 0; at < text.length(); ) {
            long match = pattern.find(text.chars(), 0, text.length(), at);
            if (match == TextPattern.NONE) break;
            matches.add(text.string(TextPattern.start(match), TextPattern.end(match)));
            at = TextPattern.end(match);
        }
        return matches;
    }
}
