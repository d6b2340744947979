package dev.laconic.model.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;

/** Cuts a document into passages at ends of paragraphs, else of lines, of sentences, between words, or anywhere. */
public final class Passages {
    private static final List<Pattern> BREAKS = List.of(
            Pattern.compile("(?<=\\n\\n)(?!\\n)"),
            Pattern.compile("(?<=\\n)"),
            Pattern.compile("(?<=[.!?][\"”’)]{0,2})(?=\\s)"),
            Pattern.compile("(?=\\s)"));

    private final int most;
    private final ToIntFunction<String> counter;
    private final List<String> passages = new ArrayList<>();
    private final StringBuilder open = new StringBuilder();
    private int tokens;

    private Passages(int most, ToIntFunction<String> counter) {
        this.most = most;
        this.counter = counter;
    }

    /**
     * The passages, which are the document again when they are put together.
     *
     * @param most tokens of a passage, 1 or more; only a single character may have more
     * @param counter how many tokens a text has
     */
    public static List<String> of(String document, int most, ToIntFunction<String> counter) {
        Passages passages = new Passages(most, counter);
        passages.add(document, 0);
        passages.end();
        return passages.passages;
    }

    private void add(String text, int level) {
        int count = counter.applyAsInt(text);
        if (count > most && text.length() > 1) {
            if (level < BREAKS.size()) for (String part : BREAKS.get(level).split(text)) add(part, level + 1);
            else halve(text, level);
            return;
        }
        if (tokens + count > most) end();
        open.append(text);
        tokens += count;
    }

    private void halve(String text, int level) {
        int middle = text.offsetByCodePoints(0, Math.max(1, text.codePointCount(0, text.length()) / 2));
        if (middle == text.length()) {
            end();
            passages.add(text);
            return;
        }
        add(text.substring(0, middle), level);
        add(text.substring(middle), level);
    }

    private void end() {
        if (!open.isEmpty()) passages.add(open.toString());
        open.setLength(0);
        tokens = 0;
    }
}
