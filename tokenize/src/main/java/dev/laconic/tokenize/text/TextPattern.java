package dev.laconic.tokenize.text;

/** Finds matches in a stretch of text. */
public interface TextPattern {

    /** Where no match is left. */
    long NONE = -1;

    /**
     * The first match at or after {@code at} within {@code [from, to)}; nothing outside is seen, so anchors and
     * look-around take the stretch for the whole text. An empty match is possible.
     *
     * @return the match as {@link #span}, or {@link #NONE}
     */
    long find(char[] chars, int from, int to, int at);

    /** A copy for use by one thread; a pattern without state is its own. */
    default TextPattern working() {
        return this;
    }

    static long span(int start, int end) {
        return (long) start << 32 | end;
    }

    static int start(long span) {
        return (int) (span >>> 32);
    }

    static int end(long span) {
        return (int) span;
    }
}
