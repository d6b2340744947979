package dev.laconic.model.sample;

import dev.laconic.core.error.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds where the text of one sequence ends while it streams. Text that may still turn out to be the start of a stop
 * string is held back; of a stop string nothing is ever let through. What is let through does not depend on how the
 * text is cut into pieces: the first stop string to be complete ends the text, and of several complete at one place the
 * longest.
 */
public final class StopMatcher {
    private final int[] ids;
    private final List<Pattern> patterns = new ArrayList<>();
    private final StringBuilder held = new StringBuilder();
    private Optional<String> matched = Optional.empty();

    /** @throws UsageException if a stop string is empty */
    public StopMatcher(Set<Integer> ids, List<String> strings) {
        this.ids = new int[ids.size()];
        int i = 0;
        for (int id : ids) this.ids[i++] = id;
        Arrays.sort(this.ids);
        for (String string : new LinkedHashSet<>(strings)) patterns.add(new Pattern(string));
    }

    public StopMatcher(SamplerOptions options) {
        this(options.stopIds(), options.stopStrings());
    }

    /** Whether this token ends generation. */
    public boolean stopsAt(int token) {
        return Arrays.binarySearch(ids, token) >= 0;
    }

    /** Takes the next piece of text and returns what is now certain to belong to the answer; nothing after a stop. */
    public String push(String piece) {
        if (matched.isPresent()) return "";
        if (patterns.isEmpty()) return piece;
        int pending = 0;
        for (int i = 0; i < piece.length(); i++) {
            pending = 0;
            Pattern complete = null;
            for (Pattern pattern : patterns) {
                pattern.advance(piece.charAt(i));
                if (pattern.complete() && (complete == null || pattern.length() > complete.length()))
                    complete = pattern;
                pending = Math.max(pending, pattern.state);
            }
            if (complete != null) {
                matched = Optional.of(complete.text);
                held.append(piece, 0, i + 1);
                return release(complete.length(), true);
            }
        }
        if (piece.isEmpty()) return "";
        if (held.isEmpty() && pending == 0) return piece;
        held.append(piece);
        return release(pending, false);
    }

    /** Ends the text: returns what was held back and turned out to be no stop string. */
    public String finish() {
        return release(0, true);
    }

    /** The stop string that ended the text. */
    public Optional<String> matched() {
        return matched;
    }

    private String release(int keep, boolean forget) {
        int safe = held.length() - keep;
        String text = held.substring(0, safe);
        held.delete(0, forget ? held.length() : safe);
        return text;
    }

    /** One stop string and how much of it the text now ends with (Knuth, Morris and Pratt). */
    private static final class Pattern {
        private final String text;
        private final int[] fallback;
        private int state;

        Pattern(String text) {
            if (text.isEmpty()) throw new UsageException("stop string: found \"\", expected at least one character");
            this.text = text;
            this.fallback = new int[text.length() + 1];
            int border = 0;
            for (int i = 1; i < text.length(); i++) {
                while (border > 0 && text.charAt(i) != text.charAt(border)) border = fallback[border];
                if (text.charAt(i) == text.charAt(border)) border++;
                fallback[i + 1] = border;
            }
        }

        void advance(char c) {
            while (state > 0 && text.charAt(state) != c) state = fallback[state];
            if (text.charAt(state) == c) state++;
        }

        boolean complete() {
            return state == text.length();
        }

        int length() {
            return text.length();
        }
    }
}
