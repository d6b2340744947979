package dev.laconic.tokenize.text;

/** Cuts pieces at the matches of a pattern. */
public final class Split {
    private Split() {}

    /** What becomes of a match. */
    public enum Behaviour {
        REMOVED,
        ISOLATED,
        MERGED_WITH_PREVIOUS,
        MERGED_WITH_NEXT,
        CONTIGUOUS
    }

    /** Matches and what lies between them become pieces of their own. */
    public static PreTokenizer isolated(TextPattern pattern) {
        return next -> isolated(pattern.working(), next);
    }

    private static PieceSink isolated(TextPattern pattern, PieceSink next) {
        return (text, from, to) -> {
            char[] chars = text.chars();
            int done = from;
            int at = from;
            while (at <= to) {
                long match = pattern.find(chars, from, to, at);
                if (match == TextPattern.NONE) break;
                int start = TextPattern.start(match);
                int end = TextPattern.end(match);
                if (start > done) next.piece(text, done, start);
                if (end > start) next.piece(text, start, end);
                done = end;
                at = end > start ? end : end < to ? end + CharClass.width(chars, end, to) : to + 1;
            }
            if (done < to) next.piece(text, done, to);
        };
    }
}
