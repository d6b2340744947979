package dev.laconic.train;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Texts spelt as corpora of tokenised text spell them, as the Penn Treebank and WikiText do: punctuation stands apart,
 * hyphens and the separators of numbers between {@code @}, and words that are hardly ever used are {@code <unk>}.
 */
final class Spaced {
    private static final Pattern WORD = Pattern.compile("\\p{L}+");
    private static final Pattern INSIDE_NUMBER = Pattern.compile("(?<=\\d)([.,])(?=\\d)");
    private static final Pattern INSIDE_WORD = Pattern.compile("(?<=[\\p{L}\\d])-(?=[\\p{L}\\d])");
    private static final Pattern CONTRACTED = Pattern.compile("(?<=[\\p{L}>])'(?=(?:s|re|ve|ll|d|m|t)\\b)");
    private static final Pattern PUNCTUATION = Pattern.compile("\\s*(?<!@)([.,;:!?\"()\\[\\]—–])(?!@)\\s*");
    private static final Pattern SPACES = Pattern.compile("[ \\t]+");
    private static final int RARE = 3;

    private Spaced() {}

    /** The texts in this form; words that all of them together use fewer than three times are unknown. */
    static List<String> of(List<String> texts) {
        Map<String, Integer> uses = new HashMap<>();
        for (String text : texts)
            WORD.matcher(text).results().map(MatchResult::group).forEach(word -> uses.merge(word, 1, Integer::sum));
        return texts.stream().map(text -> spaced(text, uses)).toList();
    }

    private static String spaced(String text, Map<String, Integer> uses) {
        StringBuilder all = new StringBuilder();
        for (String paragraph : text.split("\\n+")) {
            String line = paragraph.replace('“', '"').replace('”', '"').replace('’', '\'').replace('‘', '\'');
            line = WORD.matcher(line).replaceAll(word -> uses.getOrDefault(word.group(), RARE) < RARE ? "<unk>" : word.group());
            line = INSIDE_NUMBER.matcher(line).replaceAll(" @$1@ ");
            line = INSIDE_WORD.matcher(line).replaceAll(" @-@ ");
            line = CONTRACTED.matcher(line).replaceAll(" '");
            line = PUNCTUATION.matcher(line).replaceAll(" $1 ");
            line = SPACES.matcher(line).replaceAll(" ").strip();
            if (!line.isEmpty()) all.append(' ').append(line).append(" \n");
        }
        return all.toString();
    }
}
